"""What the tab of contacts shows: how a sync goes, what it would do, who decides,
and which field is which.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.http import Http404, HttpRequest

from core.models import Run
from crm import access as crm
from dashboard.calls.forms import MAX_SEARCH
from dashboard.integrations.contacts import tables
from dashboard.integrations.contacts.forms import MappingForm
from dashboard.integrations.detail import Detail
from dashboard.paging import newest_first
from dashboard.proofs import Proof
from dashboard.views import person
from integrations import access, contacts
from integrations.contacts.syncing import KIND
from integrations.models import ContactConflict, ContactLink

SHOWN_RUNS: Final = 10
SHOWN_CONFLICTS: Final = 20
PEOPLE: Final = 20


@dataclass(frozen=True)
class Conflict:
    """One that waits for a person: whom it is about, and both values of each field."""

    row: ContactConflict

    @property
    def name(self) -> str:
        somebody = self.row.link.contact or self.row.link.lead
        return str(getattr(somebody, "name", "") or self.row.link.email)

    @property
    def fields(self) -> list[dict[str, str]]:
        return contacts.shown_fields(self.row)


def may_sync(detail: Detail) -> bool:
    """Tell whether this person has its contacts synced: whoever uses it does, and staff who may."""
    if access.as_staff(person(detail.request), access.SEE):
        return detail.may_sync
    return True


def page(detail: Detail, form: MappingForm | None = None) -> dict[str, Any]:
    """Return all of the page."""
    integration = detail.integration
    if not detail.row.has_contacts:
        raise Http404
    described = contacts.described(integration)
    if form is None and detail.may_change:
        form = MappingForm(described)
    waiting = contacts.conflicts_for(
        person(detail.request), integration, contacts.open_conflicts(integration)
    )
    return detail.context(
        mapping=form,
        described=described,
        conflicts=[
            Conflict(row) for row in waiting.order_by("-opened_at", "-pk")[:SHOWN_CONFLICTS]
        ],
        people=people(detail.request, detail),
        searched=detail.request.GET.get("search", "")[:MAX_SEARCH],
        **live(detail),
    )


def live(detail: Detail) -> dict[str, Any]:
    """Return what moves while a sync runs."""
    runs = list(
        Run.objects.filter(subject_id=detail.integration.pk, kind=KIND.key).order_by("-pk")[
            :SHOWN_RUNS
        ]
    )
    found: dict[str, Any] = {
        "under_way": [run for run in runs if run.state in Run.OPEN],
        "history": tables.runs(runs),
        "proof": proof(runs),
        "may_sync": may_sync(detail),
        "may_preview": may_sync(detail) and detail.may_change,
    }
    preview = _preview(runs)
    if preview is not None and detail.may_change:
        found["preview"] = tables.preview(preview)
        found["preview_run"] = preview
    return found


def _preview(runs: list[Run]) -> Run | None:
    """Return the preview that has ended; what was found before the last sync is not what the
    next one would do.
    """
    if not runs or not runs[0].parameters.get("dryRun") or runs[0].state in Run.OPEN:
        return None
    return runs[0]


def proof(runs: list[Run]) -> Proof | None:
    """Return what the last sync that read there saw, against what is in Koppel."""
    for run in runs:
        seen = run.evidence.get("ledger") if isinstance(run.evidence, dict) else None
        if seen and not run.parameters.get("dryRun"):
            numbers = {name: int(seen.get(name, 0)) for name in ("at_vendor", "here", "missing")}
            left_out = numbers["at_vendor"] - numbers["here"] - numbers["missing"]
            return Proof(
                numbers["at_vendor"], numbers["here"], left_out, numbers["missing"], run.finished_at
            )
    return None


def people(request: HttpRequest, detail: Detail) -> Any:
    """Return a page of the contacts at the service, cut to the words that are looked for."""
    links = ContactLink.objects.filter(integration=detail.integration)
    rows = contacts.links_for(person(request), detail.integration, links)
    words = request.GET.get("search", "")[:MAX_SEARCH]
    if words:
        rows = rows.filter(email__icontains=words)
    place = {"before": request.GET.get("before", ""), "after": request.GET.get("after", "")}
    found = newest_first(rows, before=place["before"], after=place["after"], size=PEOPLE)
    return tables.people(found.items, page=found)


def origins(detail: Detail, link_id: UUID) -> dict[str, Any]:
    """Return where each field of one contact came from; 404 for people whom they may not see."""
    row = ContactLink.objects.filter(integration=detail.integration, pk=link_id).first()
    if row is None:
        raise Http404
    user = person(detail.request)
    of = detail.integration.organization_id
    somebody: Any = None
    if row.contact_id is not None:
        somebody = crm.contacts_for(user, of).filter(pk=row.contact_id).first()
    elif row.lead_id is not None:
        somebody = crm.leads_for(user, of).filter(pk=row.lead_id).first()
    if somebody is None:
        raise Http404
    table = tables.origins(somebody, list(contacts.origins(somebody).values()))
    return detail.context(person_name=somebody.name, table=table)
