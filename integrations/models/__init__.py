"""What is connected, and what Koppel keeps of it."""

from integrations.models.helpdesk import ChatwootWebhook, Demo, HelpdeskAgent
from integrations.models.integrations import Integration
from integrations.models.oauth import OAuthGrant, OAuthState

__all__ = ["ChatwootWebhook", "Demo", "HelpdeskAgent", "Integration", "OAuthGrant", "OAuthState"]
