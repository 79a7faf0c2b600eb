"""Chatwoot 4.15 as it answers: `/chatwoot/api/v1/accounts/…`, keyed by api_access_token,
and its website widget.

vendor         the stand-in, its switches, what a test asks for
world          what an installation has
people         profile, account, agents, members of inboxes
inboxes        inboxes and bots
contacts       contacts, searched and filtered
hooks          webhooks, made and delivered
platform       users with a password, by a platform app's token
widget         sdk.js, which shows a bubble
conversations  opened by a bot
callers        who asks, and what they may
refusals       the bodies of section 2

Deliveries are signed and tried once. Switches lose them, break the n-th write,
or lose its answer only.
"""

from sandbox.vendors.chatwoot.vendor import Chatwoot

__all__ = ["Chatwoot"]
