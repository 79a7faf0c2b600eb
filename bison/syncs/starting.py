"""Starting a sync: one way for page, API, command and clock, and the one rule of which
workspaces a wish means.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from bison.models import Instance, Workspace
from bison.syncs import kinds
from core import runs
from core.errors import Conflicting

# Ten years: more than any instance has.
MOST_DAYS: Final = 3660
UNKNOWN_KIND: Final = _("There is no sync of this name.")
UNKNOWN_INSTANCE: Final = _("There is no instance of this name.")
UNKNOWN_WORKSPACES: Final = _("There are no workspaces of these names: %(names)s.")
BACKWARDS: Final = _("The last day comes before the first one.")
TOO_LONG: Final = _("At most %(days)d days at once.")
NOTHING: Final = _("There are no workspaces yet. Look for them at the instance first.")


class NothingToSync(Conflicting):
    """There is no workspace that could be synced."""

    conflict = "not_configured"


def start_sync(
    kind: str,
    *,
    instance: str | None = None,
    workspaces: Sequence[str] | None = None,
    first: date | None = None,
    last: date | None = None,
    trigger: str,
    started_by: Any = None,
) -> runs.Started:
    """Start a sync of all workspaces, of an instance's, or of those named;
    or join the open one that does all of this.

    `first` and `last` are days, both included. ValidationError by field for what cannot be asked
    for, NothingToSync where no workspace is meant.
    """
    if kind not in kinds.KINDS:
        raise ValidationError({"kind": UNKNOWN_KIND})
    first, last = _days(kind, first, last)
    names = sorted(set(workspaces)) if workspaces is not None else None
    wish = {
        "instance": instance,
        "workspaces": names,
        "from": first.isoformat() if first else None,
        "to": last.isoformat() if last else None,
    }
    found = _checked(wish)
    return runs.start(
        kinds.KINDS[kind],
        _subject(wish, found),
        wish,
        started_by=started_by,
        trigger=trigger,
        total=None,
    )


def start_by_clock(kind: str) -> runs.Started | None:
    """Start a sync of every workspace; None where there is none yet."""
    try:
        return start_sync(kind, trigger="clock")
    except NothingToSync:
        return None


def workspaces_of(wish: Mapping[str, Any]) -> QuerySet[Workspace]:
    """Return the workspaces that a wish means: those named, else all that the
    instance lists still.
    """
    found = Workspace.objects.select_related("instance__account", "organization").order_by(
        "workspace_name"
    )
    if wish.get("instance"):
        found = found.filter(instance__slug=wish["instance"])
    if wish.get("workspaces") is not None:
        return found.filter(workspace_name__in=wish["workspaces"])
    return found.filter(gone_at=None)


def _checked(wish: Mapping[str, Any]) -> list[Workspace]:
    """Return the workspaces meant, or raise what is wrong with the names."""
    if wish["instance"] and not Instance.objects.filter(slug=wish["instance"]).exists():
        raise ValidationError({"instance": UNKNOWN_INSTANCE})
    found = list(workspaces_of(wish))
    missing = set(wish["workspaces"] or ()) - {workspace.workspace_name for workspace in found}
    if missing:
        names = ", ".join(sorted(missing))
        raise ValidationError(
            {"workspaces": ValidationError(UNKNOWN_WORKSPACES, params={"names": names})}
        )
    if not found:
        raise NothingToSync(NOTHING, code="conflict")
    return found


def _subject(wish: Mapping[str, Any], found: list[Workspace]) -> models.Model | None:
    """Return what the run is about, whose runs go one after another: a workspace, an instance,
    or none of them.
    """
    if wish["workspaces"] is not None and len(found) == 1:
        return found[0]
    if wish["workspaces"] is None and wish["instance"]:
        return found[0].instance
    return None


def _days(kind: str, first: date | None, last: date | None) -> tuple[date | None, date | None]:
    """Return the days, where the kind needs some; a backfill that is gone on with
    tomorrow has the same.
    """
    default = kinds.DEFAULT_DAYS.get(kind)
    if default is None and first is None and last is None:
        return None, None
    if kind in {kinds.EMAIL_ACCOUNTS, kinds.COUNTS}:
        # The list of accounts is as it is now, whatever the day.
        return None, None
    last = last or datetime.now(UTC).date()
    first = first or last - timedelta(days=(default or 1) - 1)
    if last < first:
        raise ValidationError({"to": BACKWARDS})
    if (last - first).days >= MOST_DAYS:
        raise ValidationError({"from": ValidationError(TOO_LONG, params={"days": MOST_DAYS})})
    return first, last
