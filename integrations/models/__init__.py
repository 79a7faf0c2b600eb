"""What is connected, and what Koppel keeps of it."""

from integrations.models.integrations import Integration
from integrations.models.oauth import OAuthGrant, OAuthState

__all__ = ["Integration", "OAuthGrant", "OAuthState"]
