"""What is connected, and what Koppel keeps of it."""

from integrations.models.contacts import ContactConflict, ContactLink, ContactSettings
from integrations.models.events import Delivery, Event, EventEndpoint
from integrations.models.helpdesk import ChatwootWebhook, Demo, HelpdeskAgent
from integrations.models.integrations import Integration
from integrations.models.oauth import OAuthGrant, OAuthState
from integrations.models.pipedrive import PipedriveWebhook

__all__ = [
    "ChatwootWebhook",
    "ContactConflict",
    "ContactLink",
    "ContactSettings",
    "Delivery",
    "Demo",
    "Event",
    "EventEndpoint",
    "HelpdeskAgent",
    "Integration",
    "OAuthGrant",
    "OAuthState",
    "PipedriveWebhook",
]
