"""Records that are not in the vendor's list any more: that full passes did not see,
or that it says are deleted.

They have to be few: else nobody believes it before a person does. What is gone is linked no longer,
and its contact stays; where somebody chose so, a contact that the pull made and that nothing else
knows of is deleted.
"""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core import happenings, incidents
from core.words.sayings import Saying
from crm.models import Contact
from integrations.contacts.deciding import DELETED_THERE, DUPLICATE
from integrations.contacts.mapping import EMAIL, OURS, one_spelling
from integrations.contacts.people import State
from integrations.contacts.rows import Rows
from integrations.models import ContactLink, ContactSettings, Integration

# So few may always be gone.
FEW: Final = 5
BATCH: Final = 500
CAUSE: Final = "integrations.contacts_gone"
TITLE: Final = _("%(count)d contacts of %(integration)s are not in its list any more")
WHAT_TO_DO: Final = _(
    "Nothing was taken away. Look at the service: if they were deleted on purpose, raise the limit "
    "in the settings of its contact sync, and sync again."
)


def missed_twice(rows: Rows, settings: ContactSettings) -> list[UUID]:
    """Return the links that neither of the last two full passes saw.

    For a dry run the pass that it has made up is the last one, and it knows what that has seen.
    """
    before = settings.pass_before
    if rows.is_dry:
        before = settings.pass_last
    if not before:
        return []
    missed = ContactLink.objects.filter(
        _stands(), integration=rows.integration, seen_in_pass__lt=before
    )
    found = missed.order_by("id").values_list("id", "vendor_id")
    return [link_id for link_id, vendor_id in found if vendor_id not in rows.seen]


def are_too_many(rows: Rows, settings: ContactSettings, count: int) -> bool:
    """Tell whether so many at once are believed by nobody."""
    if not settings.deletion_limit:
        return count > 0
    pretended = rows.pretended_links()
    linked = ContactLink.objects.filter(_stands(), integration=rows.integration).exclude(
        pk__in=[link.id for link in pretended]
    )
    known = linked.count() + sum(link.state == State.LINKED for link in pretended)
    return count > max(FEW, known * settings.deletion_limit // 100)


def observe(integration: Integration, count: int, *, ok: bool) -> None:
    """Report whether so many are gone that a person has to look."""
    incidents.observe(
        f"{CAUSE}:{integration.pk}",
        ok=ok,
        title=Saying(TITLE, {"count": count, "integration": integration.name}),
        what_to_do=WHAT_TO_DO,
        organization_id=integration.organization_id,
        facts={"integration": str(integration.pk), "count": count},
    )


def removable(rows: Rows, links: Collection[UUID]) -> list[UUID]:
    """Return the contacts that a pull made, that stand as it left them,
    and that nothing else knows of.

    A record that came under another id is left out while the one before it is linked:
    it knows of the contact too.
    """
    integration = rows.integration
    others = ContactLink.objects.filter(
        contact_id=OuterRef("contact_id"), state=State.LINKED
    ).exclude(pk=OuterRef("pk"))
    found = ContactLink.objects.filter(
        ~Exists(others), pk__in=links, is_made_by_pull=True, contact__lead__isnull=True
    )
    found = found.filter(
        contact__organization_id=integration.organization_id, contact__external_ids={}
    )
    whole = found.values_list("contact_id", "ours", *(f"contact__{name}" for name in OURS))
    standing = {}
    for contact_id, ours, *values in whole:
        person = dict(zip(OURS, values, strict=True))
        if contact_id and person == {name: ours.get(name, "") for name in OURS}:
            standing[contact_id] = one_spelling(person[EMAIL])
    rows.read_links_by_email(standing.values())
    return [
        contact_id for contact_id, address in standing.items() if not _comes_again(rows, address)
    ]


def _comes_again(rows: Rows, address: str) -> bool:
    """Tell whether another record of this address is in the vendor's list,
    left out as the second one.
    """
    if not address:
        return False
    others = (
        link
        for link in rows.links_with(address)
        if link.state == State.LEFT_OUT and link.reason == DUPLICATE
    )
    return any(not rows.is_missed(link) for link in others)


def take_away(rows: Rows, links: Sequence[UUID], *, removes: bool) -> tuple[int, int]:
    """Unlink a batch, and delete contacts where that was chosen; return how many of each."""
    with transaction.atomic():
        contacts: list[UUID] = []
        rows.begin()
        if removes:
            contacts = removable(rows, links)
        if rows.is_dry:
            rows.let_go(links, contacts)
            return len(links), len(contacts)
        rows.flush()
        gone = ContactLink.objects.filter(_stands(), pk__in=links)
        unlinked = gone.update(state=State.GONE, reason="")
        return unlinked, _delete(Contact.objects.filter(pk__in=contacts))


def _stands() -> Q:
    """Find what is linked, and what the vendor said is deleted until full passes
    have missed it too.
    """
    return Q(state=State.LINKED) | Q(state=State.GONE, reason=DELETED_THERE)


def _delete(contacts: QuerySet[Contact]) -> int:
    found = list(contacts.select_for_update(of=("self",)).order_by("pk"))
    if not found:
        return 0
    happenings.tell("contact.deleted", found)
    contacts.delete()
    return len(found)
