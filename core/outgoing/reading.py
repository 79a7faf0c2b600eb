"""Single calls: by workspace, status, time and words, the newest first."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet

from core.ids import time_of
from core.models import ApiCall
from core.outgoing.naming import Name, bearing
from core.postgres import partitions

# `success` is in those of failures, so that their index serves.
STATUSES: Final[dict[str, dict[str, Any]]] = {
    "success": {"success": True},
    "failed": {"success": False},
    "neutral": {"success": None, "status_code__isnull": False},
    "held": {"success": None, "status_code__isnull": True},
}
# How a call ended, as answers of the API name it.
ENDS: Final = (("succeeded", "succeeded"), ("neutral", "neutral"), ("failed", "failed"))
SOUGHT_IN: Final = ("endpoint", "error_message", "function_name", "workspace_name")
# Words are looked for in so much where nobody says since when: each row of it is read.
SOUGHT_BACK: Final = timedelta(days=7)
_UUID_LENGTH: Final = 36


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which calls. `workspace`: all that it was called; `status`: a word of STATUSES or a number;
    `until` is not among them any more.
    """

    vendor: str = ""
    workspace: tuple[Name, ...] = ()
    status: str = ""
    since: datetime | None = None
    until: datetime | None = None
    search: str = ""

    @property
    def begins(self) -> datetime | None:
        """Since when calls are looked at; None: since ever."""
        if self.since is not None or not self.search:
            return self.since
        if _identifier(self.search) is not None:
            return None
        return (self.until or datetime.now(UTC)) - SOUGHT_BACK


def found(wanted: Wanted) -> QuerySet[ApiCall, ApiCall]:
    """Return the calls, unordered: whoever lists them goes by `partitions.newest`
    from `wanted.begins` on.
    """
    rows = ApiCall.objects.filter(_status(wanted.status))
    if wanted.vendor:
        rows = rows.filter(vendor=wanted.vendor)
    if wanted.workspace:
        rows = rows.filter(bearing(wanted.workspace, "created_at"))
    if wanted.begins:
        rows = rows.filter(created_at__gte=wanted.begins)
    if wanted.until:
        rows = rows.filter(created_at__lt=wanted.until)
    return rows.filter(_sought(wanted.search))


def _status(status: str) -> Q:
    if not status:
        return Q()
    if status in STATUSES:
        return Q(**STATUSES[status])
    return Q(status_code=int(status))


def _sought(search: str) -> Q:
    """Find a call or a run by its whole id, and else each word in one of the columns."""
    identifier = _identifier(search)
    if identifier is not None:
        low, high = partitions.window(identifier)
        by_id = Q(pk=identifier, created_at__gte=low, created_at__lte=high)
        # A run's calls were made after it began.
        return by_id | Q(run_id=identifier, created_at__gte=time_of(identifier))
    wanted = Q()
    for word in search.replace("\x00", "").split():
        in_any = Q(request_id=word)
        for column in SOUGHT_IN:
            in_any |= Q(**{f"{column}__icontains": word})
        wanted &= in_any
    return wanted


def _identifier(search: str) -> UUID | None:
    text = search.strip()
    if len(text) != _UUID_LENGTH:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None
