"""Demos: a website inbox with a bot in it, to try a chat on a website.

wishing  asked for, found again            making    step by step, each looked for before it is made
removing taken away at the vendor          bots      what the bot of a demo does: it calls people
showing  listed, and how each of them is
"""

from integrations.helpdesk.demos.making import KIND
from integrations.helpdesk.demos.removing import remove
from integrations.helpdesk.demos.showing import demos_for, error_of, state_of
from integrations.helpdesk.demos.wishing import Asked, ask

__all__ = ["KIND", "Asked", "ask", "demos_for", "error_of", "remove", "state_of"]
