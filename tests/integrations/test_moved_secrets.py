"""A secret that is stored is never sent to a host that it was not entered for (decision 0153)."""

import pytest

from core.masking import BULLETS
from core.models import VendorSecret
from core.vendors import stored
from integrations import configuration, registry
from integrations.models import Integration
from tests.integrations.conftest import API, KEY, OTHER, connected, given
from tests.support import people
from tests.support.people import assert_error
from tests.toy.service import Service

pytestmark = pytest.mark.django_db
MASK = "toy-key...-0001"
AGAIN = "Enter this again"
DATABASE = {
    "host": "db.example",
    "database": "a",
    "user": "b",
    "password": "c" * 30,
    "query": "SELECT 1",
}


@pytest.fixture
def elsewhere(settings):
    """A server of an attacker's own."""
    running = Service()
    settings.ALLOW_PRIVATE_HOSTS = [*settings.ALLOW_PRIVATE_HOSTS, running.host]
    yield running
    running.close()


def refused(answer, *names):
    body = assert_error(answer, 400)
    assert set(body["fields"]) == {f"configuration.{name}" for name in names}
    assert all(AGAIN in texts[0] for texts in body["fields"].values())


@pytest.mark.parametrize("sent", [{}, {"apiKey": MASK}, {"apiKey": BULLETS}, {"apiKey": None}])
@pytest.mark.parametrize("insist", [False, True])
def test_a_new_host_gets_no_stored_key(closer, toybox, elsewhere, sent, insist):
    made = connected(closer, toybox)
    whole = {**made["configuration"], "baseUrl": elsewhere.url, **sent}
    for changed in ({"baseUrl": elsewhere.url, **sent}, whole):
        for send in (closer.patch, closer.put):
            refused(
                send(f"{API}/{made['id']}", {"configuration": changed, "insist": insist}), "apiKey"
            )
    assert not elsewhere.asked
    assert closer.get(f"{API}/{made['id']}").json()["configuration"]["baseUrl"] == toybox.url


def test_a_test_sends_no_stored_key_to_a_new_host(closer, toybox, elsewhere):
    made = connected(closer, toybox)
    body = given(elsewhere, apiKey=MASK, integrationId=made["id"])
    refused(closer.post(f"{API}/test", body), "apiKey")
    del body["configuration"]["apiKey"]
    refused(closer.post(f"{API}/test", body), "apiKey")
    assert not elsewhere.asked
    body["configuration"]["apiKey"] = OTHER
    assert closer.post(f"{API}/test", body).json()["success"] is True


@pytest.mark.parametrize("as_text", [False, True])
def test_no_part_of_stored_credentials_goes_along(closer, toybox, elsewhere, as_text):
    made = connected(
        closer, toybox, credentials={"user": "ada", "password": "a-password-of-no-value"}
    )
    parts = {"user": "eve", "password": BULLETS}
    if as_text:
        parts = f'{{"user": "eve", "password": "{BULLETS}"}}'
    changed = {"baseUrl": elsewhere.url, "apiKey": OTHER, "credentials": parts}
    refused(closer.patch(f"{API}/{made['id']}", {"configuration": changed}), "credentials")
    changed.pop("credentials")
    refused(closer.patch(f"{API}/{made['id']}", {"configuration": changed}), "credentials")
    changed["credentials"] = {"user": "ada", "password": "entered-again"}
    assert closer.patch(f"{API}/{made['id']}", {"configuration": changed}).status_code == 200


def test_what_waits_leads_no_stored_key_astray(closer, toybox, elsewhere):
    made = connected(closer, toybox)
    closer.post(f"{API}/{made['id']}/test")
    elsewhere.keys = set()
    waiting = {"baseUrl": elsewhere.url, "apiKey": "a-key-that-is-not-the-one"}
    assert (
        closer.patch(f"{API}/{made['id']}", {"configuration": waiting}).json()["integration"][
            "waits"
        ]
        is True
    )
    refused(
        closer.patch(f"{API}/{made['id']}", {"configuration": {**waiting, "apiKey": MASK}}),
        "apiKey",
    )
    seen = len(elsewhere.asked)
    assert (
        closer.patch(f"{API}/{made['id']}", {"configuration": {"apiKey": MASK}}).status_code == 200
    )
    assert closer.post(f"{API}/{made['id']}/test").json()["success"] is True
    assert len(elsewhere.asked) == seen


def test_the_same_host_keeps_the_key(closer, toybox):
    made = connected(closer, toybox)
    for address in (f"{toybox.url}/", toybox.url, f"{toybox.url}/"):
        answer = closer.patch(
            f"{API}/{made['id']}", {"configuration": {"baseUrl": address, "apiKey": MASK}}
        )
        assert answer.status_code == 200, answer.content
    assert VendorSecret.objects.get().value.reveal() == KEY


def test_an_heir_cannot_have_the_key_sent_to_themselves(closer, toybox, elsewhere, northwind):
    made = connected(closer, toybox)
    heir = people.client_of(people.member("SETTER", northwind, "heir"))
    closer.post(f"{API}/{made['id']}/transfer", {"username": "heir"})
    refused(
        heir.patch(f"{API}/{made['id']}", {"configuration": {"baseUrl": elsewhere.url}}), "apiKey"
    )
    staff = people.client_of(people.staff())
    refused(
        staff.patch(f"{API}/{made['id']}", {"configuration": {"baseUrl": elsewhere.url}}), "apiKey"
    )


