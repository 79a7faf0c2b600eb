"""What is connected, and what Koppel keeps of it."""

from integrations.models.events import Delivery, Event, EventEndpoint
from integrations.models.integrations import Integration

__all__ = ["Delivery", "Event", "EventEndpoint", "Integration"]
