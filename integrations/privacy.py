"""What becomes of people in connected services' rows: conflicts go, and events that tell of them.

Of a link its record's id stays, and that it is left out: a record without an address would be
somebody new to the next sync.
"""

from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from calls.models import Call
from core.privacy import Person, Step, declare, declare_step, kept, redacted
from core.privacy.places import Counts, erased
from crm.models import Contact, Lead
from integrations.contacts.deciding import ERASED
from integrations.contacts.mapping import EMAIL
from integrations.models import ContactConflict, ContactLink, Event

CONNECTED: Final = _(
    "Services that the house connected, and its own agents there. What a service keeps is its own."
)
# Of a link to somebody who is erased.
_NOTHING: Final[dict[str, Any]] = {
    "contact": None,
    "lead": None,
    "state": ContactLink.State.LEFT_OUT,
    "reason": ERASED,
    "refusal": {},
    "email": "",
    "ours": {},
    "theirs": {},
    "taken": {},
    "is_made_by_pull": False,
    "awaits_echo": False,
    "changed_at": None,
    "pushed_at": None,
}
# These tell others that somebody is gone, and name nobody.
GOODBYES: Final = ("lead.deleted", "contact.deleted")


def declare_all() -> None:
    """Declare them; once, when the app starts."""
    of_one = {"organization": "integration__organization_id"}
    declare(
        *kept(
            CONNECTED,
            "integrations.Integration",
            "integrations.ContactSettings",
            "integrations.EventEndpoint",
            "integrations.HelpdeskAgent",
            "integrations.Demo",
            "integrations.ChatwootWebhook",
            "integrations.PipedriveWebhook",
            "integrations.OAuthState",
            "integrations.OAuthGrant",
        ),
        *erased("integrations.ContactLink", "integrations.ContactConflict", **of_one),
        *erased("integrations.Event", organization="organization_id"),
        *redacted("integrations.Delivery", **of_one),
    )
    # Before the people themselves: who is linked no longer is not written to a service once more.
    declare_step(Step("integrations.links", 50, erase=_erase, gather=_gather))


def _gather(person: Person, organization_id: UUID | None) -> None:
    """Find the other addresses that services have of them."""
    for email, theirs in _links(person).values_list("email", "theirs"):
        person.spellings |= {email, str(theirs.get(EMAIL, ""))} - {""}


def _links(person: Person) -> QuerySet[ContactLink]:
    leads, contacts = person.of(Lead._meta.db_table), person.of(Contact._meta.db_table)
    return ContactLink.objects.filter(Q(lead__in=leads) | Q(contact__in=contacts))


def _erase(person: Person, organization_id: UUID | None) -> Counts:
    counts: Counts = {}
    links = _links(person)
    _delete(counts, ContactConflict, ContactConflict.objects.filter(link__in=links))
    _forget(counts, links)
    people = [*person.of(Lead._meta.db_table), *person.of(Contact._meta.db_table)]
    ids = [*people, *person.of(Call._meta.db_table)]
    if ids:
        events = Event.objects.exclude(name__in=GOODBYES).alias(whole=Cast("data", TextField()))
        if organization_id is not None:
            events = events.filter(organization_id=organization_id)
        _delete(counts, Event, events.filter(whole__iregex="|".join(ids)))
    return counts


def _forget(counts: Counts, links: QuerySet[ContactLink]) -> None:
    """Keep of the records' ids that they are left out, where an id names nobody."""
    known = links.exclude(vendor_id="").exclude(vendor_id__contains="@")
    forgotten = ContactLink.objects.filter(pk__in=list(known.values_list("pk", flat=True)))
    _delete(counts, ContactLink, links.exclude(pk__in=forgotten))
    number = forgotten.update(**_NOTHING)
    if number:
        of_table = counts.setdefault(ContactLink._meta.db_table, {"found": 0})
        of_table["found"] += number
        of_table["redacted"] = number


def _delete(counts: Counts, model: Any, rows: Any) -> None:
    number = rows.count()
    if number:
        rows.delete()
        counts[model._meta.db_table] = {"found": number, "erased": number}
