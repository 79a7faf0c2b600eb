"""What becomes of people in Fathom's meetings: what was kept of theirs goes, and a number stays."""

import zlib
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from calls.models import Call
from core.privacy import Person, Step, declare, declare_step, kept, redacted
from core.privacy.places import Counts, erased
from core.privacy.rows import slices
from fathom_sync.models import AssignedMeeting, FathomMeeting

ACCOUNTS: Final = _("Accounts that the house connected.")
NUMBERS: Final = _(
    "Numbers and names of meetings, as Fathom counts them; no person is named there."
)


def declare_all() -> None:
    """Declare them; once, when the app starts."""
    declare(
        *kept(ACCOUNTS, "fathom_sync.FathomAccount"),
        *kept(_("Addresses of reps."), "fathom_sync.Assignment", organization="organization_id"),
        *kept(NUMBERS, "fathom_sync.ListedDay", "fathom_sync.SeenDay", "fathom_sync.LedgerDay"),
        *erased("fathom_sync.AssignedMeeting", organization="assignment__organization_id"),
        *redacted("fathom_sync.FathomMeeting", organization="organization_id"),
    )
    declare_step(Step("fathom.meetings", 15, erase=_erase, look=_look, left=_left, show=_show))


def _look(person: Person, organization_id: UUID | None) -> None:
    """Find the meetings of which something is kept that names them."""
    person.has(FathomMeeting._meta.db_table, *(row.pk for row in _naming(person, organization_id)))


def _erase(person: Person, organization_id: UUID | None) -> Counts:
    counts: Counts = {}
    theirs = Q(pk__in=person.of(FathomMeeting._meta.db_table)) | Q(
        call__in=person.of(Call._meta.db_table)
    )
    rows = FathomMeeting.objects.filter(theirs).exclude(title="", recorder_name="", raw=None)
    number = rows.update(title="", recorder_name="", raw=None)
    if number:
        counts[FathomMeeting._meta.db_table] = {"found": number, "redacted": number}
    gone = [row.pk for row in _of_assignments(person, organization_id)]
    if gone:
        AssignedMeeting.objects.filter(pk__in=gone).delete()
        counts[AssignedMeeting._meta.db_table] = {"found": len(gone), "erased": len(gone)}
    return counts


def _left(person: Person, organization_id: UUID | None) -> Counts:
    numbers = {
        FathomMeeting._meta.db_table: sum(1 for _row in _naming(person, organization_id)),
        AssignedMeeting._meta.db_table: sum(1 for _row in _of_assignments(person, organization_id)),
    }
    return {place: {"found": number} for place, number in numbers.items() if number}


def _show(person: Person, organization_id: UUID | None) -> dict[str, list[dict[str, Any]]]:
    """Return what Fathom gave of the meetings that name them, as it was given."""
    return {
        FathomMeeting._meta.db_table: [_shown(row) for row in _naming(person, organization_id)],
        AssignedMeeting._meta.db_table: [
            _shown(row) for row in _of_assignments(person, organization_id)
        ],
    }


def _shown(row: Any) -> dict[str, Any]:
    return {"id": row.pk, "raw": _text(row)}


def _naming(person: Person, organization_id: UUID | None) -> Iterator[FathomMeeting]:
    rows = FathomMeeting.objects.filter(raw__isnull=False)
    if organization_id is not None:
        rows = rows.filter(organization_id=organization_id)
    return _that_name(person, rows)


def _of_assignments(person: Person, organization_id: UUID | None) -> Iterator[AssignedMeeting]:
    rows = AssignedMeeting.objects.filter(raw__isnull=False)
    if organization_id is not None:
        rows = rows.filter(assignment__organization_id=organization_id)
    return _that_name(person, rows)


def _that_name(person: Person, rows: Any) -> Iterator[Any]:
    """Return the rows whose compressed bytes name the person."""
    for part in slices(rows.model):
        for row in rows.filter(part).only("pk", "raw").order_by("pk"):
            if person.is_in(_text(row)):
                yield row


def _text(row: Any) -> str:
    try:
        return zlib.decompress(bytes(row.raw)).decode("utf-8", "replace")
    except zlib.error:
        return bytes(row.raw).decode("utf-8", "replace")
