"""Fathom in the management portal."""

from fathom_sync.admin import accounts, assignments, meetings  # noqa: F401  they register themselves
