"""The home of operations: what is broken and its remedy, what each source holds, and what ran in the last day.

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
from dashboard.home import activity, ceo, incidents, needs, sources
from dashboard.home.fathom import Linked
from dashboard.navigation import Shell
from dashboard.workspaces import health


@dataclass(frozen=True)
class Figure:
    """One number of the top of the page, with what it leads to."""

    label: str | Promise
    value: str
    href: str = ""
    state: str = ""
    hint: str | Promise = ""


def page(user: User, shell: Shell, linked: Linked) -> dict[str, Any]:
    """Return what the home of operations shows."""
    acts = may_act(user)
    left_out = 0
    if user.has_perm("fathom_sync.view_fathommeeting"):
        left_out = sources.left_out_count(user, shell)
    listed = sources.listed(user, shell, linked, left_out)
    ended = activity.ended_by_hour(access.runs_for(user))
    broken = incidents.open_ones(user, shell, acts=acts)
    return {
        "acts": acts,
        "needs": needs.first(broken, needs.of_left_out(left_out, ceo.left_out_in_words(left_out), acts=acts)),
        "figures": figures(listed, ended, len(broken)),
        "source_table": sources.table(listed),
        "squares": activity.squares(ended),
        "ended": [(look(state), count) for state, count in activity.sums(ended).items()],
        "workspaces": _workspaces(user),
        "coverage": _coverage(user),
    }


def may_act(user: User) -> bool:
    """Tell whether this person may put things right, or only looks."""
    return access.sees_everything(user) and user.has_perm("core.change_run")


def figures(listed: list[sources.Source], ended: activity.Ended, broken: int) -> list[Figure]:
    """Return the numbers that say at once whether all is well."""
    well, sums = sum(source.is_well for source in listed), activity.sums(ended)
    runs = reverse("dashboard:runs")
    more = "+" if broken > needs.SHOWN else ""
    found = [
        Figure(_("Open incidents"), f"{min(broken, needs.SHOWN)}{more}", state="open" if broken else "succeeded"),
        Figure(
            _("Sources well"),
            _("%(well)s of %(total)s") % {"well": number(well), "total": number(len(listed))},
            state="succeeded" if well == len(listed) else "warning",
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
    if not listed:
        del found[1]
    return found


def _workspaces(user: User) -> list[dict[str, Any]]:
    """Return how many workspaces are how; states that none is in are left out."""
    return [figure for figure in health.of_home(user) if figure["value"] != "0"]


def _coverage(user: User) -> Any:
    """Return how many workspaces have a key of their own; None where there are none, or it is not theirs to see."""
    if not bison.may(user, bison.SEE):
        return None
    found = coverage()[-1]
    if not found.total:
        return None
    return found
