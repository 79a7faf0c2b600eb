"""What hostile people enter and hostile services answer is refused in words:
never a 500, never a crash.
"""

import json

import pytest

from core.errors import Misconfigured, VendorError
from core.http import HeaderKey
from core.http.auth import can_be_sent
from core.masking import Secret
from integrations.models import Integration
from integrations.providers.custom import writing
from integrations.providers.freeform import grants, listing, paths
from sandbox.vendors.oauth_server import CLIENT_ID
from tests.integrations.anycrm_cast import given as anycrm
from tests.integrations.conftest import API, connected, given
from tests.support import people
from tests.support.people import assert_error

pytestmark = pytest.mark.django_db
DEEP = 3000
ODD = {*map(chr, range(32)), "\x7f", "\u2028", "\u202e"}


def in_words(answer):
    """Assert that the answer is one of ours, whatever it says."""
    assert answer.status_code in (200, 201, 400, 413, 429), answer.content[:300]
    return answer


@pytest.mark.parametrize(
    "name",
    [
        "Host",
        "content-length",
        "Transfer-Encoding",
        "CONNECTION",
        "Content-Type",
        "upgrade",
        "Expect",
        "TE",
    ],
)
def test_no_key_goes_under_a_name_that_frames_the_request(name, sandbox, closer):
    for address in (API, f"{API}/test"):
        body = anycrm(sandbox, "header", apiKeyName=name, credentials={"apiKey": "chunked"})
        fields = assert_error(closer.post(address, body), 400)["fields"]
        assert set(fields) == {"configuration.apiKeyName"}
    assert not sandbox.journal("anycrm")
    assert not can_be_sent(HeaderKey(name, Secret("30")))
    assert can_be_sent(HeaderKey("X-API-Key", Secret("30")))


@pytest.mark.parametrize(
    "variables",
    [
        '{"a": 1e999}',
        '{"a": ' + "9" * 400 + "}",
        '{"a": NaN}',
        '{"a": "\\ud800"}',
        '{"a":' * DEEP + "1" + "}" * DEEP,
        '{"a": ' + "9" * 5000 + "}",
        "[]",
        "{",
    ],
)
def test_variables_that_cannot_be_sent_are_refused(variables, sandbox, boss):
    body = {
        "name": "Ours",
        "type": "API",
        "configuration": {
            "provider": "API",
            "kind": "GRAPHQL",
            "baseUrl": sandbox.url("anycrm"),
            "credentials": {"token": "t" * 20},
            "query": "query { people { id } }",
            "variables": variables,
        },
    }
    for address in (f"{API}/test", API):
        answer = in_words(boss.post(address, body))
        if answer.status_code == 400:
            assert set(answer.json()["fields"]) == {"configuration.variables"}


@pytest.mark.parametrize(
    "credentials",
    [
        '{"token": "\\ud800"}',
        '{"token": "\\u0000"}',
        '{"token": "a\\r\\nX-Evil: 1"}',
        '{"token": ' + '{"a":' * DEEP + "1" + "}" * (DEEP + 1),
        '{"token": 9' + "9" * 5000 + "}",
        '{"token": "a", "token": ""}',
        '{"' + "n" * 10_000 + '": "x"}',
        {"token": "é" * 20},
        {"token": "x" * 39_000},
        {"t" * 30_000: "x"},
        {"": "x"},
    ],
)
@pytest.mark.parametrize("sign_in", ["bearer", "basic", "header", "query", "oauth2"])
def test_odd_credentials_are_refused_in_words(credentials, sign_in, sandbox, closer):
    body = anycrm(sandbox, sign_in, credentials=credentials)
    for address in (f"{API}/test", API):
        in_words(closer.post(address, body))
    for row in Integration.objects.all():
        in_words(closer.get(f"{API}/{row.pk}"))
        in_words(closer.post(f"{API}/{row.pk}/test"))
    in_words(closer.get(API))


@pytest.mark.parametrize(
    "values",
    [
        {"x" * 10_000: 1},
        {"features": {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}},
        {"features.syncContacts": True, "features": {"syncContacts": False}},
        {"features": [True]},
        {"features": None},
        {"baseUrl": "https://[::1"},
        {"baseUrl": "https://x" + "." * 300},
        {"baseUrl": "https://" + "a" * 10_000},
        {"apiKey": ["x"]},
        {"credentials": "[[[["},
        {"integrationId": {"a": 1}},
        {"integrationId": "x" * 10_000},
        {"provider": {"a": [1]}},
        {"provider": None},
        {"connectionStatus": {"a": "b"}},
        {"": {"": ""}},
        {".": 1, "..": 2, "a..b": 3},
    ],
)
def test_odd_configurations_are_refused_in_words(values, toybox, closer):
    for address in (f"{API}/test", API):
        in_words(closer.post(address, given(toybox, **values)))


