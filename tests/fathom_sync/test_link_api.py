"""`/api/settings/fathom`, to the letter of the seed: what is shown of a key,
who may say it, what is kept.
"""

import pytest

from core.masking import Secret
from core.models import AuditEvent, Incident, VendorSecret
from core.signin import roles
from fathom_sync import accounts
from sandbox.vendors.fathom import DEMO_KEYS
from tests.support.people import assert_error, client_of, organization, person, staff
from tests.support.world import World

pytestmark = pytest.mark.django_db

PATH = "/api/settings/fathom"
KEY, OTHER = DEMO_KEYS[0], DEMO_KEYS[1]
MASKED = "koppel-..._0001"
SECRET = "whsec_bWFkZS11cC1zZWNyZXQtbm90LXJlYWwh"
BULLETS = "•" * 18


@pytest.fixture(autouse=True)
def fathom(sandbox, settings, monkeypatch):
    settings.FATHOM_API_BASE_URL = sandbox.url("fathom", "/external/v1")
    monkeypatch.delenv("FATHOM_API_KEY", raising=False)
    monkeypatch.delenv("FATHOM_WEBHOOK_SECRET", raising=False)
    return sandbox


@pytest.fixture
def ops():
    return client_of(staff())


def test_the_answer_of_get_has_the_fields_and_types_of_the_seed(ops):
    assert ops.post(PATH, {"apiKey": KEY, "webhookSecret": SECRET}).status_code == 200
    body = ops.get(PATH).json()
    seed = {name: body[name] for name in body if name not in ("account", "webhook")}
    assert seed == {
        "apiKey": MASKED,
        "apiKeyFull": None,
        "webhookSecret": BULLETS,
        "webhookSecretFull": None,
        "connectionStatus": "connected",
        "lastTested": body["lastTested"],
        "hasApiKey": True,
        "hasWebhookSecret": True,
    }
    assert body["lastTested"].endswith("Z")
    assert body["account"] == {
        "kind": "installation",
        "name": "Installation",
        "organizationId": None,
        "repId": None,
    }
    assert body["webhook"]["registered"] is False


def test_before_anything_is_set_nothing_is_claimed(ops):
    body = ops.get(PATH).json()
    assert {name: body[name] for name in body if name not in ("account", "webhook")} == {
        "apiKey": None,
        "apiKeyFull": None,
        "webhookSecret": None,
        "webhookSecretFull": None,
        "connectionStatus": "not_configured",
        "lastTested": None,
        "hasApiKey": False,
        "hasWebhookSecret": False,
    }


def test_the_answer_of_post_is_that_of_the_seed(ops):
    assert ops.post(PATH, {"apiKey": KEY, "webhookSecret": SECRET}).json() == {
        "success": True,
        "message": "Configuration updated successfully",
        "config": {"hasApiKey": True, "hasWebhookSecret": True, "connectionStatus": "connected"},
    }


def test_where_the_environments_key_stands_behind_a_removed_one_that_is_said(ops, monkeypatch):
    ops.post(PATH, {"apiKey": OTHER})
    monkeypatch.setenv("FATHOM_API_KEY", KEY)
    body = ops.delete(PATH).json()
    assert (body["config"]["hasApiKey"], body["message"]) == (
        True,
        (
            "The stored key is removed. The key of the server's environment is used now; it is "
            "removed there."
        ),
    )
    monkeypatch.delenv("FATHOM_API_KEY")
    body = ops.delete(PATH).json()
    assert (body["config"]["hasApiKey"], body["message"]) == (False, "The key is removed.")


def test_saving_tries_no_more_keys_in_a_minute_than_the_test_does(ops, fathom):
    def tried():
        return sum(row["path"].endswith("/teams") for row in fathom.journal("fathom"))

    answers = [
        ops.post(PATH, {"apiKey": f"a-key-that-was-never-given-{number:02}"})
        for number in range(12)
    ]
    assert {answer.status_code for answer in answers} == {200}
    states = [answer.json()["config"]["connectionStatus"] for answer in answers]
    assert (states, tried()) == (["error"] * 10 + ["not_configured"] * 2, 10)
    assert answers[-1].json()["message"].startswith("The key is saved and was not tested")
    assert accounts.api_key(accounts.installation()) == Secret("a-key-that-was-never-given-11")
    assert_error(ops.post(f"{PATH}/test", {}), 429)
    assert tried() == 10


def test_a_saved_key_that_fathom_refuses_is_kept_and_not_shown_green(ops):
    answer = ops.post(PATH, {"apiKey": "a-key-that-fathom-never-gave"})
    assert answer.status_code == 200
    assert answer.json()["config"] == {
        "hasApiKey": True,
        "hasWebhookSecret": False,
        "connectionStatus": "error",
    }
    assert answer.json()["message"].startswith(
        "The key is saved, but the connection failed: Invalid API key"
    )


