"""What becomes of people in Email Bison's rows: a reply stays as a number; a suppression stays, and says why."""

from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bison.models import Reply
from core.privacy import Person, Step, declare, declare_step, kept, redacted
from core.privacy.places import Counts
from crm.models import Lead

BLOCKED: Final = _(
    "The person is on the list of those whom nobody may write to. It is kept for their sake: without the address, Email"
    " Bison could not be told to write to them no more. Whoever lifts the suppression first has it erased too."
)
OURS: Final = _("Workspaces, mailboxes and campaigns of the house; the mailboxes are those that mail is sent from.")
NUMBERS: Final = _("Numbers only.")
_NOTHING: Final[dict[str, Any]] = {
    "from_email": "",
    "from_name": "",
    "subject": "",
    "text": "",
    "vendor_lead_id": "",
    "lead": None,
    "raw": {},
}


def declare_all() -> None:
    """Declare them; once, when the app starts."""
    of_one = {"organization": "workspace__organization_id"}
    declare(
        *redacted("bison.Reply", empties=("from_email",), **of_one),
        *redacted("bison.Campaign", "bison.LedgerCheck", "bison.WorkspaceResult", "bison.Onboarding", **of_one),
        *kept(BLOCKED, "bison.Suppression"),
        *redacted("bison.SuppressionState", **of_one),
        *kept(OURS, "bison.Instance", "bison.Workspace", "bison.EmailAccount", "bison.ImportedKey", "bison.Turn"),
        *kept(NUMBERS, "bison.Runway", "bison.DomainDay"),
    )
    declare_step(Step("bison.replies", 30, erase=_erase, gather=_gather, left=_left))


def _gather(person: Person, organization_id: UUID | None) -> None:
    """Find their replies, by their address or as their lead's; and the names by which they wrote."""
    theirs = Q(lead__in=person.of(Lead._meta.db_table))
    for spelling in {person.address, *person.spellings}:
        theirs |= Q(from_email__iexact=spelling)
    rows = Reply.objects.filter(theirs)
    if organization_id is not None:
        rows = rows.filter(workspace__organization_id=organization_id)
    for row_id, name, email in rows.values_list("pk", "from_name", "from_email"):
        person.has(Reply._meta.db_table, row_id)
        person.is_named(name)
        if email:
            person.spellings.add(email)


def _erase(person: Person, organization_id: UUID | None) -> Counts:
    """Empty their replies; nobody makes a lead of one any more."""
    rows = Reply.objects.filter(pk__in=person.of(Reply._meta.db_table)).exclude(**_NOTHING)
    number = rows.update(**_NOTHING, had_lead=True)
    if not number:
        return {}
    return {Reply._meta.db_table: {"found": number, "redacted": number}}


def _left(person: Person, organization_id: UUID | None) -> Counts:
    named = Reply.objects.filter(pk__in=person.of(Reply._meta.db_table)).exclude(from_email="", text="")
    number = named.count()
    if not number:
        return {}
    return {Reply._meta.db_table: {"found": number}}
