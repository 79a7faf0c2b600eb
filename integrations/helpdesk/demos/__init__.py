"""Demos: a website inbox with a bot in it, to try a chat on a website.

wishing  asked for, found again, listed    making    step by step, each looked for before it is made
removing taken away at the vendor          bots      what the bot of a demo does: it calls people
"""

from integrations.helpdesk.demos.making import KIND
from integrations.helpdesk.demos.removing import remove
from integrations.helpdesk.demos.wishing import Asked, ask, demos_for

__all__ = ["KIND", "Asked", "ask", "demos_for", "remove"]
