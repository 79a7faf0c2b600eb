"""How many workspaces are well, and how calls went: what the API,
the pages and the home page show.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Count, Q
from django.db.models.functions import Now

from bison import naming
from bison.client import VENDOR
from bison.models import Workspace
from bison.models.instances import Health
from core import outgoing

# Without an active key of its own a workspace's state is the shared key's.
HAS_OWN_KEY: Final = (
    Q(bison_api_key__isnull=False, bison_api_key_status=Workspace.KeyStatus.ACTIVE)
    & ~Q(bison_api_key_type=Workspace.KeyType.SUPER_ADMIN)
    & (Q(bison_api_key_expires_at=None) | Q(bison_api_key_expires_at__gt=Now()))
)


def summary() -> dict[str, Any]:
    """Return how many workspaces there are, and of each state how many,
    with their share in percent.

    `by_shared_key`: those of which the state is what the instance's shared key says,
    as they have none of their own.
    """
    workspaces = Workspace.objects.filter(gone_at=None)
    counted = {state: Count("pk", filter=Q(api_health_status=state)) for state in Health.values}
    numbers = workspaces.aggregate(
        total=Count("pk"),
        by_shared_key=Count("pk", filter=~HAS_OWN_KEY & Q(requires_workspace_key=False)),
        **counted,
    )
    return {
        "total": numbers["total"],
        **shares({state: numbers[state] for state in Health.values}, numbers["total"]),
        **shares({"by_shared_key": numbers["by_shared_key"]}, numbers["total"]),
    }


def shares(counts: Mapping[str, int], total: int) -> dict[str, dict[str, float]]:
    """Return each count with its share. A hundred is only what is all of them."""
    return {
        name: {"count": count, "percent": count * 1000 // total / 10 if total else 0.0}
        for name, count in counts.items()
    }


def series(hours: int, workspace: str = "") -> list[outgoing.Hour]:
    """Return how the calls of a workspace went, or of all, hour by hour, the oldest first."""
    return outgoing.by_hour(VENDOR, hours, workspace=naming.by_name(workspace))


def last_day(workspace: str = "") -> outgoing.Hour:
    """Return how the calls of the last 24 hours went."""
    return outgoing.last_day(VENDOR, workspace=naming.by_name(workspace))
