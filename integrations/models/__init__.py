"""What is connected, and what Koppel keeps of it."""

from integrations.models.integrations import Integration

__all__ = ["Integration"]
