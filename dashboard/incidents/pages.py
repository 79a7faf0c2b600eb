"""What the list of incidents shows, and one incident with its history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.incidents import attending, sources
from core.models import AlertDelivery, Incident, IncidentNote, User
from core.runs.details import day_of
from core.runs.kinds import humanised
from core.words import times
from core.words.states import look, word
from crm import access
from crm.services import incidents as service
from dashboard import signs
from dashboard.incidents import rows
from dashboard.incidents.forms import IncidentFilter
from dashboard.incidents.rows import Row
from dashboard.navigation import Shell
from dashboard.paging import Page, newest_by
from dashboard.tables import Column, Empty, Table, lines_of, link
from dashboard.tables import addresses as addresses_of

SHOWN_OPEN: Final = 20
SHOWN_CLOSED: Final = 25
NAMES_LISTED: Final = 100
DRAWER: Final = "incident"
# What the facts of incidents are called; any other keeps the name that it has in the code.
FACTS: Final = {
    "addresses": gettext_lazy("Addresses"),
    "count": gettext_lazy("How many"),
    "day": gettext_lazy("Day"),
    "host": gettext_lazy("Address"),
    "instance": gettext_lazy("Instance"),
    "integration": gettext_lazy("Integration"),
    "integrations": gettext_lazy("Integrations"),
    "last_call": gettext_lazy("Last call"),
    "missing": gettext_lazy("Missing"),
    "reason": gettext_lazy("Reason"),
    "source": gettext_lazy("Source"),
    "workspace": gettext_lazy("Workspace"),
    "workspaces": gettext_lazy("Workspaces"),
}
NONE_OVER: Final = Empty(
    gettext_lazy("No incidents yet"),
    gettext_lazy("Resolved incidents stay in this list, with how long they lasted."),
    "circle-check",
)
NONE_FOUND: Final = Empty(
    gettext_lazy("No incidents match"),
    gettext_lazy("Choose other filters, or clear them."),
    "list-filter",
)


@dataclass(frozen=True)
class Entry:
    """One line of an incident's history."""

    at: datetime
    word: str | Promise
    icon: str
    tone: str
    who: str = ""
    text: str | Promise = ""


def index(request: HttpRequest, shell: Shell, user: User) -> dict[str, Any]:
    """Return the open ones, the worst first, and a page of those that are over."""
    form = IncidentFilter(request.GET)
    form.is_valid()
    wanted = getattr(form, "cleaned_data", {})
    found = _cut(
        service.within(access.incidents_for(user), shell.scope), wanted, is_staff=shell.is_staff
    )
    state = wanted.get("state", "")
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    context: dict[str, Any] = {"filters": form, "state": state, "is_cut": any(wanted.values())}
    if state and state != "closed":
        page = newest_by(
            "opened_at", _in_state(found, state), before=before, after=after, size=SHOWN_OPEN
        )
        return context | {"open_rows": rows.of(page.items, shell), "page": page}
    is_first_page = not before and not after
    if is_first_page and not state:
        waiting = _open(found)
        context |= {
            "open_rows": rows.of(waiting[:SHOWN_OPEN], shell),
            "more_open": len(waiting) > SHOWN_OPEN,
        }
    over = found.filter(closed_at__isnull=False)
    page = newest_by("closed_at", over, before=before, after=after, size=SHOWN_CLOSED)
    return context | {
        "closed": _closed(rows.of(page.items, shell), page, shell, is_cut=context["is_cut"])
    }


def _open(found: QuerySet[Incident]) -> list[Incident]:
    """Return the open ones: first those that wait for somebody, the critical before the others,
    the newest first.
    """
    listed = found.filter(closed_at=None).order_by("severity", "-opened_at")[: SHOWN_OPEN + 1]
    return sorted(listed, key=lambda row: row.is_attended)


def _cut(
    found: QuerySet[Incident], wanted: dict[str, Any], *, is_staff: bool
) -> QuerySet[Incident]:
    if wanted.get("severity"):
        found = found.filter(severity=wanted["severity"])
    if wanted.get("source"):
        found = found.filter(sources.condition(wanted["source"]))
    parts = str(wanted.get("search", "")).split()
    if parts:
        found = found.annotate(names=Cast("affected", TextField()))
    # Whom an incident of everybody hits, a member does not learn by asking for a name either.
    of_own = Q() if is_staff else Q(organization_id__isnull=False)
    for part in parts:
        found = found.filter(Q(title__icontains=part) | (Q(names__icontains=part) & of_own))
    return found.select_related("acknowledged_by", "snoozed_by")


def _in_state(found: QuerySet[Incident], state: str) -> QuerySet[Incident]:
    """Return the open ones in one state, as `Incident.state` says of each."""
    found = found.filter(closed_at=None)
    now = timezone.now()
    if state == "snoozed":
        return found.filter(snoozed_until__gt=now)
    found = found.filter(Q(snoozed_until=None) | Q(snoozed_until__lte=now))
    return found.filter(acknowledged_at__isnull=state == "open")


def _closed(found: list[Row], page: Page[Any], shell: Shell, *, is_cut: bool) -> Table[Row]:
    address = addresses_of("dashboard:incident")
    whose: list[Column[Row]] = []
    if shell.is_staff:
        whose = [
            Column("organization", _("Organization"), lambda row: row.organization, css="clip")
        ]
    columns: list[Column[Row]] = [
        Column(
            "title",
            _("Incident"),
            lambda row: link(address(row.incident.pk), row.incident.headline, drawer=DRAWER),
            names_row=True,
        ),
        Column(
            "severity", _("Severity"), lambda row: signs.status(row.incident.severity, quiet=True)
        ),
        *whose,
        Column(
            "resolved", _("Resolved"), lambda row: signs.ago(row.incident.closed_at), css="nowrap"
        ),
        Column("lasted", _("Lasted"), lambda row: row.lasted, css="nowrap"),
        Column(
            "seen",
            _("Times seen"),
            lambda row: row.incident.times_seen,
            numeric=True,
            hide_on_phone=True,
        ),
    ]
    return Table(
        _("Incidents that are over"),
        columns,
        found,
        NONE_FOUND if is_cut else NONE_OVER,
        page=page,
        pages=_("Pages of incidents"),
    )


