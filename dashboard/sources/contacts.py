"""The page of one integration as a source: its contacts against those that are in Koppel."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from core.models import Run, SourceDay
from dashboard.integrations.contacts import page as contacts_page
from dashboard.integrations.contacts import tables
from dashboard.integrations.detail import Detail
from dashboard.sources import rows
from integrations.contacts import proof
from integrations.contacts.syncing import KIND


def page(request: HttpRequest, integration_id: UUID) -> dict[str, Any]:
    """Return what the page shows; 404 for what has no contacts or is nobody's who asks."""
    detail = Detail.of(request, integration_id)
    if not detail.row.has_contacts:
        raise Http404
    found = Run.objects.filter(subject_id=detail.integration.pk, kind=KIND.key).order_by("-pk")
    runs = list(found[: contacts_page.SHOWN_RUNS])
    under_way = [run for run in runs if run.state in Run.OPEN]
    row = rows.of_integration(detail.integration, next(iter(under_way), None))
    return {
        "name": row.name,
        "row": row,
        "under_way": under_way,
        "history": tables.runs(runs),
        "reasons": _reasons(detail.integration.pk),
        "contacts_url": reverse("dashboard:integration_contacts", args=[detail.integration.pk]),
        "settings_url": reverse("dashboard:integration", args=[detail.integration.pk]),
    }


def _reasons(integration_id: UUID) -> list[tuple[str | SafeString, int]]:
    """Return why contacts were left out, the most frequent first."""
    counted: dict[str, int] = {}
    for day in SourceDay.objects.filter(source=proof.SOURCE.key, subject_id=integration_id):
        for name, number in day.left_out.items():
            counted[name] = counted.get(name, 0) + number
    words = [
        (str(proof.SOURCE.reasons.get(name, name)), number) for name, number in counted.items()
    ]
    return sorted(words, key=lambda row: -row[1])
