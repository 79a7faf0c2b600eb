"""Where the addresses of incidents stand in the wall
between organizations (tests/test_tenant_wall.py).
"""

from collections.abc import Callable
from typing import Any

# Lists cut at the wall, and what speaks of the person who asks.
OWN = {
    "api_incidents",
    "api_maintenance",
    "api_maintenance_sources",
    "api_notifications",
    "dashboard:incidents",
    "dashboard:uptime",
    "dashboard:maintenance",
    "dashboard:plan_maintenance",
    "dashboard:notifications",
}


def incident_of_the_other(other: Any) -> dict[str, Any]:
    """Return the parameter that names the other organization's incident."""
    return {"incident_id": other.incident.pk}


def window_of_the_other(other: Any) -> dict[str, Any]:
    """Return the parameter that names the other organization's maintenance window."""
    return {"window_id": other.window.pk}


# One of an organization's, with its parameters.
THINGS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "api_incident": incident_of_the_other,
    "api_incident_acknowledge": incident_of_the_other,
    "api_incident_snooze": incident_of_the_other,
    "api_maintenance_window": window_of_the_other,
    "dashboard:incident": incident_of_the_other,
    "dashboard:acknowledge_incident": incident_of_the_other,
    "dashboard:snooze_incident": incident_of_the_other,
    "dashboard:maintenance_window": window_of_the_other,
    "dashboard:end_maintenance": window_of_the_other,
}
# An ADMIN sees the incidents of every organization.
NO_WALL_FOR_ADMIN = {
    "api_incidents",
    "api_maintenance",
    "api_maintenance_sources",
    "dashboard:plan_maintenance",
    *THINGS,
}
# What is there to be done and not to be looked at: how it shows to its own people that it is there.
DONE_ONLY: dict[str, tuple[str, int]] = {
    "api_incident_acknowledge": ("POST", 200),
    "api_incident_snooze": ("POST", 400),
    "dashboard:acknowledge_incident": ("POST", 302),
    "dashboard:snooze_incident": ("POST", 302),
    "dashboard:end_maintenance": ("POST", 302),
}