def test_thousands_of_unknown_fields_are_answered_in_a_few_words(toybox, closer):
    answer = closer.post(API, given(toybox, **{f"field{number}": "x" for number in range(10_000)}))
    assert_error(answer, 400)
    assert len(answer.content) < 20_000


@pytest.mark.parametrize(
    "name", ["a\nb", "a\rBcc: eve@x.example", "\u202eevil", "x" * 10_000, "\t", "a\x1b[31m"]
)
def test_names_are_one_line(name, toybox, closer):
    answer = closer.post(API, {**given(toybox), "name": name})
    if answer.status_code == 201:
        kept = answer.json()["integration"]["name"]
        assert not set(kept) & ODD, repr(kept)
    else:
        assert set(assert_error(answer, 400)["fields"]) == {"name"}
    made = connected(closer, toybox)
    answer = closer.patch(f"{API}/{made['id']}", {"name": name})
    kept = closer.get(f"{API}/{made['id']}").json()["name"]
    assert not set(kept) & ODD, repr(kept)


def test_nobody_learns_who_else_has_an_account(toybox, closer):
    made = connected(closer, toybox)
    people.member("CEO", people.organization("Contoso"), "outsider")
    answers = []
    for name in ("outsider", "nobody-at-all"):
        answer = closer.post(f"{API}/{made['id']}/transfer", {"username": name})
        body = assert_error(answer, 400)
        answers.append((body["error"], body["message"], body["fields"]))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    "path",
    ["emails[500].value", "[0].email", "a[0].b", "a.b[2]", "a.b.c", "$", "emails[100].value"],
)
def test_a_place_that_cannot_be_written_to_is_said(path):
    found = {"a": "x", "emails": []}
    try:
        paths.put(found, path, "y")
    except ValueError:
        with pytest.raises(Misconfigured):
            writing._put("custom", {"a": "x", "emails": []}, path, "y")
    else:
        assert paths.find(found, path) == "y"


@pytest.mark.parametrize(
    "lasts", ["9" * 6000, 1e400, -1, True, None, "٣٦٠٠", 3600, [1], {"a": 1}, float("nan")]
)
def test_a_token_lasts_for_what_can_be_believed(lasts):
    assert 0 <= grants._seconds(lasts) <= grants.LONGEST


class Answering:
    """A client that has an address alone."""

    vendor, base_url = "custom", "https://crm.example/v1"


@pytest.mark.parametrize("link", ["http://[", "//[::1", "https://[::1"])
def test_a_link_that_is_no_address_is_said(link):
    with pytest.raises(VendorError):
        listing._linked(Answering(), "/contacts", link)


@pytest.mark.parametrize(
    "query",
    [
        '{"collection": "c", "filter": ' + '{"a":' * 3000 + "1" + "}" * 3001,
        "SELECT " + "(" * 9000,
        "SELECT '" + "''" * 9000,
        "SELECT /*" + "/*" * 9000,
        "SELECT $a$" + "$b$" * 6000,
        "\ufeff;" * 5000,
    ],
)
@pytest.mark.parametrize("engine", ["POSTGRESQL", "MYSQL", "MONGODB"])
def test_odd_queries_cost_a_moment(query, engine, boss):
    values = {
        "provider": "DATABASE",
        "engine": engine,
        "host": "127.0.0.1",
        "database": "a",
        "user": "b",
    }
    configuration = {**values, "password": "c" * 30, "tls": "OFF", "query": query}
    in_words(
        boss.post(f"{API}/test", {"name": "x", "type": "DATABASE", "configuration": configuration})
    )


def test_query_keys_are_not_in_the_log(sandbox, closer):
    body = anycrm(sandbox, "query", credentials={"key": "123456789012"})
    made = closer.post(API, body).json()["integration"]
    closer.post(f"{API}/{made['id']}/test")
    log = closer.get(f"{API}/{made['id']}/logs").content.decode()
    assert json.loads(log)["results"]
    assert "123456789012" not in log
    assert CLIENT_ID not in log
