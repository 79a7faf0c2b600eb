"""The page of Email Bison: its workspaces, each with what it has of the e-mail accounts
that the vendor lists.
"""

from datetime import UTC, date, timedelta
from typing import Any, ClassVar, Final

from django import forms
from django.db.models import Q, QuerySet, Sum
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bison.models import LedgerDay, Workspace
from core.models import Run, User
from core.words.states import word
from crm import access
from dashboard import charts, run_tables, signs
from dashboard.calls.forms import ALL, MAX_SEARCH, Words
from dashboard.paging import by_name
from dashboard.proofs import Proof
from dashboard.sources import rows
from dashboard.tables import Column, Empty, Table, link
from dashboard.templatetags import ui
from dashboard.workspaces.detail import accounts_proof

WORKSPACES_A_PAGE: Final = 50
SHOWN_RUNS: Final = 10
SHOWN_DAYS: Final = 28
OPEN: Final = "open"
NONE_YET: Final = Empty(
    gettext_lazy("No workspaces yet"),
    gettext_lazy("Koppel looks for them as soon as an instance has a key."),
    "inbox",
)
NONE_MATCH: Final = Empty(
    gettext_lazy("No workspaces match"),
    gettext_lazy("Clear the filter to see all workspaces."),
    "inbox",
)


class WorkspaceFilter(forms.Form):
    """What the workspaces are cut to. A value that was not offered filters nothing."""

    search = Words(
        label=gettext_lazy("Search"), required=False, widget=forms.TextInput({"type": "search"})
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[
            ALL,
            (OPEN, gettext_lazy("Not proven")),
            *((state, word(state)) for state in Workspace.AccountsState.values),
        ],
    )
    first: ClassVar = ("search", "state")

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        self.is_valid()


def page(user: User, slug: str, query: QueryDict) -> dict[str, Any]:
    """Return one instance with its workspaces; without a slug all of them."""
    runs = [run for run in rows.open_runs(user, None) if run.kind.startswith("bison.")]
    instances = rows.bison(runs)
    shown = [row for row in instances if slug in ("", row.slug.partition("/")[2])]
    if slug and not shown:
        raise Http404
    form = WorkspaceFilter(query)
    found, is_cut = _workspaces(slug, form.cleaned_data)
    place = {"before": query.get("before", ""), "after": query.get("after", "")}
    listed = by_name("workspace_name", found, size=WORKSPACES_A_PAGE, **place)
    number = found.count()
    table = Table(
        _("Workspaces"),
        _columns(with_instance=not slug),
        listed.items,
        NONE_MATCH if is_cut else NONE_YET,
        count=ngettext("%(number)d workspace", "%(number)d workspaces", number)
        % {"number": number},
        page=listed,
        pages=_("Pages of workspaces"),
        ordering="name",
    )
    first, squares = _replies(slug)
    return {
        "name": shown[0].name if slug else rows.VENDORS[rows.BISON],
        "filters": form,
        "table": table,
        "instances": instances,
        "row": shown[0] if slug else None,
        "settings_url": reverse("dashboard:instance", args=[slug])
        if slug
        else reverse("dashboard:workspaces"),
        "runs": _runs(user),
        "under_way": runs,
        "heat": [(_("Replies"), squares)] if squares else [],
        "first": first,
    }


def _workspaces(slug: str, wanted: dict[str, Any]) -> tuple[QuerySet[Workspace], bool]:
    found = Workspace.objects.filter(gone_at=None).select_related("instance")
    if slug:
        found = found.filter(instance__slug=slug)
    words, state = wanted.get("search", ""), wanted.get("state", "")
    if words:
        found = found.filter(workspace_name__icontains=words[:MAX_SEARCH])
    if state == OPEN:
        found = found.exclude(accounts_state=Workspace.AccountsState.COMPLETE)
    elif state:
        found = found.filter(accounts_state=state)
    return found, bool(words or state)


def _columns(*, with_instance: bool) -> list[Column[Workspace]]:
    instance = Column[Workspace](
        "instance", _("Instance"), lambda row: row.instance.name, hide_on_phone=True
    )
    return [
        Column("name", _("Workspace"), _name, names_row=True),
        *([instance] if with_instance else []),
        Column("state", _("State"), lambda row: signs.status(row.accounts_state, quiet=True)),
        Column("proof", _("E-mail accounts"), _proof, css="source-proof"),
        Column("checked", _("Checked"), lambda row: signs.ago(row.accounts_checked_at)),
    ]


def _name(row: Workspace) -> SafeString:
    return link(
        reverse("dashboard:workspace", args=[row.pk]), row.workspace_name, drawer="workspace"
    )


def _proof(row: Workspace) -> SafeString:
    return ui.proof_bar(
        accounts_proof(row) or Proof(0, 0, 0, 0, None), vendor="Email Bison", small=True
    )


def _runs(user: User) -> Table[Run]:
    found = (
        access.runs_for(user)
        .filter(kind__startswith="bison.", parent=None)
        .select_related("started_by")
    )
    return run_tables.runs(list(found.order_by("-pk")[:SHOWN_RUNS]), caption=_("Runs"))


def _replies(slug: str) -> tuple[date, list[charts.Square]]:
    """Return the interested replies of the last days, a square each, and the first day."""
    last = timezone.now().astimezone(UTC).date()
    days = [last - timedelta(days=ago) for ago in reversed(range(SHOWN_DAYS))]
    wanted = Q(day__gte=days[0], workspace__gone_at=None)
    if slug:
        wanted &= Q(workspace__instance__slug=slug)
    sums = LedgerDay.objects.filter(wanted).order_by().values("day")
    found = {
        row["day"]: (row["listed"], row["present"], row["lost"])
        for row in sums.annotate(
            listed=Sum("interested_at_vendor"),
            present=Sum("interested_in_koppel"),
            lost=Sum("missing"),
        )
    }
    if not found:
        return days[0], []
    return days[0], [_square(day, found.get(day)) for day in days]


def _square(day: date, counted: tuple[int, int, int] | None) -> charts.Square:
    text = date_format(day, "j N")
    if counted is None:
        return _("%(day)s: not checked yet") % {"day": text}, None
    listed, present, lost = counted
    words = [
        _("%(number)d at the vendor") % {"number": listed},
        _("%(number)d in Koppel") % {"number": present},
    ]
    if lost:
        words.append(_("%(number)d missing") % {"number": lost})
    return f"{text}: {', '.join(words)}", listed, "bad" if lost else ""
