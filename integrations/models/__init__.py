"""What is connected, and what Koppel keeps of it."""

from integrations.models.contacts import ContactConflict, ContactLink, ContactSettings
from integrations.models.events import Delivery, Event, EventEndpoint
from integrations.models.integrations import Integration
from integrations.models.oauth import OAuthGrant, OAuthState
from integrations.models.pipedrive import PipedriveWebhook

__all__ = [
    "ContactConflict",
    "ContactLink",
    "ContactSettings",
    "Delivery",
    "Event",
    "EventEndpoint",
    "Integration",
    "OAuthGrant",
    "OAuthState",
    "PipedriveWebhook",
]
