"""What becomes of people in Email Bison's rows: a reply stays as a number;
a suppression stays as a hash.

Whoever is blocked stays blocked: their workspaces keep the address, and Koppel keeps what it takes
to see that they do.
"""

from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from bison.models import Reply, Suppression, SuppressionState
from bison.suppression.values import Kind, Value, hashed
from core.privacy import Person, Step, declare, declare_step, kept, redacted, rows
from core.privacy.places import Counts
from crm import addresses
from crm.models import Lead

BLOCKED: Final = _(
    "The person is on the list of those whom nobody may write to, and stays on it. Koppel keeps a "
    "keyed hash of the address: it sees whether Email Bison still blocks it, and can block it "
    "nowhere anew without being told it again."
)
WAITS: Final = _(
    "The address is being blocked at Email Bison. Erase it once that is done, in a few minutes."
)
OURS: Final = _(
    "Workspaces, mailboxes and campaigns of the house; the mailboxes are those that "
    "mail is sent from."
)
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
        *redacted(
            "bison.Campaign",
            "bison.LedgerCheck",
            "bison.WorkspaceResult",
            "bison.Onboarding",
            **of_one,
        ),
        *kept(BLOCKED, "bison.Suppression"),
        *redacted("bison.SuppressionState", **of_one),
        *kept(
            OURS,
            "bison.Instance",
            "bison.Workspace",
            "bison.EmailAccount",
            "bison.ImportedKey",
            "bison.NameTaken",
            "bison.Turn",
        ),
        *kept(NUMBERS, "bison.Runway", "bison.DomainDay"),
    )
    declare_step(Step("bison.replies", 30, erase=_erase, gather=_gather, left=_left))
    declare_step(Step("bison.suppressions", 35, erase=_hash, left=_in_clear, hinders=_hinders))


def _gather(person: Person, organization_id: UUID | None) -> None:
    """Find their replies, by their address or as their lead's;
    and the names by which they wrote.
    """
    theirs = Q(lead__in=person.of(Lead._meta.db_table))
    theirs |= Q(from_email__iregex=f"^(?:{person.mailboxes()})$")
    found = Reply.objects.filter(theirs)
    if organization_id is not None:
        found = found.filter(workspace__organization_id=organization_id)
    for row_id, name, email in found.values_list("pk", "from_name", "from_email"):
        person.has(Reply._meta.db_table, row_id)
        person.is_named(name)
        if email:
            person.spellings.add(email)


def _erase(person: Person, organization_id: UUID | None) -> Counts:
    """Empty their replies; nobody makes a lead of one any more."""
    found = Reply.objects.filter(pk__in=person.of(Reply._meta.db_table)).exclude(**_NOTHING)
    number = found.update(**_NOTHING, had_lead=True)
    if not number:
        return {}
    return {Reply._meta.db_table: {"found": number, "redacted": number}}


def _left(person: Person, organization_id: UUID | None) -> Counts:
    named = Reply.objects.filter(pk__in=person.of(Reply._meta.db_table)).exclude(
        from_email="", text=""
    )
    number = named.count()
    if not number:
        return {}
    return {Reply._meta.db_table: {"found": number}}


def _hash(person: Person, organization_id: UUID | None) -> Counts:
    """Keep of who is blocked a hash in place of the address;
    for an organization where nobody else knows them.
    """
    found = list(_suppressions(person).select_for_update(no_key=True).order_by("value"))
    if not found:
        return {}
    if organization_id is not None and not _may_hash(found, person, organization_id):
        return {}
    for row in found:
        row.value = hashed(Value(row.value, row.kind)).text
        row.reason = str(rows.without(row.reason, person))
        Suppression.objects.filter(value=row.value).exclude(pk=row.pk).delete()
        row.save(update_fields=["value", "reason"])
    # Where it is not blocked nobody can block it any more.
    SuppressionState.objects.filter(suppression__in=found).exclude(blacklisted=True).delete()
    if organization_id is not None:
        return {}
    return {Suppression._meta.db_table: {"found": len(found), "kept": len(found)}}


def _may_hash(found: list[Suppression], person: Person, organization_id: UUID) -> bool:
    return not _waiting(found).exists() and not rows.is_known_elsewhere(person, organization_id)


def _in_clear(person: Person, organization_id: UUID | None) -> Counts:
    """Count what an erasure of the installation left in clear;
    an organization is told nothing of this list.
    """
    number = _suppressions(person).count()
    if organization_id is not None or not number:
        return {}
    return {Suppression._meta.db_table: {"found": number}}


def _hinders(address: str) -> Any:
    """Say so where the address is still to be blocked somewhere: once it is erased, nobody can."""
    found = list(_suppressions(Person(address)))
    return WAITS if found and _waiting(found).exists() else None


def _waiting(found: list[Suppression]) -> QuerySet[SuppressionState]:
    states = SuppressionState.objects.filter(suppression__in=found, workspace__gone_at=None)
    return states.filter(state=SuppressionState.State.WAITING).exclude(blacklisted=True)


def _suppressions(person: Person) -> QuerySet[Suppression]:
    """Return the rows that are them, lifted ones too."""
    spelled = {
        spelling for spelling in map(_spelled, {person.address, *person.spellings}) if spelling
    }
    return Suppression.objects.filter(kind=Kind.ADDRESS, value__in=spelled)


def _spelled(text: str) -> str:
    try:
        return addresses.normalize(text)
    except ValidationError:
        return ""
