"""What a walk saw of the vendor's contacts, against those in Koppel:
they have no day, so all are counted at once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from core import ledger
from core.sync import UNDATED
from integrations.contacts import words
from integrations.contacts.deciding import DELETED_THERE
from integrations.contacts.outcomes import ERROR, SKIPPED
from integrations.contacts.people import State
from integrations.models import ContactLink, Integration

Verdict = dict[str, Any]


def stored(integration_id: UUID, first: date, last: date) -> Iterable[tuple[date, str]]:
    """Return the records of an integration that are somebody in Koppel."""
    if not first <= UNDATED <= last:
        return []
    linked = ContactLink.objects.filter(integration_id=integration_id, state=State.LINKED).exclude(
        vendor_id=""
    )
    return [
        (UNDATED, vendor_id) for vendor_id in linked.values_list("vendor_id", flat=True).iterator()
    ]


SOURCE: Final = ledger.Source(
    "integrations.contacts", _("Contacts of connected services"), stored, reasons=words.REASONS
)


def of_pass(integration: Integration, number: int, *, deleted: int, missing: int) -> Verdict:
    """Return what a pass saw, each record once, however often it came."""
    seen = ContactLink.objects.filter(integration=integration, seen_in_pass=number).exclude(
        vendor_id=""
    )
    numbers = seen.values_list("state", "reason").annotate(number=Count("id"))
    left_out = Counter(
        {reason or state: count for state, reason, count in numbers if state != State.LINKED}
    )
    in_koppel = sum(count for state, _reason, count in numbers if state == State.LINKED)
    if deleted:
        left_out[DELETED_THERE] += deleted
    return _verdict(in_koppel, left_out, missing)


def of_changes(outcomes: Mapping[str, int], missing: int = 0) -> Verdict:
    """Return what became of the records that a walk looked at."""
    left_out: Counter[str] = Counter()
    in_koppel = 0
    for outcome, count in outcomes.items():
        if outcome.startswith((SKIPPED, ERROR)):
            left_out[outcome.partition("_")[2]] += count
        else:
            in_koppel += count
    return _verdict(in_koppel, left_out, missing)


def record(integration: Integration, number: int) -> None:
    """Note in the ledger what a full pass saw, which saw all of the list."""
    seen = ContactLink.objects.filter(integration=integration, seen_in_pass=number).exclude(
        vendor_id=""
    )
    names = (
        ledger.Seen(vendor_id, UNDATED, reason if state != State.LINKED else "")
        for vendor_id, state, reason in seen.values_list("vendor_id", "state", "reason").iterator()
    )
    ledger.record(
        SOURCE, integration.pk, integration.organization_id, names, first=UNDATED, last=UNDATED
    )


def _verdict(in_koppel: int, left_out: Mapping[str, int], missing: int) -> Verdict:
    at_vendor = in_koppel + sum(left_out.values()) + missing
    return {
        "at_vendor": at_vendor,
        "in_koppel": in_koppel,
        "left_out": dict(left_out),
        "missing": missing,
    }
