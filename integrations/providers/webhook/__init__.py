"""Webhook: our events out, to an address of the customer's own.
What is sent and how: `integrations.events`.
"""

from integrations.providers.webhook.provider import PROVIDER

__all__ = ["PROVIDER"]
