"""The recordings of one day: each with what became of it."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, Sum
from django.http import Http404, QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import User
from crm import access
from dashboard.navigation import Shell
from dashboard.queries import within
from dashboard.sources import tables
from fathom_sync import access as fathom
from fathom_sync.models import FathomMeeting

NOBODYS: Final = "none"
SHOWN: Final = 100
NOBODY: Final = gettext_lazy("Not assigned")


def page(user: User, shell: Shell, query: QueryDict) -> dict[str, Any]:
    """Return the day that an address names, of one rep, of nobody (`NOBODYS`), or of all;
    404 for what is no day.
    """
    day = _day(query.get("day", ""))
    wanted, name = _rep(user, shell, query.get("rep", ""))
    found = within(fathom.meetings_for(user), shell.scope).filter(wanted, day=day)
    shown = list(
        found.select_related("rep")
        .defer("raw", "raw_hash")
        .order_by("created_at", "pk")[: SHOWN + 1]
    )
    missing = (
        within(fathom.ledger_for(user), shell.scope)
        .filter(wanted, day=day)
        .aggregate(n=Sum("missing"))["n"]
        or 0
    )
    with_row = sum(meeting.outcome == FathomMeeting.Outcome.MISSING for meeting in shown)
    return {
        "title": date_format(day, "l j F Y"),
        "whose": name,
        "records": tables.records(
            shown[:SHOWN], caption=_("Recordings of this day"), with_rep=not name
        ),
        "more": len(shown) > SHOWN,
        "unknown": max(missing - with_row, 0),
    }


def _day(entered: str) -> date:
    try:
        return date.fromisoformat(entered)
    except ValueError as error:
        raise Http404 from error


def _rep(user: User, shell: Shell, entered: str) -> tuple[Q, str]:
    """Return what cuts recordings to whoever is named, and their name."""
    if not entered:
        return Q(), ""
    if entered == NOBODYS:
        return Q(rep=None), str(NOBODY)
    try:
        rep = access.reps_for(user, shell.scope).filter(pk=UUID(entered)).first()
    except ValueError as error:
        raise Http404 from error
    if rep is None:
        raise Http404
    return Q(rep=rep), rep.name
