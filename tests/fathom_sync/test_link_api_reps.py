"""A rep's own key over the API: set by the rep and by who runs the organization,
tried before it is stored.
"""

import pytest

from core import vendors
from core.masking import Secret
from fathom_sync import accounts
from fathom_sync.accounts import connection
from sandbox.vendors.fathom import DEMO_KEYS
from tests.support.people import assert_error, client_of
from tests.support.world import World

pytestmark = pytest.mark.django_db

PATH = "/api/settings/fathom"
KEY, OTHER = DEMO_KEYS[0], DEMO_KEYS[1]
SECRET = "whsec_bWFkZS11cC1zZWNyZXQtbm90LXJlYWwh"


@pytest.fixture(autouse=True)
def fathom(sandbox, settings, monkeypatch):
    settings.FATHOM_API_BASE_URL = sandbox.url("fathom", "/external/v1")
    monkeypatch.delenv("FATHOM_API_KEY", raising=False)
    monkeypatch.delenv("FATHOM_WEBHOOK_SECRET", raising=False)
    return sandbox


def test_a_reps_own_key_is_set_by_the_rep_and_by_who_runs_the_organization():
    world, other = World(), World("Contoso", prefix="c")
    where = f"{PATH}?rep={world.rep.pk}"
    for role, status in {
        "CEO": 200,
        "ADMIN": 200,
        "CLOSER": 200,
        "MANAGER": 403,
        "SETTER": 404,
    }.items():
        answer = client_of(world.users[role]).post(where, {"apiKey": KEY})
        assert answer.status_code == status, role
    assert_error(client_of(other.users["CEO"]).post(where, {"apiKey": OTHER}), 404)
    assert_error(client_of(other.users["CEO"]).get(where), 404)
    own = accounts.account_for(world.rep)
    assert accounts.api_key(own) == Secret(KEY)
    assert accounts.status(own) == "connected"
    assert client_of(world.users["CLOSER"]).get(where).json()["account"]["kind"] == "rep"
    assert client_of(world.users["CEO"]).get(PATH).json()["hasApiKey"] is False


def test_a_reps_own_key_that_fathom_refuses_is_not_stored_and_what_was_there_stays():
    world = World()
    where, closer = f"{PATH}?rep={world.rep.pk}", client_of(world.users["CLOSER"])
    refused = assert_error(
        closer.post(where, {"apiKey": "made-up-key-of-20-characters", "webhookSecret": SECRET}), 400
    )
    assert "Invalid API key" in refused["fields"]["apiKey"][0]
    own = accounts.account_for(world.rep)
    assert (accounts.api_key(own), accounts.webhook_secret(own), accounts.status(own)) == (
        None,
        None,
        "not_configured",
    )
    assert accounts.configured() == []
    assert closer.post(where, {"apiKey": KEY}).json()["config"]["connectionStatus"] == "connected"
    assert_error(closer.post(where, {"apiKey": "made-up-key-of-20-characters"}), 400)
    own.refresh_from_db()
    assert (accounts.api_key(own), accounts.status(own)) == (Secret(KEY), "connected")
    assert not vendors.has_next(accounts.link_of(own))


def test_a_reps_new_key_that_cannot_be_tried_now_waits_and_is_never_used_once_fathom_refuses_it(
    fathom,
):
    world = World()
    where, closer = f"{PATH}?rep={world.rep.pk}", client_of(world.users["CLOSER"])
    closer.post(where, {"apiKey": KEY})
    fathom.fault("fathom", "error")
    answer = closer.post(where, {"apiKey": "made-up-key-of-20-characters"}).json()
    assert answer["message"].startswith(
        "The new key does not work, so the present one stays in use: "
    )
    assert answer["config"]["connectionStatus"] == "connected"
    fathom.heal("fathom")
    own = accounts.account_for(world.rep)
    assert connection.use_next(own, actor=world.users["CLOSER"]).waits
    assert (accounts.api_key(own), accounts.status(own)) == (Secret(KEY), "connected")


def test_a_reps_key_that_comes_back_while_fathom_fails_is_not_shown_green(fathom):
    world = World()
    client, path = client_of(world.users["CLOSER"]), f"{PATH}?rep={world.rep.pk}"
    assert client.post(path, {"apiKey": KEY}).json()["config"]["connectionStatus"] == "connected"
    assert client.delete(path).json()["config"]["connectionStatus"] == "not_configured"
    fathom.fault("fathom", "error")
    answer = client.post(path, {"apiKey": KEY}).json()
    assert answer["config"]["connectionStatus"] == "error"
    assert answer["message"].startswith("The key is saved, but the connection failed: ")
