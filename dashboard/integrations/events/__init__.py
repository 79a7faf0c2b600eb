"""The tab of an endpoint's deliveries: what was sent to it, again, since a moment,
and with which secret.

page  what it shows      views  the page, and what its buttons do
"""
