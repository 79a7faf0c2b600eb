"""What is connected, and what Koppel keeps of it."""

from integrations.models.events import Delivery, Event, EventEndpoint
from integrations.models.integrations import Integration
from integrations.models.oauth import OAuthGrant, OAuthState

__all__ = ["Delivery", "Event", "EventEndpoint", "Integration", "OAuthGrant", "OAuthState"]
