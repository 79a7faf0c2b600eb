"""The pages and the API of sources, and of what is given to reps,
at the tenant wall (tests/test_tenant_wall.py).
"""

from collections.abc import Callable
from typing import Any

OWN = {
    "dashboard:fathom_ledger",
    "dashboard:fathom_waiting",
    "dashboard:sources",
    "dashboard:source",
    "dashboard:source_fathom_days",
    "dashboard:source_fathom_records",
    "dashboard:source_fathom_queue",
    "dashboard:source_fathom_assign",
    "dashboard:source_fathom_trying",
    "api_fathom_assignments",
    "api_sources",
}
THINGS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "dashboard:source_fathom_undo": lambda other: {"assignment_id": other.assignment.pk},
    "api_fathom_undo": lambda other: {"assignment_id": other.assignment.pk},
}
NO_WALL_FOR_ADMIN = {
    "dashboard:source_fathom_undo",
    "api_fathom_undo",
    "api_fathom_assignments",
    "api_sources",
}
DONE_ONLY = {"dashboard:source_fathom_undo": ("POST", 302), "api_fathom_undo": ("POST", 200)}
