"""The home of operations: what is broken and its remedy, what each source holds,
and what ran in the last day.

Who only looks has the same without buttons.
"""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from bison import access as bison
from bison.keys.coverage import coverage
from core.models import User
from core.words.states import look
from crm import access
from dashboard.calls.words import number
from dashboard.home import activity, incidents, left_out, needs
from dashboard.navigation import Shell
from dashboard.queries import within
from dashboard.sources import tables
from dashboard.sources.pages import Summary
from dashboard.workspaces import health


@dataclass(frozen=True)
class Figure:
    """One number of the top of the page, with what it leads to."""

    label: str | Promise
    value: str
    href: str = ""
    state: str = ""
    hint: str | Promise = ""


def page(user: User, shell: Shell, sources: Summary) -> dict[str, Any]:
    """Return what the home of operations shows."""
    acts = may_act(user)
    ended = activity.ended_by_hour(within(access.runs_for(user), shell.scope))
    return {
        "acts": acts,
        "needs": needs.first(
            lambda: incidents.open_ones(user, shell, acts=acts),
            lambda: left_out.waiting(user, shell, acts=acts),
        ),
        "figures": figures(sources, ended, shell.waiting_incidents),
        "source_table": tables.sources(sources.rows),
        "sources": sources,
        "squares": activity.squares(ended),
        "ended": [(look(state), count) for state, count in activity.sums(ended).items()],
        "workspaces": _workspaces(user),
        "coverage": _coverage(user),
    }


def may_act(user: User) -> bool:
    """Tell whether this person may put things right, or only looks."""
    return access.sees_everything(user) and user.has_perm("core.change_run")


def figures(sources: Summary, ended: activity.Ended, broken: int) -> list[Figure]:
    """Return the numbers that say at once whether all is well."""
    sums, total = activity.sums(ended), len(sources.rows)
    proven = total - len(sources.open)
    runs = reverse("dashboard:runs")
    found = [
        Figure(
            _("Open incidents"),
            number(broken),
            f"{reverse('dashboard:incidents')}?state=open",
            "open" if broken else "succeeded",
        ),
        Figure(
            _("Sources proven"),
            _("%(proven)s of %(total)s") % {"proven": number(proven), "total": number(total)},
            state="succeeded" if sources.is_proven else "warning",
        ),
        Figure(_("Running now"), number(sums.get("running", 0)), runs),
        Figure(
            _("Failed"),
            number(sums.get("failed", 0)),
            f"{runs}?state=failed",
            "failed" if sums.get("failed") else "",
            _("last 24 hours"),
        ),
    ]
    if sources.is_empty:
        del found[1]
    return found


def _workspaces(user: User) -> list[dict[str, Any]]:
    """Return how many workspaces are how; states that none is in are left out."""
    return [figure for figure in health.of_home(user) if figure["value"] != "0"]


def _coverage(user: User) -> Any:
    """Return how many workspaces have a key of their own; None where there are none,
    or it is not theirs to see.
    """
    if not bison.may(user, bison.SEE):
        return None
    found = coverage()[-1]
    if not found.total:
        return None
    return found
