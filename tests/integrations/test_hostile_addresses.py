"""Addresses that must not be called, in each field that takes one:
refused in words when they are tried and saved.
"""

import pytest

from integrations import registry, tasks
from integrations.models import Integration
from integrations.providers.freeform import grants
from tests.integrations.conftest import API
from tests.support import people
from tests.support.people import assert_error
from tests.support.raw_server import RawServer
from tests.support.resolver import PUBLIC

pytestmark = pytest.mark.django_db
TOKEN = "token-of-no-value-0123456789"
REFUSED = [
    "http://crm.example.com",
    "ftp://crm.example.com",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_x",
    "javascript:alert(1)",
    "crm.example.com",
    "//crm.example.com",
    "https://",
    "https://user:secret@crm.example.com",
    "https://user@crm.example.com",
    "https://crm.example.com@127.0.0.1:{port}",
    "https://127.0.0.1:{port}",
    "https://127.1:{port}",
    "https://2130706433:{port}",
    "https://0x7f000001:{port}",
    "https://0177.0.0.1:{port}",
    "https://[::1]:{port}",
    "https://[::ffff:127.0.0.1]:{port}",
    "https://[64:ff9b::7f00:1]:{port}",
    "https://１２７.0.0.1:{port}",
    "https://127。0。0。1:{port}",
    "https://10.0.0.1",
    "https://169.254.169.254/latest/meta-data",
    "https://168.63.129.16",
    "https://[fd00:ec2::254]",
    "https://crm.example.com:22",
    "https://crm.example.com:0",
    "https://crm.example.com\\@127.0.0.1:{port}",
    "https://crm.example.com\t.evil.example",
]
PLACES = [
    ("CUSTOM", "CRM", "apiEndpoint"),
    ("CUSTOM", "CRM", "tokenUrl"),
    ("API", "API", "baseUrl"),
    ("API", "API", "tokenUrl"),
    ("CHATWOOT", "HELPDESK", "baseUrl"),
    ("WEBHOOK", "WEBHOOK", "url"),
]
USUAL = {
    "CUSTOM": {"apiEndpoint": "https://crm.example.com", "credentials": {"token": TOKEN}},
    "API": {"baseUrl": "https://crm.example.com", "credentials": {"token": TOKEN}},
    "CHATWOOT": {"accountId": "1", "apiKey": TOKEN},
    "WEBHOOK": {},
}


def test_every_field_that_takes_an_address_is_held_to_it():
    typed = {
        (each.key, box.name)
        for each in registry.PROVIDERS
        for box in each.vendor.boxes
        if box.kind == "url"
    }
    assert typed == {(key, field) for key, _kind, field in PLACES}


@pytest.fixture
def ceo(northwind):
    """Whoever may connect everything."""
    return people.client_of(people.member("CEO", northwind, "ceo"))


def given(provider, kind, field, address):
    configuration = {"provider": provider, **USUAL[provider]}
    if field == "tokenUrl":
        parts = {"clientId": "client", "clientSecret": TOKEN}
        configuration |= {"authType": "OAUTH2", "credentials": parts}
    configuration[field] = address
    return {"name": "Theirs", "type": kind, "configuration": configuration}


@pytest.mark.parametrize(("provider", "kind", "field"), PLACES)
@pytest.mark.parametrize("address", REFUSED)
def test_a_hostile_address_is_refused_by_test_and_by_save(
    provider, kind, field, address, ceo, nobody, dialled, settings
):
    settings.ALLOW_PRIVATE_HOSTS = []
    body = given(provider, kind, field, address.format(port=nobody.port))
    for path in (API, f"{API}/test"):
        fields = assert_error(ceo.post(path, body), 400)["fields"]
        (message,) = fields[f"configuration.{field}"]
        assert message
        assert "this service" in message
    assert not Integration.objects.exists()
    assert dialled == []


@pytest.mark.parametrize(("provider", "kind", "field"), [*PLACES[:1], *PLACES[2:3], *PLACES[4:]])
@pytest.mark.parametrize(
    "answers",
    [[["127.0.0.1"]], [["::1"]], [["169.254.169.254"]], [[PUBLIC, "10.0.0.1"]], [["::ffff:a00:1"]]],
)
def test_a_name_that_leads_inside_is_refused(
    provider, kind, field, answers, ceo, nobody, dialled, names, settings
):
    settings.ALLOW_PRIVATE_HOSTS = []
    names.answers["crm.example.com"] = answers
    body = given(provider, kind, field, f"https://crm.example.com:{nobody.port}")
    tried = ceo.post(f"{API}/test", body).json()
    assert (tried["success"], tried["error"]) == (False, "MISCONFIGURED")
    assert "is not public" in tried["message"]
    saved = ceo.post(API, body).json()["integration"]
    tasks.check(saved["id"])
    state = ceo.get(f"{API}/{saved['id']}").json()["connectionStatus"]
    assert state["isConnected"] is False
    assert "is not public" in state["errorMessage"]
    assert dialled == []


def test_a_name_that_changes_is_dialled_where_it_was_checked(
    closer, nobody, dialled, names, settings
):
    settings.ALLOW_PRIVATE_HOSTS = []
    names.answers["crm.example.com"] = [[PUBLIC], ["127.0.0.1"]]
    body = given("CUSTOM", "CRM", "apiEndpoint", f"https://crm.example.com:{nobody.port}")
    assert closer.post(f"{API}/test", body).json()["success"] is False
    assert {address[0] for address in dialled} == {PUBLIC}


@pytest.mark.parametrize("field", ["apiEndpoint", "tokenUrl"])
def test_a_redirect_is_not_followed(field, closer, nobody, settings):
    """Neither to this machine nor to anybody else, and the credentials go nowhere."""
    grants.forget()
    head = (
        f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{nobody.port}/\r\n"
        "Content-Length: 0\r\n\r\n"
    )
    moved = RawServer(lambda connection, _request: connection.sendall(head.encode()))
    settings.ALLOW_PRIVATE_HOSTS = [moved.host]
    body = given("CUSTOM", "CRM", field, moved.url)
    body["configuration"]["apiEndpoint"] = moved.url
    tried = closer.post(f"{API}/test", body).json()
    moved.close()
    assert moved.requests
    assert (tried["success"], tried["error"]) == (False, "MISCONFIGURED")
    assert TOKEN not in str(tried)
