"""Integrations in the management portal."""

from integrations.admin import grants, integrations  # noqa: F401  they register themselves
