"""Every address of the site against what only an attacker or a broken client sends:
never a 5xx, and one error shape.

The addresses come from the URL configuration, the fields and parameters from the published schema:
what is added later is covered without a line here.
"""

import json
import re
import uuid
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from core.health import heartbeats
from core.models import Run, User
from sandbox.vendors import demo_keys
from tests.support import truth
from tests.support.addresses import PARAMETER, Address, every_address
from tests.support.people import assert_error, client_of, person
from tests.support.world import World

pytestmark = pytest.mark.django_db

ODD_IDS = [
    "0",
    "-1",
    "x",
    "None",
    "null",
    "%20",
    "..",
    "%2e%2e%2f",
    "9" * 400,
    "00000000-0000-0000-0000-000000000000",
    "' OR 1=1--",
    "%F0%9F%97%9D",
    "%00",
    "%ff%fe",
    "0193d7a0-0000-7000-8000-00000000000g",
    "a" * 3000,
]
ODD_VALUES = [
    "",
    "%00",
    "%ff",
    "%F0%9F%97%9D",
    "-1",
    "9" * 400,
    "1e999",
    "NaN",
    "[]",
    "a" * 5000,
    "%27%22--",
    "null",
    "%ED%A0%80",
]
COMMON_PARAMETERS = [
    "search",
    "ordering",
    "pageSize",
    "cursor",
    "page",
    "q",
    "next",
    "format",
    "state",
    "sort",
]
ODD_BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'""',
    b"0",
    b"true",
    b"\xff\xfe\x00",
    b'{"a": "\\u0000"}',
    b'{"\\u0000": 1}',
    b'{"a": "\\ud800"}',
    b"NaN",
    b'{"a": Infinity}',
    b'{"a": 1e999}',
    b"[" * 60 + b"]" * 60,
    b'{"a":' * 5000 + b"1" + b"}" * 5000,
    b"[" * 200_000,
    b'{"' + b"k" * 100_000 + b'": 1}',
    b"--boundary\r\nnonsense",
    b"a=1&b=%00&c=%ff",
]
ODD_JSON: list[Any] = [
    None,
    True,
    -1,
    0,
    2**63,
    10**40,
    1.5,
    "",
    " ",
    "\x00",
    "x" * 10_000,
    "\u202e🗝",
    [],
    [None],
    [[]],
    {},
    {"a": {"b": []}},
    [{}],
]
KINDS = [
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "",
    "a/b;;==",
]
METHODS = ["POST", "PUT", "PATCH", "DELETE"]

PLACES = ("/api/crm/", "/api/organization/", "/api/calls/")
ADDRESSES = [address for address in every_address() if not address.is_admin]
ADMIN = [address for address in every_address() if address.is_admin and not address.parameters]


def names(address: Address) -> str:
    return address.path


@pytest.fixture(autouse=True)
def everything_lives() -> None:
    """/readyz answers 503 when a part is missing, and is right to."""
    heartbeats.write_beat()
    heartbeats.write_worker("celery@here")


