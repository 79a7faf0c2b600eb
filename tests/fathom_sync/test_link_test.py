"""The test button: what it says of a key, whose status it may change,
and how often it may be pressed.
"""

import pytest

from core import settings_store
from core.models import ApiCall, AuditEvent
from core.redis import connection as redis_connection
from fathom_sync import accounts
from fathom_sync.accounts import config
from sandbox.vendors.fathom import DEMO_KEYS
from tests.support.people import assert_error, client_of, staff

pytestmark = pytest.mark.django_db

PATH = "/api/settings/fathom/test"
KEY, OTHER = DEMO_KEYS[0], DEMO_KEYS[1]
WRONG = "a-key-that-fathom-never-gave"


@pytest.fixture(autouse=True)
def fathom(sandbox, settings, monkeypatch):
    settings.FATHOM_API_BASE_URL = sandbox.url("fathom", "/external/v1")
    monkeypatch.delenv("FATHOM_API_KEY", raising=False)
    for key in redis_connection().scan_iter("koppel:quota:*"):
        redis_connection().delete(key)
    return sandbox


@pytest.fixture
def ops():
    return client_of(staff())


def state():
    account = accounts.installation()
    return str(accounts.status(account)), accounts.last_tested(account)


def test_a_good_key_answers_as_the_seed_does(ops, fathom):
    fathom.turn("fathom", meetings=7)
    body = ops.post(PATH, {"apiKey": KEY}).json()
    assert body == {
        "success": True,
        "message": "Connection successful!",
        "teamName": "Sales Antwerp",
        "teamId": body["teamId"],
        "callsCount": 7,
        "callsCountIsExact": True,
    }
    assert body["teamId"].startswith("team_")
    assert ops.post(PATH, {"apiKey": KEY}).json()["teamId"] == body["teamId"]


def test_where_there_are_more_calls_than_a_page_the_count_says_that_it_is_not_exact(ops, fathom):
    fathom.turn("fathom", meetings=25, teams=0)
    body = ops.post(PATH, {"apiKey": KEY}).json()
    assert (body["callsCount"], body["callsCountIsExact"]) == (10, False)
    assert (body["teamName"], body["teamId"]) == ("", "")


@pytest.mark.parametrize(
    ("language", "words", "good"),
    [
        ("en", "Invalid API key", "Connection successful!"),
        ("nl", "Ongeldige API-sleutel", "Verbinding succesvol!"),
        ("fr", "Clé API non valide", "Connexion réussie !"),
    ],
)
def test_a_bad_key_answers_as_the_seed_does_in_the_readers_language(ops, language, words, good):
    spoken = {"headers": {"Accept-Language": language}}
    answer = ops.post(PATH, {"apiKey": WRONG}, **spoken)
    body = answer.json()
    assert answer.status_code == 200
    assert body == {"success": False, "error": "Connection failed", "message": body["message"]}
    assert body["message"].startswith(words)
    assert ops.post(PATH, {"apiKey": KEY}, **spoken).json()["message"] == good


def test_a_key_of_the_wrong_form_is_said_to_be_so_without_a_call(ops, fathom):
    body = ops.post(PATH, {"apiKey": "short"}).json()
    assert (body["success"], body["error"]) == (False, "Connection failed")
    assert "20 characters" in body["message"]
    assert fathom.journal("fathom") == []


def test_without_a_key_it_tries_the_stored_one_and_writes_what_came_of_it(ops, fathom):
    accounts.save(accounts.installation(), api_key=KEY, actor="a test")
    assert state() == ("not_configured", None)
    assert ops.post(PATH, {}).json()["success"] is True
    status, tested = state()
    assert status == "connected"
    fathom.turn("fathom", revoked=[KEY])
    assert ops.post(PATH, {"apiKey": "koppel-..._0001"}).json()["success"] is False
    status, again = state()
    assert status == "error"
    assert again > tested


def test_with_no_key_anywhere_it_says_that_there_is_none(ops):
    body = ops.post(PATH, {}).json()
    assert (body["success"], body["error"]) == (False, "Not configured")
    assert state() == ("not_configured", None)


def test_a_key_that_is_not_stored_leaves_the_stored_ones_status_alone(ops):
    accounts.save(accounts.installation(), api_key=KEY, actor="a test")
    ops.post(PATH, {})
    before = state()
    for key, success in ((WRONG, False), (OTHER, True), ("short", False)):
        assert ops.post(PATH, {"apiKey": key}).json()["success"] is success
    assert state() == before
    assert accounts.api_key(accounts.installation()).reveal() == KEY


@pytest.mark.parametrize(
    ("fault", "status"),
    [({"kind": "error"}, "error"), ({"kind": "rate_limited", "retry_after": "30"}, "connected")],
)
def test_a_vendor_in_trouble_is_said_to_be_so_and_its_refusals_for_haste_are_no_fault_of_the_key(
    ops, fathom, fault, status
):
    accounts.save(accounts.installation(), api_key=KEY, actor="a test")
    ops.post(PATH, {})
    fathom.fault("fathom", **fault)
    body = ops.post(PATH, {}).json()
    assert body["success"] is False
    assert "Invalid" not in body["message"]
    assert state()[0] == status


def test_after_ten_in_a_minute_it_is_429_with_a_time_to_wait(ops):
    for _ in range(10):
        assert ops.post(PATH, {"apiKey": "short"}).status_code == 200
    answer = ops.post(PATH, {"apiKey": "short"})
    assert_error(answer, 429)
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert client_of(staff()).post(PATH, {"apiKey": "short"}).status_code == 200


def test_how_many_is_a_setting(ops):
    settings_store.put(config.TESTS_PER_MINUTE, "2", actor="a test")
    assert [ops.post(PATH, {"apiKey": "short"}).status_code for _ in range(3)] == [200, 200, 429]


def test_a_test_is_audited_and_its_calls_are_light_and_show_no_key(ops):
    ops.post(PATH, {"apiKey": KEY})
    event = AuditEvent.objects.get(action="connection.tested")
    assert (event.facts["success"], event.facts["stored"]) == (True, False)
    calls = list(ApiCall.objects.order_by("id"))
    assert [call.endpoint for call in calls] == [
        "/fathom/external/v1/teams",
        "/fathom/external/v1/meetings",
    ]
    assert KEY not in "".join(str(row.__dict__) for row in [event, *calls])
