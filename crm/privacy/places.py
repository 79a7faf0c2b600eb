"""What becomes of people in this app's tables."""

from typing import Any, Final
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import happenings
from core.privacy import MARK, Person, Step, declare, declare_step, kept, redacted
from core.privacy.places import Counts, declare_members, erased
from crm.models import Appointment, Contact, FormerAddress, Lead, Member, Merge
from crm.models.prospects import Prospect
from crm.privacy import anothers
from crm.privacy.anothers import KINDS
from crm.refusals import writing

OF_THE_HOUSE: Final = _("People and names of the organization itself: its members, reps and teams.")
CERTIFICATE: Final = _(
    "Certificates and marks: keyed hashes only; what is sealed in them goes with the work."
)
_BLANK: Final[dict[str, Any]] = {
    "name": MARK,
    "email": "",
    "email_normalized": "",
    "phone": "",
    "company": "",
    "external_ids": {},
}


def declare_all() -> None:
    """Declare them; once, when the app starts."""
    of_one = {"organization": "organization_id"}
    declare(
        *kept(
            OF_THE_HOUSE,
            "crm.Organization",
            "crm.AddressGrant",
            "crm.OrganizationSettings",
            "crm.Logo",
            "crm.Member",
            "crm.Team",
        ),
        *kept(OF_THE_HOUSE, "crm.SalesRep", "crm.RepAlias", **of_one),
        *kept(CERTIFICATE, "crm.Erasure", "crm.ErasedAddress", "crm.PersonExport"),
        *erased("crm.Invitation", hides=("token_hash",), **of_one),
        *erased("crm.FormerAddress", "crm.Merge", **of_one),
        *redacted("crm.Lead", "crm.Contact", empties=("email", "email_normalized"), **of_one),
        *redacted("crm.Appointment", **of_one),
    )
    declare_members(_members)
    declare_step(Step("crm.people", 60, erase=_erase, gather=_gather, left=_left, show=_show))


def _members(organization_id: UUID) -> list[Any]:
    return list(
        Member.objects.filter(organization_id=organization_id).values_list("user_id", flat=True)
    )


def _gather(person: Person, organization_id: UUID | None) -> None:
    """Find who they are: by their address, one from before a merge, or within a merge."""
    scope = anothers.scope(organization_id)
    former = FormerAddress.objects.filter(scope, anothers.reaching(person.address))
    merges = Merge.objects.filter(
        scope, anothers.reaching(person.address, "other__email_normalized")
    )
    for model in KINDS:
        name = str(model._meta.model_name)
        by_row = set(former.values_list(name, flat=True)) | set(merges.values_list(name, flat=True))
        rows = list(
            model._default_manager.filter(
                scope, anothers.reaching(person.address) | Q(pk__in=by_row - {None})
            )
        )
        person.has(model._meta.db_table, *(row.pk for row in rows))
        for row in rows:
            _know(person, row.name, row.email, row.phone)
    for merge in Merge.objects.filter(_theirs(person)):
        _know(person, *(str(merge.other.get(name, "")) for name in ("name", "email", "phone")))
    person.spellings |= set(
        FormerAddress.objects.filter(_theirs(person)).values_list("email", flat=True)
    )
    anothers.leave_out(person, organization_id)


def _know(person: Person, name: str, email: str, phone: str) -> None:
    person.is_named(name)
    person.is_called(phone)
    if email:
        person.spellings.add(email)


def _erase(person: Person, organization_id: UUID | None) -> Counts:
    """Delete them; a lead with whom there were meetings stays as a number without a name."""
    counts: Counts = {}
    with writing():
        met = Appointment.objects.filter(lead__in=person.of(Lead._meta.db_table)).exclude(
            title="", cancel_reason=""
        )
        titled = met.update(title="", cancel_reason="")
        if titled:
            counts[Appointment._meta.db_table] = {"found": titled, "redacted": titled}
        merged = Merge.objects.filter(_theirs(person))
        number = merged.count()
        if number:
            merged.delete()
            counts[Merge._meta.db_table] = {"found": number, "erased": number}
        for model in KINDS:
            for row_id in person.of(model._meta.db_table):
                _erase_one(model, row_id, counts)
    return counts


def _erase_one(model: type[Prospect], row_id: str, counts: Counts) -> None:
    """Blank a row first, so that whoever hears of its end hears of nobody."""
    rows = model._default_manager.filter(pk=row_id)
    if not rows.exclude(name=MARK, email="").update(**_BLANK):
        return
    of_table = counts.setdefault(model._meta.db_table, {"found": 0, "erased": 0, "redacted": 0})
    of_table["found"] += 1
    row = rows.get()
    name = model._meta.model_name
    if isinstance(row, Lead) and row.appointments.exists():
        happenings.tell(f"{name}.updated", [row], changed=["name", "email", "phone", "company"])
        of_table["redacted"] += 1
        return
    happenings.tell(f"{name}.deleted", [row])
    rows.delete()
    of_table["erased"] += 1


def _left(person: Person, organization_id: UUID | None) -> Counts:
    counts: Counts = {}
    for model in KINDS:
        named = model._default_manager.filter(pk__in=person.of(model._meta.db_table)).exclude(
            name=MARK
        )
        if number := named.count():
            counts[model._meta.db_table] = {"found": number}
    return counts


def _show(person: Person, organization_id: UUID | None) -> dict[str, list[dict[str, Any]]]:
    """Return the meetings with them, which need not name them."""
    met = Appointment.objects.filter(lead__in=person.of(Lead._meta.db_table))
    columns = ("id", "title", "status", "starts_at", "ends_at", "cancel_reason")
    return {Appointment._meta.db_table: list(met.values(*columns))}


def _theirs(person: Person) -> Q:
    return Q(lead__in=person.of(Lead._meta.db_table)) | Q(
        contact__in=person.of(Contact._meta.db_table)
    )
