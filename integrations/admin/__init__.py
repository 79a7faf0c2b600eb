"""Integrations in the management portal."""

from integrations.admin import (  # noqa: F401  they register themselves
    contacts,
    events,
    grants,
    helpdesk,
    integrations,
)
