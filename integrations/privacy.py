"""What becomes of people in connected services' rows: links and conflicts go,
and events that tell of them.
"""

from typing import Any, Final
from uuid import UUID

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from calls.models import Call
from core.privacy import Person, Step, declare, declare_step, kept, redacted
from core.privacy.places import Counts, erased
from crm.models import Contact, Lead
from integrations.models import ContactConflict, ContactLink, Event

CONNECTED: Final = _(
    "Services that the house connected, and its own agents there. What a service keeps is its own."
)
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
    declare_step(Step("integrations.links", 50, erase=_erase))


def _erase(person: Person, organization_id: UUID | None) -> Counts:
    counts: Counts = {}
    leads, contacts = person.of(Lead._meta.db_table), person.of(Contact._meta.db_table)
    links = ContactLink.objects.filter(Q(lead__in=leads) | Q(contact__in=contacts))
    _delete(counts, ContactConflict, ContactConflict.objects.filter(link__in=links))
    _delete(counts, ContactLink, links)
    ids = [*leads, *contacts, *person.of(Call._meta.db_table)]
    if ids:
        events = Event.objects.exclude(name__in=GOODBYES).alias(whole=Cast("data", TextField()))
        if organization_id is not None:
            events = events.filter(organization_id=organization_id)
        _delete(counts, Event, events.filter(whole__iregex="|".join(ids)))
    return counts


def _delete(counts: Counts, model: Any, rows: Any) -> None:
    number = rows.count()
    if number:
        rows.delete()
        counts[model._meta.db_table] = {"found": number, "erased": number}
