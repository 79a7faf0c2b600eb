"""A provider whose contacts are synced, an integration of it, and what tests do with both."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django.fixtures import Settings

from core import runs, vendors
from core.http import CallContext, Client, HeaderKey, Quota
from core.models import Run, User, VendorAccount
from core.vendors import Field, Found, Probe, Values, Vendor
from crm.models import Contact, Organization
from integrations import contacts, services
from integrations.contacts.speaking import (
    ContactPage,
    Contacts,
    ContactWrite,
    RemoteContact,
    RemoteField,
    Written,
)
from integrations.models import ContactConflict, ContactLink, Integration
from integrations.providers.base import Provider, context_of
from tests.integrations.contact_service import People
from tests.support import people

MAPPING = {
    "firstName": "firstname",
    "lastName": "lastname",
    "email": "email",
    "phone": "phone",
    "company": "company",
}


def client_of(account: VendorAccount, values: Values, context: CallContext) -> Client:
    key = HeaderKey("X-Key", values.secret("apiKey"))
    quotas = [Quota("all", 1_000_000, 60)]
    name = values.fingerprint[:24]
    return Client(
        "toypeople",
        name,
        values.text("baseUrl"),
        key,
        quotas,
        context,
        on_answer=values.note_answer,
    )


def who_am_i(account: VendorAccount, values: Values) -> Found:
    client = client_of(account, values, context_of(account, "test", by=values.tried_by))
    return Found(f"Signed in as {client.get('/me').json()['name']}")


def fetch(
    client: Client, values: Values, since: datetime | None, cursor: str | None
) -> ContactPage:
    return _page(client, "/contacts", since, cursor, is_deleted=False)


def fetch_deleted(
    client: Client, values: Values, since: datetime | None, cursor: str | None
) -> ContactPage:
    return _page(client, "/deleted", since, cursor, is_deleted=True)


def upsert(client: Client, values: Values, writes: Sequence[ContactWrite]) -> list[Written]:
    body = [
        {"key": each.key, "id": each.vendor_id, "email": each.email, "fields": dict(each.fields)}
        for each in writes
    ]
    results = client.post("/contacts", json=body).json()["results"]
    return [
        Written(
            each["key"], each.get("id", ""), each.get("outcome", "failed"), each.get("error", "")
        )
        for each in results
    ]


def _page(
    client: Client, path: str, since: datetime | None, cursor: str | None, *, is_deleted: bool
) -> ContactPage:
    query = {}
    if since is not None:
        query["since"] = since.isoformat()
    if cursor is not None:
        query["cursor"] = cursor
    answer = client.get(f"{path}?{urlencode(query)}")
    body = answer.json()
    records = [_record(each, is_deleted=is_deleted) for each in body["data"]]
    return ContactPage(records, body["next"], body.get("total"), len(answer.body))


def _record(row: dict[str, Any], *, is_deleted: bool) -> RemoteContact:
    changed_at = None
    if "changedAt" in row:
        changed_at = datetime.fromisoformat(row["changedAt"])
    properties = {name: value for name, value in row.items() if name not in ("id", "changedAt")}
    return RemoteContact(row["id"], properties, changed_at, is_deleted)


CONTACTS = Contacts(
    fields=(
        *(RemoteField(name, name.title()) for name in MAPPING.values()),
        RemoteField("mobile", "Mobile"),
        RemoteField("source", "Source", writable=False),
    ),
    mapping=MAPPING,
    fetch=fetch,
    upsert=upsert,
    batch=20,
)


def provider(key: str = "TOYPEOPLE", of: Contacts = CONTACTS) -> Provider:
    """Return the provider; `of` says what is odd about its contacts."""
    return Provider(
        key=key,
        vendor=Vendor(
            key.lower(),
            "Toy people",
            fields=(
                Field("baseUrl", "Address", kind="url", check=vendors.check_address),
                Field("apiKey", "API key", secret=True),
            ),
            probes=(Probe("The key is accepted", who_am_i),),
            has_own_page=True,
        ),
        types=(Integration.Type.CRM,),
        description="People",
        icon="plug",
        docs_url="https://people.example/docs",
        client=client_of,
        contacts=of,
    )


TOYPEOPLE = provider()
WITH_DELETIONS = provider(
    "TOYPEOPLE2",
    Contacts(CONTACTS.fields, MAPPING, fetch, upsert, batch=100, fetch_deleted=fetch_deleted),
)


@pytest.fixture
def service(settings: Settings) -> Iterator[People]:
    """The vendor's side, allowed by the address guard."""
    cache.clear()
    running = People()
    settings.ALLOW_PRIVATE_HOSTS = [*settings.ALLOW_PRIVATE_HOSTS, running.host]
    yield running
    running.close()


@pytest.fixture
def organization(db: None) -> Organization:
    return people.organization(tier="PRO_PLUS")


@pytest.fixture
def integration(organization: Organization, service: People) -> Integration:
    return integration_of(service, organization)


def integration_of(
    service: People, organization: Organization, key: str = "TOYPEOPLE", name: str = "Our people"
) -> Integration:
    """Return an integration of a new person of this organization."""
    return connected(people.member("CEO", organization), organization, service.url, key, name)


def connected(
    owner: User, organization: Organization, url: str, key: str = "TOYPEOPLE", name: str = ""
) -> Integration:
    given = {"provider": key, "baseUrl": url, "apiKey": "toy-key-of-no-value-0001"}
    return services.create(
        organization, owner, name=name or "Our people", kind="CRM", given=given
    ).integration


def conflict_of(owner: User, organization: Organization, word: str = "") -> ContactConflict:
    """Return an open conflict about a contact, of an integration of this person's."""
    made = connected(owner, organization, "https://people.example", name=f"People {word}")
    return open_conflict(
        made, contact(organization, f"Person {word}", "person@x.example", phone="1")
    )


def open_conflict(of: Integration, person: Contact) -> ContactConflict:
    """Return a conflict about somebody's phone."""
    link = ContactLink.objects.create(
        integration=of, vendor_id=f"v{person.pk}", contact=person, is_made_by_pull=True
    )
    fields = {"phone": {"ours": "1", "theirs": "2"}}
    return ContactConflict.objects.create(
        link=link, integration=of, fields=fields, opened_at=timezone.now()
    )


def synced(integration: Integration, direction: str = "both", **wish: Any) -> Run:
    """Return a sync that was worked to its end."""
    started = contacts.start_sync(integration, direction=direction, trigger="test", **wish)
    runs.execute(started.run.pk)
    started.run.refresh_from_db()
    return started.run


def numbers(run: Run) -> dict[str, int]:
    """Return a run's counts without those that are 0."""
    return {name: number for name, number in run.counts.items() if number}


def contact(
    organization: Organization,
    name: str = "Ada Lovelace",
    email: str = "ada@x.example",
    **more: Any,
) -> Contact:
    return Contact.objects.create(
        organization=organization, name=name, email=email, email_normalized=email, **more
    )
