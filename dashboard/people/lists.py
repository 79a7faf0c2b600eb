"""Lists of leads and of contacts: cut to what a person may see and asks for,
in a fixed number of queries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from calls.access import calls_for
from calls.models import Call
from core.models import User
from crm import access, finding
from crm.models import Appointment, Contact, Lead, Team
from dashboard import counts
from dashboard.navigation import OWNERS, Shell
from dashboard.paging import Page, by_text, newest_by
from dashboard.people import tables
from dashboard.people.forms import BulkForm, LeadFilter, PersonFilter
from dashboard.people.tables import Row
from dashboard.tables import Table, ordering_of

PEOPLE_A_PAGE: Final = 50
NEWEST: Final = "-updated"
SORTS: Final = ("name", "updated")
BULK: Final = "bulk"
# The sources to choose from are those of so many leads that changed last;
# so many teams and members are offered.
SOURCES_OF: Final = 1000
OFFERED: Final = 200
SHOWN: Final = (
    *(
        "organization_id",
        "name",
        "email",
        "company",
        "status",
        "source",
        "updated_at",
        "organization__name",
    ),
    *("team__name", "qualified_by__user__username", "qualified_by__user__first_name"),
    "qualified_by__user__last_name",
)
SHOWN_OF_CONTACTS: Final = (
    *(
        "organization_id",
        "name",
        "email",
        "company",
        "phone",
        "updated_at",
        "lead__name",
        "organization__name",
    ),
)
PAGES: Final = gettext_lazy("Pages of people")


def leads(user: User, shell: Shell, request: HttpRequest) -> dict[str, Any]:
    """Return one page of the leads that this person may see."""
    query, scope = request.GET, shell.scope
    cut = _cut_leads(user, scope, query)
    rows = cut.rows.select_related("organization", "team", "qualified_by__user").only(*SHOWN)
    page, ordering = _page(rows, query)
    may = _may(user, page.items)
    empty = tables.NONE_MATCH if cut.is_cut else tables.NO_LEADS
    table = tables.leads(
        _with_calls(user, scope, page.items),
        empty=empty,
        with_organization=scope is None,
        ordering=ordering,
        page=page,
        pages=PAGES,
        count=counts.in_words(
            cut.rows,
            page,
            tables.leads_in_words,
            is_everything=scope is None and shell.is_staff and not cut.is_cut,
        ),
        csv=_csv(user, shell, query, "people_export", "crm.change_lead"),
        has_density=True,
        selection=tables.selection(BULK, lambda row: row.lead.pk in may["status"])
        if may["status"]
        else None,
    )
    bulk = None
    if may["status"]:
        teams = Team.objects.none()
        if may["change"]:
            teams = access.teams_for(user, scope).order_by("name")
        bulk = BulkForm(None, teams)
    return {
        "filters": cut.form,
        "table": table,
        "bulk": bulk,
        "bulk_id": BULK,
        "may_assign": bool(may["change"]),
    }


def contacts(user: User, shell: Shell, request: HttpRequest) -> dict[str, Any]:
    """Return one page of the contacts that this person may see."""
    query, scope = request.GET, shell.scope
    cut = _cut_contacts(user, scope, query)
    rows = cut.rows.select_related("organization", "lead").only(*SHOWN_OF_CONTACTS)
    page, ordering = _page(rows, query)
    table = tables.contacts(
        page.items,
        empty=tables.NONE_MATCH if cut.is_cut else tables.NO_CONTACTS,
        with_organization=scope is None,
        ordering=ordering,
        page=page,
        pages=PAGES,
        count=counts.in_words(
            cut.rows,
            page,
            tables.contacts_in_words,
            is_everything=scope is None and shell.is_staff and not cut.is_cut,
        ),
        csv=_csv(user, shell, query, "people_contacts_export", "crm.change_contact"),
        has_density=True,
    )
    return {"filters": cut.form, "table": table}


def export_leads(
    user: User, scope: UUID | None, query: QueryDict
) -> tuple[Table[Lead], QuerySet[Lead]]:
    """Return all leads of an address, and the table whose columns they are written by."""
    rows = _cut_leads(user, scope, query).rows.select_related(
        "organization", "team", "qualified_by__user"
    )
    return tables.exported_leads(with_organization=scope is None), rows


def export_contacts(
    user: User, scope: UUID | None, query: QueryDict
) -> tuple[Table[Contact], QuerySet[Contact]]:
    """Return all contacts of an address, and the table whose columns they are written by."""
    rows = _cut_contacts(user, scope, query).rows.select_related("organization", "lead")
    return tables.exported_contacts(with_organization=scope is None), rows


def may_export(user: User, shell: Shell, permission: str) -> bool:
    """Tell whether they may take people along: who owns the organization may;
    of staff, whoever may change them.
    """
    if shell.is_staff:
        return user.has_perm(permission)
    return shell.role in OWNERS


@dataclass(frozen=True)
class _Cut:
    """The people that an address asks for."""

    form: PersonFilter
    rows: QuerySet[Any]
    is_cut: bool


def _cut_leads(user: User, scope: UUID | None, query: QueryDict) -> _Cut:
    rows = access.leads_for(user, scope)
    teams: list[Any] = []
    members: list[Any] = []
    if scope is not None:
        teams = list(
            access.teams_for(user, scope).order_by("name").values_list("pk", "name")[:OFFERED]
        )
        members = _members(user, scope)
    form = LeadFilter(query, _sources(rows, query.get("source", "")), teams, members)
    chosen = form.chosen()
    asked = [condition(chosen[name]) for name, condition in _CONDITIONS.items() if name in chosen]
    if "meeting" in chosen:
        asked.append(_meeting(chosen["meeting"], user, scope))
    return _Cut(form, _with_words(rows.filter(*asked), chosen.get("search", "")), bool(chosen))


def _cut_contacts(user: User, scope: UUID | None, query: QueryDict) -> _Cut:
    form = PersonFilter(query)
    chosen = form.chosen()
    return _Cut(
        form, _with_words(access.contacts_for(user, scope), chosen.get("search", "")), bool(chosen)
    )


def _with_words(rows: QuerySet[Any], typed: str) -> QuerySet[Any]:
    """Return those in whose name, address, company or phone each of the words is."""
    for word in typed.split():
        rows = rows.alias(words=finding.words()).filter(words__contains=word.upper())
    return rows


def _meeting(which: str, user: User, scope: UUID | None) -> Q:
    """Return the condition on meetings ahead: those that the person sees,
    as the list's own column has them.
    """
    ahead = Exists(
        access.appointments_for(user, scope).filter(
            lead_id=OuterRef("pk"), status=Appointment.Status.SCHEDULED, ends_at__gt=timezone.now()
        )
    )
    if which == "ahead":
        return Q(ahead)
    return ~Q(ahead)


_CONDITIONS: Final[dict[str, Any]] = {
    "status": lambda status: Q(status=status),
    "source": lambda source: Q(source=source),
    "team": lambda key: Q(team_id=key),
    "qualified_by": lambda key: Q(qualified_by_id=key),
}


def _page(rows: QuerySet[Any], query: QueryDict) -> tuple[Page[Any], str]:
    ordering = ordering_of(query.get("ordering", ""), SORTS, NEWEST)
    place: dict[str, Any] = {
        "before": query.get("before", ""), "after": query.get("after", ""), "size": PEOPLE_A_PAGE,
    }  # fmt: skip
    if ordering.endswith("name"):
        return by_text("name", rows, descending=ordering.startswith("-"), **place), ordering
    return newest_by(
        "updated_at", rows, oldest_first=not ordering.startswith("-"), **place
    ), ordering


def _with_calls(user: User, scope: UUID | None, found: Sequence[Lead]) -> list[Row]:
    """Return the rows with the meetings ahead and the last calls, for all of them at once."""
    keys = [lead.pk for lead in found]
    if not keys:
        return []
    ahead = access.appointments_for(user, scope).filter(
        lead_id__in=keys, status=Appointment.Status.SCHEDULED, ends_at__gt=timezone.now()
    )
    meetings = dict(
        ahead.order_by("lead_id", "starts_at")
        .distinct("lead_id")
        .values_list("lead_id", "starts_at")
    )
    over = calls_for(user, scope).filter(lead_id__in=keys, status=Call.Status.COMPLETED)
    called = dict(
        over.order_by("lead_id", "-happened_at")
        .distinct("lead_id")
        .values_list("lead_id", "happened_at")
    )
    return [Row(lead, meetings.get(lead.pk), called.get(lead.pk)) for lead in found]


def _may(user: User, found: Sequence[Lead]) -> dict[str, set[UUID]]:
    """Return whose status, and of whom everything, this person may change:
    asked once for each organization.
    """
    acts = {}
    for act in ("status", "change"):
        allowed = {
            key
            for key in {lead.organization_id for lead in found}
            if access.may(user, act, Lead, key)
        }
        acts[act] = {lead.pk for lead in found if lead.organization_id in allowed}
    return acts


def _sources(rows: QuerySet[Lead], asked: str) -> list[str]:
    newest = rows.order_by("-updated_at", "-pk").values_list("source", flat=True)[:SOURCES_OF]
    # What an address asks for is among them, however long ago that was.
    return sorted({*newest, asked[:100]} - {""}, key=str.casefold)


def _members(user: User, scope: UUID) -> list[tuple[UUID, str]]:
    rows = access.members_for(user, scope).order_by("user__first_name", "user__username")
    named = rows.values_list("pk", "user__first_name", "user__last_name", "user__username")[
        :OFFERED
    ]
    return [(key, f"{first} {last}".strip() or username) for key, first, last, username in named]


def _csv(user: User, shell: Shell, query: QueryDict, name: str, permission: str) -> str:
    if not may_export(user, shell, permission):
        return ""
    return f"{reverse(f'dashboard:{name}')}?{query.urlencode()}"