def found(user: User, incident_id: UUID) -> Incident | None:
    """Return an incident that this person may see."""
    people = access.incidents_for(user).select_related("acknowledged_by", "snoozed_by")
    return people.filter(pk=incident_id).first()


def details(incident: Incident, shell: Shell) -> dict[str, Any]:
    """Return one incident with its history and evidence."""
    row = rows.of([incident], shell)[0]
    return {
        "row": row,
        "incident": incident,
        "facts": _facts(row, is_staff=shell.is_staff),
        "names": row.names[:NAMES_LISTED],
        "more_names": max(len(row.names) - NAMES_LISTED, 0),
        "history": history(incident, is_staff=shell.is_staff),
    }


def _facts(row: Row, *, is_staff: bool) -> list[tuple[Any, Any]]:
    incident = row.incident
    facts: list[tuple[Any, Any]] = [
        (_("Since"), signs.ago(incident.opened_at)),
        (_("Last seen"), signs.ago(incident.last_seen_at)),
        (_("Times seen"), incident.times_seen),
    ]
    if incident.closed_at:
        facts[1] = (_("Resolved"), signs.ago(incident.closed_at))
        facts.append((_("Lasted"), row.lasted))
    if row.source:
        facts.append((_("Source"), row.source))
    if incident.acknowledged_at:
        who = attending.name_of(incident.acknowledged_by)
        facts.append((_("Acknowledged"), _by(who, signs.ago(incident.acknowledged_at))))
    if incident.is_snoozed and incident.snoozed_until:
        who = attending.name_of(incident.snoozed_by)
        facts.append((_("Snoozed until"), _by(who, signs.ago(incident.snoozed_until))))
    if is_staff:
        facts += [(_("Organization"), row.organization or "–"), (_("Cause"), incident.cause)]
        facts += [
            (FACTS.get(name) or humanised(name), _plain(value))
            for name, value in incident.facts.items()
        ]
    return facts


def _by(who: str, when: SafeString) -> SafeString:
    return SafeString(f"{when} · {signs.person(who)}")


def _plain(value: Any) -> Any:
    """Write a fact: a list or a table of them as lines, the first of them."""
    if isinstance(value, dict):
        value = [f"{name}: {each}" for name, each in value.items()]
    if isinstance(value, list):
        return lines_of(value[:NAMES_LISTED]) or "–"
    if isinstance(value, str) and (day := day_of(value)):
        return date_format(day, "j F Y")
    return value


def history(incident: Incident, *, is_staff: bool) -> list[Entry]:
    """Return what happened to it, the oldest first: its beginning and end, what people did,
    and what was told.
    """
    entries = [Entry(incident.opened_at, _("Opened"), "circle-alert", "bad")]
    entries += [_of_note(note) for note in incident.notes.select_related("by").all()]
    entries += _alerts(incident, is_staff=is_staff)
    if incident.closed_at:
        entries.append(Entry(incident.closed_at, word("closed"), "circle-check", "good"))
    return sorted(entries, key=lambda entry: entry.at)


def _of_note(note: IncidentNote) -> Entry:
    kind = note.kind if note.kind in {"acknowledged", "snoozed"} else f"incident.{note.kind}"
    shown = look(kind)
    text: str | Promise = note.text
    if note.kind == IncidentNote.Kind.SNOOZED and note.facts.get("until"):
        until = timezone.localtime(datetime.fromisoformat(note.facts["until"]))
        text = _("Until %(when)s") % {"when": times.at_the_clock(until)}
    if note.kind == IncidentNote.Kind.SILENCED:
        text = _("Maintenance: told at its end if it is still wrong then.")
    who = attending.name_of(note.by) if note.by else ""
    return Entry(note.at, shown.word, shown.icon, shown.tone, who, text)


def _alerts(incident: Incident, *, is_staff: bool) -> list[Entry]:
    """Return the alerts that left, together where they left together; staff read to whom."""
    rows = AlertDelivery.objects.filter(incident=incident).select_related("channel", "person")
    together: dict[tuple[str, str], list[AlertDelivery]] = {}
    for row in rows.order_by("created_at", "id"):
        together.setdefault((row.transition, row.state), []).append(row)
    return [
        _of_alerts(state, sent, is_staff=is_staff)
        for (_transition, state), sent in together.items()
    ]


def _of_alerts(state: str, sent: list[AlertDelivery], *, is_staff: bool) -> Entry:
    count = len(sent)
    words = {
        "sent": ngettext("%(count)d alert sent", "%(count)d alerts sent", count),
        "failed": ngettext("%(count)d alert not sent", "%(count)d alerts not sent", count),
        "waiting": ngettext(
            "%(count)d alert waits to be sent", "%(count)d alerts wait to be sent", count
        ),
    }
    tone = {"sent": "calm", "failed": "bad", "waiting": "calm"}[state]
    names: Iterable[str] = ()
    if is_staff:
        names = sorted(
            {row.channel.name if row.channel else attending.name_of(row.person) for row in sent}
        )
    at = max(row.sent_at or row.created_at for row in sent)
    return Entry(at, words[state] % {"count": count}, "bell", tone, text=", ".join(names))


def href(incident: Incident) -> str:
    """Return the address of an incident's page."""
    return reverse("dashboard:incident", args=[incident.pk])
