"""The pages of helpdesks at Chatwoot.

desk    which Chatwoot a page is about      forms   what is entered
agents  agents, and who answers where       demos   demos, and the widget that each is tried with
"""
