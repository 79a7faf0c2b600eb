"""Where the addresses of integrations and incidents stand in the wall
between organizations (test_tenant_wall).
"""

from collections.abc import Callable
from typing import Any

from tests.support import incident_walls
from tests.support import integration_page_walls as pages

# Lists cut at the wall, and what speaks of the person who asks.
OWN = {
    *pages.OWN,
    *incident_walls.OWN,
    "api_integrations",
    "api_integrations_create",
    "api_integrations_test",
    "api_integrations_providers",
    "api_integrations_templates",
    "api_webhook_events",
    "api_integrations_oauth_start",
    "api_integrations_oauth_callback",
    "api_integrations_analytics",
    "api_integrations_recommendations",
    "api_helpdesk_agents",
    "api_helpdesk_inboxes",
    "api_helpdesk_create_agent",
    "api_helpdesk_assign_agent",
    "api_demos",
    "api_widget_script",
}
# One of an organization's, with its parameters.
THINGS: dict[str, Callable[[Any], dict[str, Any]]] = {
    **pages.THINGS,
    **incident_walls.THINGS,
    "api_integration": lambda other: {"integration_id": other.integration.pk},
    "api_integration_activate": lambda other: {"integration_id": other.integration.pk},
    "api_integration_deactivate": lambda other: {"integration_id": other.integration.pk},
    "api_integration_transfer": lambda other: {"integration_id": other.integration.pk},
    "api_integration_test": lambda other: {"integration_id": other.integration.pk},
    "api_integration_reconnect": lambda other: {"integration_id": other.integration.pk},
    "api_integration_disconnect": lambda other: {"integration_id": other.integration.pk},
    "api_demo": lambda other: {"demo_id": other.demo.pk},
    "api_integration_logs": lambda other: {"integration_id": other.integration.pk},
    "api_integration_sample": lambda other: {"integration_id": other.delivery.integration_id},
    "api_integration_deliveries": lambda other: {"integration_id": other.delivery.integration_id},
    "api_integration_replay": lambda other: {
        "integration_id": other.delivery.integration_id,
        "delivery_id": other.delivery.pk,
    },
    "api_integration_recover": lambda other: {"integration_id": other.delivery.integration_id},
    "api_integration_rotate_secret": lambda other: {
        "integration_id": other.delivery.integration_id
    },
    "api_integration_sync": lambda other: {"integration_id": other.conflict.integration_id},
    "api_integration_mapping": lambda other: {"integration_id": other.conflict.integration_id},
    "api_integration_conflicts": lambda other: {"integration_id": other.conflict.integration_id},
    "api_integration_conflict_resolve": lambda other: {
        "integration_id": other.conflict.integration_id,
        "conflict_id": other.conflict.pk,
    },
}
# What is there to be done and not to be looked at: how it shows to its own people that it is there.
DONE_ONLY: dict[str, tuple[str, int]] = {
    **pages.DONE_ONLY,
    **incident_walls.DONE_ONLY,
    "api_integration_transfer": ("POST", 400),
    "api_integration_sample": ("POST", 400),
    "api_integration_recover": ("POST", 400),
    "api_integration_reconnect": ("POST", 400),  # nobody signs in there
    "api_integration_disconnect": ("POST", 200),
    "api_integration_conflict_resolve": ("POST", 400),
}
# An ADMIN sees the incidents of every organization.
NO_WALL_FOR_ADMIN = incident_walls.NO_WALL_FOR_ADMIN
