"""Rows of each table of what integrations keep that the admin lists, many at once."""

import uuid
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from core.masking import Secret
from core.models import VendorAccount
from crm import services
from integrations.models import (
    ChatwootWebhook,
    ContactConflict,
    ContactLink,
    Delivery,
    Demo,
    Event,
    EventEndpoint,
    HelpdeskAgent,
    Integration,
    PipedriveWebhook,
)
from tests.support.people import organization, person


def integration(name: str = "", provider: str = "NOBODY") -> Integration:
    """Make an integration of an organization of its own, with no way to its service."""
    account = VendorAccount.objects.create(vendor="toy", label=uuid.uuid4().hex)
    return Integration.objects.create(
        organization=organization(f"Organization {uuid.uuid4().hex}"),
        owner=person(),
        name=name or f"Integration {uuid.uuid4().hex[:8]}",
        type="API",
        provider=provider,
        account=account,
    )


def link(of: Integration | None = None, **columns: Any) -> ContactLink:
    """Make a record at a vendor, with whose it is."""
    made = of or integration()
    lead = services.create_lead(organization=made.organization, name="Lead")
    contact = services.create_contact(organization=made.organization, name="Contact")
    values = {
        "vendor_id": uuid.uuid4().hex,
        "email": f"{uuid.uuid4().hex[:8]}@example.com",
        **columns,
    }
    return ContactLink.objects.create(integration=made, lead=lead, contact=contact, **values)


def conflict(of: ContactLink | None = None) -> ContactConflict:
    about = of or link()
    fields = {"phone": {"ours": "1", "theirs": "2"}}
    return ContactConflict.objects.create(
        link=about,
        integration=about.integration,
        fields=fields,
        opened_at=timezone.now(),
        resolved_by=person(),
    )


def event(of: Integration | None = None, **columns: Any) -> Event:
    made = of or integration()
    values = {"name": "lead.deleted", "data": {"id": "1"}, "created_at": timezone.now(), **columns}
    return Event.objects.create(organization=made.organization, **values)


def delivery(of: Integration | None = None, **columns: Any) -> Delivery:
    made, now = of or integration(), timezone.now()
    values = {"event": event(made), "next_attempt_at": now, "created_at": now, **columns}
    return Delivery.objects.create(integration=made, **values)


def endpoint(of: Integration | None = None) -> EventEndpoint:
    return EventEndpoint.objects.create(integration=of or integration())


def demo(of: Integration | None = None, **columns: Any) -> Demo:
    made = of or integration(provider="CHATWOOT")
    values = {
        "name": "Shop",
        "website_url": "https://shop.example",
        "key": uuid.uuid4().hex,
        **columns,
    }
    return Demo.objects.create(
        organization=made.organization, owner=made.owner, integration=made, **values
    )


def agent(of: Integration | None = None, **columns: Any) -> HelpdeskAgent:
    made = of or integration(provider="CHATWOOT")
    values = {"name": "Front desk", "email": f"{uuid.uuid4().hex[:8]}@example.com", **columns}
    return HelpdeskAgent.objects.create(
        organization=made.organization,
        integration=made,
        created_by=made.owner,
        reserved_at=timezone.now(),
        **values,
    )


def at_chatwoot(of: Integration | None = None, **columns: Any) -> ChatwootWebhook:
    made = of or integration(provider="CHATWOOT")
    values = {"token": Secret("t"), "token_hash": uuid.uuid4().hex, "account_id": 1, **columns}
    return ChatwootWebhook.objects.create(integration=made, **values)


def at_pipedrive(of: Integration | None = None, **columns: Any) -> PipedriveWebhook:
    made = of or integration(provider="PIPEDRIVE")
    values = {
        "token": Secret("t"),
        "password": Secret("p"),
        "token_hash": uuid.uuid4().hex,
        "company_id": 7,
        **columns,
    }
    return PipedriveWebhook.objects.create(integration=made, **values)


def _many(make: Callable[[], Any]) -> Callable[[int], None]:
    def many(count: int) -> None:
        for _number in range(count):
            make()

    return many


_ONE_OF_EACH: dict[str, Callable[[], Any]] = {
    "integrations.integration": integration,
    "integrations.contactlink": link,
    "integrations.contactconflict": conflict,
    "integrations.event": event,
    "integrations.eventendpoint": endpoint,
    "integrations.delivery": delivery,
    "integrations.demo": demo,
    "integrations.helpdeskagent": agent,
    "integrations.chatwootwebhook": at_chatwoot,
    "integrations.pipedrivewebhook": at_pipedrive,
}
INTEGRATIONS = {label: _many(make) for label, make in _ONE_OF_EACH.items()}
