"""An integration from its creation to its end, over the API."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.models import AuditEvent, VendorAccount, VendorSecret
from integrations import tasks
from integrations.models import Integration
from tests.integrations.conftest import API, KEY, OTHER, connected, given
from tests.support import people
from tests.support.people import assert_error

pytestmark = pytest.mark.django_db
MASK = "toy-key...-0001"


def test_what_is_connected_is_sealed_masked_and_counted(closer, toybox):
    made = connected(closer, toybox)
    assert made["configuration"] == {
        "provider": "TOYBOX",
        "baseUrl": toybox.url,
        "apiKey": MASK,
        "features": {"syncContacts": True},
        "credentials": None,
    }
    assert (made["isActive"], made["connectionStatus"]["state"]) == (True, "not_configured")
    tasks.check(made["id"])
    answer = closer.get(API).json()
    assert answer["stats"] == {
        "totalIntegrations": 1,
        "activeIntegrations": 1,
        "inactiveIntegrations": 0,
        "errorIntegrations": 0,
    }
    assert answer["integrations"][0]["connectionStatus"]["isConnected"] is True
    assert KEY not in str(list(VendorSecret.objects.values_list("value", flat=True)))
    assert KEY not in str(list(AuditEvent.objects.values()))
    actions = list(AuditEvent.objects.order_by("sequence").values_list("action", flat=True))
    assert actions[-1] == "integration.created"


def test_a_mask_changes_nothing_and_ciphertext_is_plain_text(closer, toybox):
    made = connected(closer, toybox)
    body = {"name": "Renamed", "configuration": made["configuration"]}
    answer = closer.put(f"{API}/{made['id']}", body)
    assert answer.status_code == 200, answer.content
    assert answer.json()["integration"]["name"] == "Renamed"
    account = VendorAccount.objects.get()
    assert account.secrets.get(field="apiKey").value.reveal() == KEY
    sealed = "a1" * 16 + ":" + "b2" * 16 + ":c3"
    closer.patch(f"{API}/{made['id']}", {"configuration": {"apiKey": sealed}, "insist": True})
    assert account.secrets.get(field="apiKey", slot="current").value.reveal() == sealed


def test_a_new_key_replaces_a_working_one_only_once_it_worked(closer, toybox):
    made = connected(closer, toybox)
    tasks.check(made["id"])
    answer = closer.patch(
        f"{API}/{made['id']}", {"configuration": {"apiKey": "wrong-key-of-no-value"}}
    ).json()
    assert answer["integration"]["waits"] is True
    assert answer["integration"]["configuration"]["apiKey"] == MASK
    answer = closer.patch(f"{API}/{made['id']}", {"configuration": {"apiKey": OTHER}}).json()
    assert (
        answer["integration"]["waits"],
        answer["integration"]["configuration"]["apiKey"][-4:],
    ) == (False, "0002")


def test_credentials_are_masked_part_by_part(closer, toybox):
    parts = {"user": "ada:lovelace", "password": "".join(map(chr, range(33, 127)))}
    made = connected(closer, toybox, credentials=parts)
    shown = made["configuration"]["credentials"]
    assert parts["password"] not in str(shown)
    assert set(shown) == {"user", "password"}
    changed = {"user": shown["user"], "password": "another-password-of-no-value"}
    closer.patch(f"{API}/{made['id']}", {"configuration": {"credentials": changed}})
    stored = VendorSecret.objects.get(field="credentials").value.reveal()
    assert '"ada:lovelace"' in stored
    assert "another-password-of-no-value" in stored


def test_a_long_token_comes_back_as_it_was(closer, toybox):
    token = "t" * 10_000
    connected(closer, toybox, apiKey=token)
    assert VendorSecret.objects.get(field="apiKey").value.reveal() == token


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"baseUrl": ""}, "configuration.baseUrl"),
        ({"baseUrl": "http://toys.example"}, "configuration.baseUrl"),
        ({"baseUrl": "https://user:pass@toys.example"}, "configuration.baseUrl"),
        ({"baseUrl": "https://127.0.0.1:9"}, "configuration.baseUrl"),
        ({"baseUrl": "https://169.254.169.254/"}, "configuration.baseUrl"),
        ({"baseUrl": "file:///etc/passwd"}, "configuration.baseUrl"),
        ({"apiKey": None}, "configuration.apiKey"),
        ({"apiKey": 7}, "configuration.apiKey"),
        ({"apiKey": MASK}, "configuration.apiKey"),
        ({"features": {"syncContacts": "perhaps"}}, "configuration.features.syncContacts"),
        ({"credentials": [1]}, "configuration.credentials"),
        ({"credentials": {"user": 1}}, "configuration.credentials"),
        ({"another": "field"}, "configuration.another"),
        ({"provider": "NOBODY"}, "configuration.provider"),
    ],
)
def test_what_cannot_be_stored_is_named_and_nothing_is(closer, toybox, values, field):
    for address in (API, f"{API}/test"):
        answer = closer.post(address, given(toybox, **values))
        body = assert_error(answer, 400)
        assert field in body["fields"]
    assert not Integration.objects.exists()
    assert not VendorAccount.objects.filter(vendor="toybox").exists()


def test_it_is_tested_before_it_is_saved_and_the_same_again_comes_from_memory(closer, toybox):
    answer = closer.post(f"{API}/test", given(toybox)).json()
    assert answer["success"] is True
    assert answer["details"]["accountInfo"] == {"name": "Ada's toys"}
    assert (answer["details"]["features"], answer["details"]["version"]) == (["toys"], "1.2")
    assert [step["state"] for step in answer["details"]["steps"]] == ["passed", "passed"]
    asked = len(toybox.asked)
    assert closer.post(f"{API}/test", given(toybox)).json() == answer
    assert len(toybox.asked) == asked
    bad = closer.post(f"{API}/test", given(toybox, apiKey="wrong-key-of-no-value")).json()
    assert (bad["success"], bad["error"]) == (False, "BAD_CREDENTIALS")
    assert "does not accept the key" in bad["message"]
    assert "wrong-key-of-no-value" not in str(bad)


def test_masks_in_a_test_stand_for_what_is_stored(closer, toybox):
    made = connected(closer, toybox)
    body = given(toybox, **made["configuration"], integrationId=made["id"])
    assert closer.post(f"{API}/test", body).json()["success"] is True


def test_it_is_switched_off_and_on_and_deleted(closer, toybox):
    made = connected(closer, toybox)
    path = f"{API}/{made['id']}"
    assert closer.post(f"{path}/deactivate").json()["integration"]["isActive"] is False
    assert closer.get(API).json()["stats"]["inactiveIntegrations"] == 1
    assert closer.post(f"{path}/activate").json()["integration"]["isActive"] is True
    assert closer.post(f"{path}/test").json()["success"] is True
    assert closer.get(f"{path}/logs").json()["results"][0]["purpose"] == "test"
    assert closer.delete(path).status_code == 204
    assert_error(closer.get(path), 404)
    assert not VendorAccount.objects.filter(vendor="toybox").exists()
    assert not VendorSecret.objects.exists()


def test_with_the_organization_go_its_secrets(closer, toybox, northwind):
    connected(closer, toybox)
    northwind.delete()
    assert not VendorSecret.objects.exists()


def test_a_list_costs_the_same_however_long_it_is(closer, toybox):
    connected(closer, toybox)
    with CaptureQueriesContext(connection) as few:
        closer.get(API)
    for _number in range(4):
        connected(closer, toybox)
    with CaptureQueriesContext(connection) as many:
        closer.get(API)
    assert len(few) == len(many) <= 8


def test_null_characters_are_refused(closer, toybox):
    assert_error(closer.post(API, given(toybox, apiKey="with\x00null")), 400)
    assert not Integration.objects.exists()


def test_colleagues_see_only_what_is_shared(closer, toybox, northwind):
    made = connected(closer, toybox)
    path = f"{API}/{made['id']}"
    setter = people.member("SETTER", northwind, "setter")
    colleague = people.client_of(setter)
    for role in ("CEO", "MANAGER", "SETTER"):
        other = colleague if role == "SETTER" else people.client_of(people.member(role, northwind))
        assert_error(other.get(path), 404)
        assert_error(other.delete(path), 404)
    closer.patch(path, {"isShared": True})
    assert colleague.get(path).json()["isOwn"] is False
    assert colleague.post(f"{path}/test").json()["success"] is True
    for answer in (
        colleague.patch(path, {"name": "Mine now"}),
        colleague.delete(path),
        colleague.post(f"{path}/deactivate"),
        colleague.post(f"{API}/test", given(toybox, apiKey=MASK, integrationId=made["id"])),
    ):
        assert_error(answer, 403)
    assert closer.post(f"{path}/transfer", {"username": "setter"}).status_code == 200
    assert colleague.patch(path, {"name": "Given to me"}).status_code == 200
    assert_error(closer.patch(path, {"name": "No longer"}), 403)


def test_nobody_of_another_organization_can_be_given_it(closer, toybox):
    made = connected(closer, toybox)
    people.member("CEO", people.organization("Contoso"), "outsider")
    assert_error(closer.post(f"{API}/{made['id']}/transfer", {"username": "outsider"}), 400)


def test_whose_owner_has_left_is_the_heads_to_decide_on(closer, toybox, northwind):
    made = connected(closer, toybox)
    ceo = people.client_of(people.member("CEO", northwind))
    northwind.members.get(user__username="closer").delete()
    assert_error(closer.get(f"{API}/{made['id']}"), 404)
    assert ceo.post(f"{API}/{made['id']}/deactivate").status_code == 200


def test_a_tier_below_is_told_which_one_is_needed(toybox):
    free = people.organization("Contoso", tier="FREE")
    outsider = people.client_of(people.member("CEO", free))
    answer = outsider.post(f"{API}/create", {**given(toybox), "type": "DATABASE"})
    body = assert_error(answer, 403, "TIER_LIMIT")
    assert body["requiredTier"] == "PRO_PLUS"
    assert outsider.post(f"{API}/create", given(toybox)).status_code == 201


def test_every_provider_is_described(closer, toybox):
    found = {each["key"]: each for each in closer.get(f"{API}/providers").json()}
    fields = {field["name"]: field for field in found["TOYBOX"]["fields"]}
    assert (fields["apiKey"]["type"], fields["apiKey"]["sensitive"]) == ("password", True)
    assert fields["features.syncContacts"]["type"] == "checkbox"
