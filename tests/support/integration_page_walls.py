"""Where the pages of integrations stand in the wall between organizations (tests/test_tenant_wall.py)."""

from collections.abc import Callable
from typing import Any

# Lists cut at the wall, and what speaks of the person who asks.
OWN = {
    "dashboard:integrations",
    "dashboard:integration_new",
    "dashboard:integration_try_new",
    "dashboard:integration_sign_in",
    "dashboard:integration_steps",
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


THINGS: dict[str, Callable[[Any], dict[str, Any]]] = {f"dashboard:{name}": of_the_other for name in PAGES}
# What is there to be done and not to be looked at; nobody signs in at the toybox.
DONE_ONLY: dict[str, tuple[str, int]] = {"dashboard:integration_reconnect": ("POST", 404)}
