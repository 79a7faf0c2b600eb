"""Somebody's database as an integration: tried, previewed, read by pages into contacts,
and never written.
"""

from datetime import UTC, datetime

import pytest

from core.errors import Rejected, VendorError
from core.http import CallContext
from core.http.databases import Engine
from core.models import ApiCall, AuditEvent, VendorSecret
from core.sync.pagers import Looped
from core.vendors import current
from integrations import tasks
from integrations.contacts.speaking import FAILED, ContactWrite
from integrations.models import Integration
from integrations.providers.database import contacts
from integrations.providers.database.provider import PROVIDER
from tests.integrations.conftest import API
from tests.integrations.database_cast import (
    CROWDS,
    QUERIES,
    assert_silent,
    given,
    made,
    pages,
    steps_of,
)
from tests.support import people
from tests.support.database_servers import PASSWORD, PEOPLE
from tests.support.databases import EVERY, SQL
from tests.support.people import assert_error

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("engine", EVERY)
def test_it_is_tried_and_previewed_before_it_is_saved(engine, server_of, closer, capsys):
    server = server_of(engine)
    answer = closer.post(f"{API}/test", given(server))
    body = answer.json()
    assert body["success"] is True, body
    assert set(steps_of(answer).values()) == {"passed"}
    assert len(steps_of(answer)) == 6
    assert body["details"]["version"].startswith(server.version)
    shown = body["details"]["accountInfo"]["contacts"]
    assert (shown["read"], shown["mapped"]["email"]) == (5, 5)
    assert shown["first"][0] == {"id": "1", "email": "person1@example.com", "name": "Person 1"}
    assert "email" in body["details"]["accountInfo"]["columns"]
    assert PASSWORD not in answer.content.decode()
    assert not Integration.objects.exists()
    assert_silent(capsys)


@pytest.mark.parametrize("engine", EVERY)
def test_its_rows_come_as_contacts_and_only_those_that_changed(engine, server_of, closer):
    account = made(closer, server_of(engine))
    (page,) = pages(account)
    assert [(each.id, each.fields["email"], each.fields["name"]) for each in page.records] == [
        (str(number), email, full) for number, email, full, *_rest in PEOPLE
    ]
    assert page.records[0].changed_at == datetime(2026, 11, 1, 10, tzinfo=UTC)
    (later,) = pages(account, datetime(2026, 11, 24, 10, tzinfo=UTC))
    assert [each.id for each in later.records] == ["24", "25"]


@pytest.mark.parametrize("engine", EVERY)
def test_a_long_list_comes_page_by_page(engine, server_of, closer):
    account = made(closer, server_of(engine), query=CROWDS[str(engine)])
    found = pages(account)
    assert [len(page.records) for page in found] == [500, 400]
    assert [each.id for page in found for each in page.records] == [
        str(number) for number in range(1, 901)
    ]


@pytest.mark.parametrize("engine", SQL)
def test_a_list_that_is_too_long_for_one_page_is_no_half_list(engine, server_of, closer):
    query = "SELECT a.id, a.email FROM people a, people b, people c"
    account = made(closer, server_of(engine), query=query)
    with pytest.raises(Rejected) as caught:
        pages(account)
    assert ":after" in caught.value.message


@pytest.mark.parametrize("engine", SQL)
def test_a_page_that_leads_back_to_itself_ends(engine, server_of, closer):
    words = CROWDS[str(engine)].replace("SELECT id, ", "SELECT 7 AS id, ")
    with pytest.raises(Looped):
        pages(made(closer, server_of(engine), query=words))


@pytest.mark.parametrize("engine", EVERY)
def test_pages_that_would_pass_rows_over_are_refused(engine, server_of, closer):
    words = (
        CROWDS[str(engine)]
        .replace("ORDER BY id", "ORDER BY id DESC")
        .replace('{"_id": 1}', '{"_id": -1}')
    )
    mapping = {"id": "_id" if engine == Engine.MONGODB else "id"}
    body = closer.post(f"{API}/test", given(server_of(engine), query=words, mapping=mapping)).json()
    assert body["success"] is False
    assert "must be sorted by" in body["message"]
    with pytest.raises(VendorError):
        pages(made(closer, server_of(engine), query=words))


@pytest.mark.parametrize("engine", EVERY)
def test_nothing_is_written_to_it(engine, server_of, closer):
    account = made(closer, server_of(engine))
    values = current(account)
    reader = PROVIDER.client(account, values, CallContext())
    (done,) = PROVIDER.contacts.upsert(
        reader, values, [ContactWrite("1", None, "ada@example.com", {})]
    )
    assert (done.key, done.outcome) == ("1", FAILED)


