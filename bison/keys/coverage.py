"""How many workspaces have a key of their own, by instance, and which have none."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Q
from django.utils import timezone

from bison.models import Instance, Workspace

TOTAL: Final = "TOTAL"


@dataclass(frozen=True, slots=True)
class Covered:
    """One instance, or all of them. Workspaces that the vendor lists no more are not counted."""

    instance: str
    total: int
    with_key: int

    @property
    def without_key(self) -> int:
        return self.total - self.with_key

    @property
    def coverage_percent(self) -> int:
        """Round to whole percent; of no workspaces nothing is uncovered."""
        if not self.total:
            return 100
        return round(100 * self.with_key / self.total)


def has_own_key(prefix: str = "") -> Q:
    """Return the condition that a workspace is called with a key of its own."""
    usable = Q(**{f"{prefix}bison_api_key__isnull": False})
    usable &= Q(**{f"{prefix}bison_api_key_status": Workspace.KeyStatus.ACTIVE})
    ends = f"{prefix}bison_api_key_expires_at"
    return usable & (Q(**{f"{ends}__isnull": True}) | Q(**{f"{ends}__gt": timezone.now()}))


def coverage() -> list[Covered]:
    """Return a row for each instance, and one for all, in one query."""
    listed = Q(workspaces__isnull=False, workspaces__gone_at=None)
    found = Instance.objects.order_by("name", "pk").annotate(
        total=Count("workspaces", filter=listed),
        with_key=Count("workspaces", filter=listed & has_own_key("workspaces__")),
    )
    rows = [Covered(each.slug, each.total, each.with_key) for each in found]
    return [
        *rows,
        Covered(TOTAL, sum(row.total for row in rows), sum(row.with_key for row in rows)),
    ]
