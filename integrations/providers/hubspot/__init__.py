"""HubSpot: contacts of an account, by a grant of OAuth or a pasted key.

names    key, host, versions, scopes     answers  what refusals mean
client   pace, access                    fields   what can be mapped everywhere
reading  lists and searches              writing  batches, never twice
probes   the steps of a test             webhooks what the app is told
provider the declaration
"""

from integrations.providers.hubspot.provider import PROVIDER

__all__ = ["PROVIDER"]
