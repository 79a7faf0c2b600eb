"""Email Bison on the admin's home page: how many workspaces are healthy,
and how many have a key of their own.
"""

from typing import Any

from bison import access, health
from bison.keys import coverage
from bison.models import Workspace
from core.admin import home
from core.words.pills import pill

STATES = ("failing", "degraded", "unknown", "healthy")


def look() -> dict[str, Any]:
    """Return what the card shows, each number from one query."""
    summary = health.summary()
    return {
        "total": summary["total"],
        "health": [
            {"state": state, "pill": pill(state), "count": summary[state]["count"]}
            for state in STATES
        ],
        "coverage": coverage.coverage(),
        "total_row": coverage.TOTAL,
        "drifted": Workspace.objects.filter(gone_at=None, webhook_drift__isnull=False).count(),
    }


home.add(home.Card("admin/bison/card.html", access.SEE, look))
