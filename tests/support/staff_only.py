"""Addresses for staff alone: everybody else is refused before anything
is looked up (tests/test_staff_wall.py).
"""

from typing import Any
from uuid import uuid4

from tests.support.addresses import Address, every_address

# All of Email Bison: its API, and the pages of the agency.
PLACES = ("/api/bison/", "/functions/v1/", "/client-management/")
# What of it auditors read.
LOGS = {
    "api_bison_calls",
    "api_bison_webhook_events",
    "dashboard:workspace_calls",
    "dashboard:workspace_call",
    "dashboard:workspace_events",
    "dashboard:workspace_event",
}


def addresses() -> list[Address]:
    """Return every address that is for staff alone."""
    return [address for address in every_address() if address.path.startswith(PLACES)]


def filled(address: Address) -> str:
    """Return the address of something that does not exist."""
    values: dict[str, Any] = {
        name: "nobody" if name == "slug" else uuid4() for name in address.parameters
    }
    return address.fill(**values)


STAFF = {address.name for address in addresses()}