CREDENTIALS = {"clientId": "an-id", "clientSecret": "a-secret-of-no-value"}


@pytest.mark.parametrize(
    ("provider", "kind", "given_first", "changes", "kept"),
    [
        (
            "CUSTOM",
            "CRM",
            {"apiEndpoint": "https://crm.example", "credentials": CREDENTIALS},
            {"authType": "OAUTH2", "tokenUrl": "https://eve.example/token"},
            "credentials",
        ),
        (
            "API",
            "API",
            {"baseUrl": "https://api.example", "credentials": CREDENTIALS},
            {"baseUrl": "https://api.example:8443"},
            "credentials",
        ),
        (
            "DATABASE",
            "DATABASE",
            DATABASE,
            {"host": "eve.example"},
            "password",
        ),
        (
            "DATABASE",
            "DATABASE",
            DATABASE,
            {"port": 15432},
            "password",
        ),
        # Without a port it is the engine's usual one.
        ("DATABASE", "DATABASE", DATABASE, {"engine": "MYSQL"}, "password"),
        # Whose certificates are believed is whom the password is sent to.
        (
            "DATABASE",
            "DATABASE",
            DATABASE,
            {"certificate": "-----BEGIN CERTIFICATE-----"},
            "password",
        ),
        (
            "SALESFORCE",
            "CRM",
            {
                "authType": "CLIENT_CREDENTIALS",
                "myDomain": "ours.my.salesforce.com",
                "clientId": "an-id",
                "clientSecret": "a-secret-of-no-value",
            },
            {"myDomain": "eves.my.salesforce.com"},
            "clientSecret",
        ),
    ],
)
def test_every_provider_says_where_its_secrets_go(
    closer, provider, kind, given_first, changes, kept
):
    body = {"name": "Ours", "type": kind, "configuration": {"provider": provider, **given_first}}
    made = closer.post(API, body)
    assert made.status_code == 201, made.content
    found = made.json()["integration"]
    refused(closer.patch(f"{API}/{found['id']}", {"configuration": changes}), kept)
    refused(
        closer.patch(
            f"{API}/{found['id']}", {"configuration": {**found["configuration"], **changes}}
        ),
        kept,
    )


@pytest.mark.parametrize(
    ("before", "after", "is_weaker"),
    [
        ("VERIFY", "ENCRYPT", True),
        ("VERIFY", "OFF", True),
        ("ENCRYPT", "OFF", True),
        ("", "OFF", True),
        ("OFF", "ENCRYPT", False),
        ("OFF", "VERIFY", False),
        ("ENCRYPT", "VERIFY", False),
        ("ENCRYPT", "ENCRYPT", False),
    ],
)
def test_a_stored_password_is_not_sent_less_protected(closer, before, after, is_weaker):
    first = {**DATABASE, "provider": "DATABASE"}
    if before:
        first["tls"] = before
    made = closer.post(API, {"name": "Ours", "type": "DATABASE", "configuration": first}).json()[
        "integration"
    ]
    path, whole = f"{API}/{made['id']}", {**made["configuration"], "tls": after}
    if not is_weaker:
        answer = closer.patch(path, {"configuration": whole})
        assert answer.status_code == 200, answer.content
        return
    tried = {"type": "DATABASE", "configuration": {**whole, "integrationId": made["id"]}}
    for answer in (
        closer.patch(path, {"configuration": {"tls": after}}),
        closer.patch(path, {"configuration": whole, "insist": True}),
        closer.post(f"{API}/test", tried),
    ):
        refused(answer, "password")
        assert "less protected" in answer.content.decode()
    again = closer.patch(path, {"configuration": {**whole, "password": "typed-again-of-no-value"}})
    assert again.status_code == 200, again.content


def test_every_choice_of_encryption_is_ranked():
    for provider in registry.PROVIDERS:
        for field in provider.vendor.boxes:
            if field.strengths:
                assert list(field.strengths) == [value for value, _label in field.options], (
                    provider.key
                )
            else:
                assert not {"tls", "verify", "ssl", "insecure"} & {field.name.lower()}, provider.key


def test_every_field_that_takes_an_address_counts():
    """A provider that takes a host in a field of its own declares it."""
    for provider in registry.PROVIDERS:
        boxes = provider.vendor.boxes
        named = {
            field.name
            for field in boxes
            if any(word in field.name.lower() for word in ("url", "host", "domain"))
        }
        counted = {field.name for field in boxes if field.kind == "url" or field.is_destination}
        assert named <= counted, provider.key


def test_entering_it_again_is_enough(closer, toybox, elsewhere):
    made = connected(closer, toybox)
    row = Integration.objects.get(pk=made["id"])
    entered = configuration.read(
        registry.provider_of(row), {"baseUrl": elsewhere.url, "apiKey": KEY}, stored(row.account)
    )
    assert entered == {"baseUrl": elsewhere.url, "apiKey": KEY}