def test_a_new_key_takes_a_working_ones_place_only_once_it_worked_or_where_it_is_insisted_on(ops):
    wrong = "a-key-that-fathom-never-gave"
    ops.post(PATH, {"apiKey": KEY})
    answer = ops.post(PATH, {"apiKey": wrong}).json()
    assert answer["config"] == {
        "hasApiKey": True,
        "hasWebhookSecret": False,
        "connectionStatus": "connected",
    }
    assert answer["message"].startswith(
        "The new key does not work, so the present one stays in use: Invalid API key"
    )
    assert accounts.api_key(accounts.installation()) == Secret(KEY)
    assert not Incident.objects.exists()

    answer = ops.post(PATH, {"apiKey": OTHER}).json()
    assert (answer["message"], answer["config"]["connectionStatus"]) == (
        "Configuration updated successfully",
        "connected",
    )
    assert accounts.api_key(accounts.installation()) == Secret(OTHER)

    answer = ops.post(PATH, {"apiKey": wrong, "insist": True}).json()
    assert answer["config"]["connectionStatus"] == "error"
    assert accounts.api_key(accounts.installation()) == Secret(wrong)
    assert Incident.objects.get().closed_at is None


def test_a_new_webhook_secret_asks_nothing_of_fathom_and_leaves_the_state(ops, fathom):
    ops.post(PATH, {"apiKey": KEY})
    before, asked = ops.get(PATH).json()["lastTested"], len(fathom.journal("fathom"))
    answer = ops.post(PATH, {"apiKey": MASKED, "webhookSecret": SECRET}).json()
    assert answer["config"] == {
        "hasApiKey": True,
        "hasWebhookSecret": True,
        "connectionStatus": "connected",
    }
    assert (ops.get(PATH).json()["lastTested"], len(fathom.journal("fathom"))) == (before, asked)


def test_a_mask_sent_back_keeps_what_is_stored_and_an_empty_secret_removes_it(ops):
    ops.post(PATH, {"apiKey": KEY, "webhookSecret": SECRET})
    assert (
        ops.post(PATH, {"apiKey": MASKED, "webhookSecret": BULLETS}).json()["config"][
            "hasWebhookSecret"
        ]
        is True
    )
    assert accounts.api_key(accounts.installation()) == Secret(KEY)
    assert ops.post(PATH, {"apiKey": MASKED}).json()["config"]["hasWebhookSecret"] is True
    assert ops.post(PATH, {"apiKey": MASKED, "webhookSecret": ""}).json()["config"] == {
        "hasApiKey": True,
        "hasWebhookSecret": False,
        "connectionStatus": "connected",
    }
    assert accounts.webhook_secret(accounts.installation()) is None


@pytest.mark.parametrize(
    ("language", "short", "odd"),
    [
        ("en", "An API key has at least 20 characters", "An API key has only letters, digits"),
        (
            "nl",
            "Een API-sleutel heeft minstens 20 tekens",
            "Een API-sleutel bestaat alleen uit letters, cijfers",
        ),
        (
            "fr",
            "Une clé API compte au moins 20 caractères",
            "Une clé API ne contient que des lettres, des chiffres",
        ),
    ],
)
def test_a_key_of_the_wrong_form_is_refused_in_the_readers_language(ops, language, short, odd):
    ops.post(PATH, {"apiKey": KEY})
    for key, words in (("too-short", short), ("spaces in a key of length", odd)):
        body = assert_error(
            ops.post(PATH, {"apiKey": key}, headers={"Accept-Language": language}), 400, "invalid"
        )
        assert body["fields"]["apiKey"][0].startswith(words)
    assert accounts.api_key(accounts.installation()) == Secret(KEY)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"apiKey": None},
        {"apiKey": ""},
        {"apiKey": 1234567890123456},
        {"apiKey": [KEY]},
        {"apiKey": "\x00" * 30},
        {"apiKey": "k" * 100_000},
        {"apiKey": KEY, "webhookSecret": "not one"},
        {"apiKey": KEY, "webhookSecret": 7},
        {"apiKey": MASKED},
        [],
    ],
)
def test_what_is_not_right_is_refused_and_nothing_is_stored(ops, body):
    assert_error(ops.post(PATH, body), 400)
    assert not VendorSecret.objects.exists()


def test_the_full_values_leave_only_when_asked_for_by_one_who_may_and_that_is_audited(ops):
    ops.post(PATH, {"apiKey": KEY, "webhookSecret": SECRET})
    assert not AuditEvent.objects.filter(action="secret.revealed").exists()
    assert_error(ops.get(PATH, {"reveal": "please"}), 400)
    assert not AuditEvent.objects.filter(action="secret.revealed").exists()
    body = ops.get(PATH, {"reveal": "true"}).json()
    assert (body["apiKeyFull"], body["webhookSecretFull"]) == (KEY, SECRET)
    event = AuditEvent.objects.get(action="secret.revealed")
    assert event.facts["keys"] == ["apiKeyFull", "webhookSecretFull"]
    assert KEY not in str(event.__dict__)