@pytest.mark.parametrize("engine", EVERY)
def test_a_stored_one_is_tried_by_the_clock_and_says_what_is_wrong(engine, server_of, closer):
    server = server_of(engine)
    account = made(closer, server)
    found = Integration.objects.get(account=account)
    tasks.check(str(found.pk))
    assert closer.get(f"{API}/{found.pk}").json()["connectionStatus"]["isConnected"] is True
    answer = closer.post(f"{API}/test", given(server, password="another-password-of-no-value"))
    body = answer.json()
    assert (body["success"], body["error"]) == (False, "BAD_CREDENTIALS")
    assert "does not accept this user and password" in body["message"]
    assert "another-password" not in str(list(ApiCall.objects.values()))


@pytest.mark.parametrize("engine", EVERY)
def test_its_password_is_sealed_and_shown_nowhere(engine, server_of, closer):
    account = made(closer, server_of(engine))
    found = Integration.objects.get(account=account)
    pages(account)
    shown = closer.get(f"{API}/{found.pk}")
    assert shown.json()["configuration"]["password"] not in ("", None, PASSWORD)
    assert VendorSecret.objects.get(field="password").value.reveal() == PASSWORD
    everything = (
        shown.content.decode()
        + str(list(AuditEvent.objects.values()))
        + str(list(ApiCall.objects.values()))
    )
    assert PASSWORD not in everything
    logged = closer.get(f"{API}/{found.pk}/logs").json()["results"]
    assert all(PASSWORD not in str(line) for line in logged)
    again = closer.post(f"{API}/{found.pk}/test").json()
    assert again["success"] is True


@pytest.mark.parametrize("engine", SQL)
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"query": "DELETE FROM people"}, "only reads"),
        ({"query": "SELECT id, email FROM people; DELETE FROM people"}, "one statement"),
        ({"query": "SELECT id, email FROM private"}, ""),
        ({"query": "SELECT id FROM people"}, "column “email”"),
        ({"mapping": {"email": "mail"}}, "column “mail”"),
        ({"database": "nosuch"}, "no database of this name"),
        ({"tls": "VERIFY"}, "certificate"),
    ],
)
def test_each_slip_is_told_apart(engine, server_of, closer, values, words):
    server = server_of(engine)
    if values.get("tls"):
        values = {**values, "port": server.tls_port}
    body = closer.post(f"{API}/test", given(server, **values)).json()
    assert body["success"] is False
    assert words in body["message"]
    assert "127.0.0.1" not in str(body)


@pytest.mark.parametrize("engine", SQL)
def test_who_could_write_is_advised_to_use_another(engine, server_of, closer):
    body = closer.post(f"{API}/test", given(server_of(engine))).json()
    steps = {step["name"]: step["message"] for step in body["details"]["steps"]}
    assert "no other right" in steps["Nothing can be changed"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"engine": "ORACLE"}, "engine"),
        ({"port": "many"}, "port"),
        ({"query": ""}, "query"),
        ({"password": None}, "password"),
        ({"tls": "PERHAPS"}, "tls"),
        ({"mapping": {"email": "a b["}}, "mapping.email"),
    ],
)
def test_what_cannot_be_stored_is_named(server_of, closer, values, field):
    for address in (API, f"{API}/test"):
        body = assert_error(
            closer.post(address, given(server_of(Engine.POSTGRESQL), **values)), 400
        )
        assert f"configuration.{field}" in body["fields"]
    assert not Integration.objects.exists()


def test_a_tier_below_connects_no_database(server_of):
    business = people.organization("Contoso", tier="BUSINESS")
    ceo = people.client_of(people.member("CEO", business))
    body = assert_error(ceo.post(API, given(server_of(Engine.POSTGRESQL))), 403, "TIER_LIMIT")
    assert body["requiredTier"] == "PRO_PLUS"


def test_parameters_are_what_each_engine_reads():
    moment = datetime(2026, 11, 30, 12, 30, tzinfo=UTC)
    found = {
        engine: contacts.arguments(_Chosen({"engine": engine}), moment)["since"]
        for engine in QUERIES
    }
    assert found == {
        "POSTGRESQL": "2026-11-30T12:30:00+00:00",
        "MYSQL": "2026-11-30 12:30:00.000000",
        "MONGODB": "2026-11-30T12:30:00Z",
    }


class _Chosen(dict):
    def text(self, name):
        return self.get(name, "")