@pytest.fixture(autouse=True)
def every_door_is_set_up(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A webhook's door without its secret answers 503, and would look no further."""
    settings.LIVEKIT_API_URL = "ws://127.0.0.1:9"
    settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET = (
        demo_keys.LIVEKIT_API_KEY,
        demo_keys.LIVEKIT_API_SECRET,
    )
    monkeypatch.setenv("FATHOM_WEBHOOK_SECRET", "whsec_" + "c2VjcmV0" * 4)
    monkeypatch.setenv("HUBSPOT_CLIENT_SECRET", "secret-of-no-value")


@pytest.fixture
def chief() -> User:
    """May do everything, so that no permission hides a fault."""
    return person("chief", is_staff=True, is_superuser=True)


def clients(chief: User, address: Address) -> Iterator[Client]:
    """A signed-in client (by token for the API, by cookie for pages) and a stranger."""
    if address.is_api:
        yield client_of(chief)
    else:
        client = Client(raise_request_exception=False)
        client.force_login(chief)
        yield client
    yield Client(raise_request_exception=False)


def judge(method: str, path: str, answer: Any) -> None:
    assert answer.status_code < 500, f"{method} {path[:200]} answered {answer.status_code}"
    if path.startswith(("/api/", "/functions/", "/webhooks/")) and answer.status_code >= 400:
        assert_error(answer, answer.status_code)
        if "%" not in path.partition("?")[0]:
            truth.check(method, path, answer)


def usual(address: Address) -> str:
    """The address with ids that exist."""
    run = Run.objects.first() or Run.objects.create(
        kind="probe",
    )
    path = address.path
    if address.parameters and path.startswith(PLACES):
        path = World(prefix=f"{uuid.uuid4().hex[:8]}-").fill(path)
    return PARAMETER.sub(str(run.pk), path)


def generic(
    client: Client, method: str, path: str, body: bytes = b"", kind: str = "application/json"
) -> Any:
    plain, _, query = path.partition("?")
    return client.generic(method, plain, body, content_type=kind, QUERY_STRING=query)


@pytest.mark.parametrize(
    "address", [address for address in ADDRESSES if address.parameters], ids=names
)
def test_odd_ids(address, chief):
    for client in clients(chief, address):
        for odd in ODD_IDS:
            path = address.fill(**dict.fromkeys(address.parameters, odd))
            for method in ("GET", "POST"):
                judge(method, path, generic(client, method, path))


@pytest.mark.parametrize("address", ADDRESSES, ids=names)
def test_odd_query_values(address, chief):
    parameters = set(COMMON_PARAMETERS)
    operation = truth.operation_of("GET", usual(address)) or {}
    parameters |= {
        parameter["name"]
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "query"
    }
    path, (client, _) = usual(address), clients(chief, address)
    for odd in ODD_VALUES:
        everything = "&".join(f"{name}={odd}" for name in sorted(parameters))
        judge("GET", path, generic(client, "GET", f"{path}?{everything}"))
    for name in sorted(parameters):
        judge("GET", path, generic(client, "GET", f"{path}?{name}=%00"))
        judge("GET", path, generic(client, "GET", f"{path}?{name}={'9' * 30}"))


@pytest.mark.parametrize("address", ADDRESSES, ids=names)
def test_odd_bodies_and_kinds(address, chief):
    for client in clients(chief, address):
        path = usual(address)
        for body in ODD_BODIES:
            judge("POST", path, generic(client, "POST", path, body))
        for method in METHODS:
            judge(method, path, generic(client, method, path, b"{"))
            judge(method, path, generic(client, method, path, b"\xff"))
        for kind in KINDS:
            judge("POST", path, generic(client, "POST", path, b'{"a": 1}', kind))


@pytest.mark.parametrize("address", ADDRESSES, ids=names)
def test_a_huge_body(address, chief, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = settings.WEBHOOK_MAX_BODY = 10_000
    body = b'{"a": "' + b"x" * 20_000 + b'"}'
    path = usual(address)
    for client in clients(chief, address):
        for kind in ("application/json", "application/x-www-form-urlencoded"):
            judge("POST", path, generic(client, "POST", path, body, kind))


@pytest.mark.parametrize("address", ADDRESSES, ids=names)
def test_odd_headers(address, chief):
    odd = [
        {"HTTP_AUTHORIZATION": "Bearer \xff"},
        {"HTTP_AUTHORIZATION": "Basic x"},
        {"HTTP_COOKIE": "sessionid=\x7f; csrftoken=ü"},
        {"HTTP_ACCEPT_LANGUAGE": "x" * 5000},
        {"HTTP_ACCEPT": "\xff"},
        {"HTTP_IDEMPOTENCY_KEY": "\xff" * 300},
        {"HTTP_HX_REQUEST": "true"},
        {"HTTP_X_FORWARDED_FOR": "x, y, z"},
        {"REMOTE_ADDR": "nonsense"},
        {"HTTP_USER_AGENT": "\x00" * 5},
        {"CONTENT_LENGTH": "x"},
    ]
    path = usual(address)
    for client in clients(chief, address):
        for headers in odd:
            for method in ("GET", "POST"):
                judge(
                    method,
                    path,
                    client.generic(method, path, b"{}", content_type="application/json", **headers),
                )


def written_fields() -> dict[tuple[str, str], list[str]]:
    """Return the fields that each operation takes, by its method and path."""
    found = {}
    for (method, path), operation in truth.operations().items():
        if "requestBody" in operation:
            content = truth.resolved(operation["requestBody"])["content"]
            found[method, path] = list(
                truth.resolved(next(iter(content.values()))["schema"]).get("properties", {})
            )
    return found


@pytest.mark.parametrize(("operation", "fields"), written_fields().items(), ids=" ".join)
def test_wrong_types_in_every_field(operation, fields, chief, subtests):
    method, path = operation
    run = Run.objects.create(
        kind="probe",
    )
    real = World().fill(path) if path.startswith(PLACES) else path
    real = re.sub(r"\{\w+\}", str(run.pk), real)
    client = client_of(chief)
    for field, odd in product(fields, ODD_JSON):
        cache.clear()  # what this person may ask in a minute
        with subtests.test(f"{field}={odd!r}"):
            answer = generic(client, method, real, json.dumps({field: odd}).encode())
            assert answer.status_code < 500
            truth.check(method, real, answer)
            if answer.status_code >= 400:
                assert_error(answer, answer.status_code)


@pytest.mark.parametrize("address", ADMIN, ids=names)
def test_the_admin_with_odd_queries(address, chief):
    client = Client(raise_request_exception=False)
    client.force_login(chief)
    for query in (
        "q=%00",
        "q=%ff",
        "p=x&o=x&e=1",
        f"p={'9' * 60}",
        "_facets=x&id__exact=x",
        "created_at__gte=x",
        "next=//x",
    ):
        answer = generic(client, "GET", f"{address.path}?{query}")
        assert answer.status_code < 500, f"{address.path}?{query} answered {answer.status_code}"