def test_who_may_not_read_a_secret_gets_null_and_no_audit_row():
    world = World()
    chief = client_of(world.users["CEO"])
    chief.post(PATH, {"apiKey": KEY})
    for client in (chief, client_of(staff(roles.OPERATIONS_VIEWER))):
        body = client.get(
            PATH, {"reveal": "true", "organization": str(world.organization.pk)}
        ).json()
        assert (body["apiKey"], body["apiKeyFull"]) == (MASKED, None)
    assert not AuditEvent.objects.filter(action="secret.revealed").exists()


def test_each_role_speaks_of_its_own_account_and_the_others_of_none():
    world = World()
    accounts.save(accounts.installation(), api_key=OTHER, actor="a test")
    for role in ("CEO", "ADMIN"):
        body = client_of(world.users[role]).get(PATH).json()
        assert body["account"]["organizationId"] == str(world.organization.pk)
        assert (body["apiKey"], body["hasApiKey"]) == (None, False)
    for role in ("MANAGER", "CLOSER", "SETTER"):
        client = client_of(world.users[role])
        for answer in (client.get(PATH), client.post(PATH, {"apiKey": KEY}), client.delete(PATH)):
            assert_error(answer, 403)
    assert_error(client_of(person()).get(PATH), 403)
    assert_error(client_of().get(PATH), 401)
    stored = VendorSecret.objects.filter(field="fathom_api_key")
    assert list(stored.values_list("account__organization_id", flat=True)) == [None]


def test_an_organization_that_is_misspelt_does_not_mean_the_installation(ops):
    where = f"{PATH}?organisation={organization().pk}"
    for answer in (
        ops.get(where),
        ops.post(where, {"apiKey": KEY}),
        ops.delete(where),
        ops.post(f"{PATH}/test?x=1", {}),
    ):
        assert_error(answer, 400)
    assert not VendorSecret.objects.filter(field="fathom_api_key").exists()


def test_staff_speak_of_the_installation_or_of_the_organization_that_they_name(ops):
    theirs = organization()
    where = f"{PATH}?organization={theirs.pk}"
    assert ops.post(where, {"apiKey": KEY}).status_code == 200
    assert ops.get(where).json()["hasApiKey"] is True
    assert ops.get(PATH).json()["hasApiKey"] is False
    viewer = client_of(staff(roles.OPERATIONS_VIEWER))
    assert viewer.get(where).json()["apiKey"] == MASKED
    for path in (where, PATH):
        assert_error(viewer.post(path, {"apiKey": OTHER}), 403)
        assert_error(viewer.post(f"{PATH}/test?organization={theirs.pk}", {}), 403)
        assert_error(viewer.delete(path), 403)
    assert accounts.api_key(accounts.account_for(theirs)) == Secret(KEY)


def test_removing_the_key_says_not_configured_at_once(ops):
    ops.post(PATH, {"apiKey": KEY, "webhookSecret": SECRET})
    assert ops.delete(PATH).json()["config"] == {
        "hasApiKey": False,
        "hasWebhookSecret": False,
        "connectionStatus": "not_configured",
    }
    assert accounts.configured() == []


def test_a_key_that_was_removed_and_comes_back_is_tried_anew(ops, fathom):
    ops.post(PATH, {"apiKey": KEY})
    ops.delete(PATH)
    fathom.turn("fathom", revoked=[KEY])
    answer = ops.post(PATH, {"apiKey": KEY}).json()
    assert answer["config"]["connectionStatus"] == "error"
    assert answer["message"].startswith(
        "The key is saved, but the connection failed: Invalid API key"
    )


def test_the_environment_serves_the_installation_until_something_is_stored(ops, monkeypatch):
    monkeypatch.setenv("FATHOM_API_KEY", KEY)
    assert ops.get(PATH).json()["apiKey"] == MASKED
    assert ops.post(f"{PATH}/test", {}).json()["success"] is True
    assert ops.get(PATH).json()["connectionStatus"] == "connected"


def test_every_change_and_test_is_audited_by_who_did_it(ops):
    ops.post(PATH, {"apiKey": KEY})
    ops.post(f"{PATH}/test", {})
    ops.delete(PATH)
    rows = AuditEvent.objects.exclude(actor_id=None).exclude(action__startswith="session.")
    audited = [(row.action, row.facts.get("key", "")) for row in rows.order_by("id")]
    assert audited.count(("key.changed", "fathom_api_key")) == 1
    assert audited.count(("key.removed", "fathom_api_key")) == 1
    assert audited.count(("connection.tested", "")) == 2
    assert KEY not in "".join(str(row.__dict__) for row in rows)
