"""An API of any make, REST or GraphQL, read by a schedule as contacts."""

from datetime import UTC, datetime

import pytest

from core.errors import BadCredentials, RateLimited, Rejected, Temporary, VendorError
from integrations.contacts.speaking import FAILED, ContactWrite
from integrations.models import Integration
from sandbox.vendors.anycrm.vendor import TOKEN
from tests.integrations.anycrm_cast import MAPPING, PAGINGS, SIGN_INS, ids, made, pages, write
from tests.integrations.conftest import API
from tests.support import people
from tests.support.people import assert_error

pytestmark = pytest.mark.django_db
EVERYBODY = [str(number) for number in range(1, 26)]
QUERY = """query ($first: Int, $after: String, $since: DateTime) {
  people(first: $first, after: $after, since: $since) {
    edges { node { id name { full first last } emails { value } company { name } updated_at } }
    pageInfo { hasNextPage endCursor }
  }
}"""
GRAPHQL = {
    "kind": "GRAPHQL",
    "path": "/graphql",
    "query": QUERY,
    "variables": '{"first": 10}',
    "itemsPath": "data.people.edges",
    "sinceParam": "since",
    "paging": {
        "kind": "CURSOR",
        "cursorParam": "after",
        "cursorPath": "data.people.pageInfo.endCursor",
        "morePath": "data.people.pageInfo.hasNextPage",
    },
    "mapping": {"id": "node.id", **{name: f"node.{place}" for name, place in MAPPING.items()}},
}


def given(sandbox, **values):
    configuration = {
        "provider": "API",
        "baseUrl": sandbox.url("anycrm"),
        **SIGN_INS["bearer"],
        **values,
    }
    return {"name": "Their API", "type": "API", "configuration": configuration}


def rest(sandbox, paging="PAGE", **values):
    listed = {name: value for name, value in PAGINGS[paging].items() if name != "contactsPath"}
    path = f"/v1{PAGINGS[paging]['contactsPath']}"
    return given(
        sandbox, path=path, mapping=MAPPING, sinceParam="updated_since", **{**listed, **values}
    )


@pytest.mark.parametrize("paging", PAGINGS)
def test_a_rest_list_is_tried_and_read_to_its_end(paging, sandbox, closer):
    body = closer.post(f"{API}/test", rest(sandbox, paging)).json()
    assert body["success"] is True, body
    assert body["details"]["accountInfo"]["contacts"]["mapped"]["email"] == 10
    assert ids(made(closer, rest(sandbox, paging))) == EVERYBODY


def test_a_query_is_tried_and_read_to_its_end(sandbox, closer):
    body = closer.post(f"{API}/test", given(sandbox, **GRAPHQL)).json()
    assert body["success"] is True, body
    assert (
        body["details"]["accountInfo"]["contacts"]["first"][0]["email"]
        == "person1@customers.example"
    )
    account = made(closer, given(sandbox, **GRAPHQL))
    assert ids(account) == EVERYBODY
    assert ids(account, datetime(2026, 11, 2, 8, tzinfo=UTC)) == ["24", "25"]
    assert (
        TOKEN
        not in closer.get(f"{API}/{Integration.objects.get(account=account).pk}").content.decode()
    )


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("UNAUTHENTICATED", BadCredentials),
        ("FORBIDDEN", Rejected),
        ("THROTTLED", RateLimited),
        ("INTERNAL_SERVER_ERROR", Temporary),
        ("BAD_USER_INPUT", Rejected),
    ],
)
def test_errors_that_come_with_status_200_are_told_apart(code, kind, sandbox, closer):
    account = made(closer, given(sandbox, **GRAPHQL))
    sandbox.turn("anycrm", fails=code)
    with pytest.raises(kind):
        pages(account)


@pytest.mark.parametrize(
    "query", ["query { nosuch { id } }", "query { people {", "mutation { remove }", "{}"]
)
def test_a_query_that_cannot_be_read_is_said_in_words(query, sandbox, closer):
    body = closer.post(f"{API}/test", given(sandbox, **{**GRAPHQL, "query": query})).json()
    assert (body["success"], body["error"]) == (False, "REJECTED")


def test_a_query_whose_cursor_stands_still_ends(sandbox, closer):
    account = made(closer, given(sandbox, **GRAPHQL))
    sandbox.fault("anycrm", "looping_cursor", path="/graphql")
    with pytest.raises(VendorError):
        pages(account)


def test_half_an_answer_is_none(sandbox, closer):
    account = made(closer, given(sandbox, **GRAPHQL))
    sandbox.fault("anycrm", "cut", path="/graphql", after=1)
    with pytest.raises(VendorError):
        pages(account)


def test_nothing_is_written_to_it(sandbox, closer):
    (done,) = write(made(closer, rest(sandbox)), ContactWrite("1", None, "ada@example.com", {}))
    assert (done.key, done.outcome) == ("1", FAILED)
    assert sandbox.journal("anycrm") == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "SOAP"}, "kind"),
        ({**GRAPHQL, "query": ""}, "query"),
        ({**GRAPHQL, "variables": "[1]"}, "variables"),
        ({**GRAPHQL, "variables": "first: 10"}, "variables"),
        ({"path": "people"}, "path"),
        ({"path": "/people\r\nHost: x"}, "path"),
    ],
)
def test_what_cannot_be_stored_is_named(sandbox, closer, values, field):
    for address in (API, f"{API}/test"):
        body = assert_error(closer.post(address, given(sandbox, **values)), 400)
        assert f"configuration.{field}" in body["fields"]
    assert not Integration.objects.exists()


def test_a_tier_below_connects_no_api(sandbox):
    ceo = people.client_of(people.member("CEO", people.organization("Contoso", tier="TEAM")))
    body = assert_error(ceo.post(API, rest(sandbox)), 403, "TIER_LIMIT")
    assert body["requiredTier"] == "PRO_PLUS"
