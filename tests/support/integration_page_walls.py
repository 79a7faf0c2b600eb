"""Where the pages of integrations stand in the wall
between organizations (tests/test_tenant_wall.py).
"""

from collections.abc import Callable
from typing import Any

# Lists cut at the wall, and what speaks of the person who asks.
OWN = {
    "dashboard:integrations",
    "dashboard:integration_analytics",
    "dashboard:integration_new",
    "dashboard:integration_try_new",
    "dashboard:integration_sign_in",
    "dashboard:integration_steps",
    "dashboard:helpdesk",
    "dashboard:helpdesk_assign",
    "dashboard:demos",
}
# Of these there is one for each integration.
PAGES = (
    "integration",
    "integration_logs",
    "integration_history",
    "integration_try",
    "integration_test",
    "integration_waiting",
    "integration_switch",
    "integration_settings",
    "integration_transfer",
    "integration_reconnect",
    "integration_disconnect",
    "integration_delete",
)


def of_the_other(other: Any) -> dict[str, Any]:
    """Return the parameter that names the other organization's integration."""
    return {"integration_id": other.integration.pk}


CONTACTS = ("integration_contacts", "integration_contacts_live", "integration_sync")
DELIVERIES = (
    "integration_deliveries",
    "integration_sample",
    "integration_replay",
    "integration_recover",
    "integration_rotate",
)


def contacts_of_the_other(other: Any) -> dict[str, Any]:
    """Return the parameter that names the other organization's integration with contacts."""
    return {"integration_id": other.conflict.integration_id}


def endpoint_of_the_other(other: Any) -> dict[str, Any]:
    """Return the parameter that names the other organization's endpoint."""
    return {"integration_id": other.delivery.integration_id}


THINGS: dict[str, Callable[[Any], dict[str, Any]]] = {
    **{f"dashboard:{name}": of_the_other for name in PAGES},
    **{f"dashboard:{name}": contacts_of_the_other for name in CONTACTS},
    **{f"dashboard:{name}": endpoint_of_the_other for name in DELIVERIES},
    "dashboard:integration_conflict": lambda other: {
        "integration_id": other.conflict.integration_id,
        "conflict_id": other.conflict.pk,
    },
    "dashboard:integration_contact": lambda other: {
        "integration_id": other.conflict.integration_id,
        "link_id": other.conflict.link_id,
    },
    "dashboard:integration_delivery": lambda other: {
        "integration_id": other.delivery.integration_id,
        "delivery_id": other.delivery.pk,
    },
    "dashboard:widget": lambda other: {"demo_id": other.demo.pk},
    "dashboard:widget_preview": lambda other: {"demo_id": other.demo.pk},
    "dashboard:demo_delete": lambda other: {"demo_id": other.demo.pk},
}
# What is there to be done and not to be looked at; nobody signs in at the toybox.
DONE_ONLY: dict[str, tuple[str, int]] = {
    "dashboard:integration_reconnect": ("POST", 404),
    "dashboard:integration_conflict": ("POST", 400),
}
