"""Chatwoot: conversations, agents, website inboxes, contacts.

provider  what is declared             probes    the steps of a test
client    calls, and what is read      answers   what refusals mean
contacts  listed and written           webhooks  events that come in
"""

from integrations.providers.chatwoot.provider import PROVIDER

__all__ = ["PROVIDER"]
