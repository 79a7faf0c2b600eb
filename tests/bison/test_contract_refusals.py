"""What the fixed outside of Email Bison refuses: malformed, sent twice, not there,
or failed at the vendor.
"""

import json

import pytest

from bison.models import Workspace
from tests.bison import cast
from tests.bison.asking import BISON, Asking, place
from tests.support.people import assert_error

pytestmark = pytest.mark.django_db(transaction=True)
COBALT = 6
NOBODY = "00000000-0000-4000-8000-000000000000"
CHANGEABLE = (
    "updated_at",
    "key_fingerprint",
    "api_notes",
    "bison_webhook_enabled",
    "next_api_key_entered_at",
)


@pytest.fixture
def ask(transactional_db, no_calls_stay):
    return Asking()


@pytest.fixture
def maverick(transactional_db, bison_vendor, live_server, settings):
    settings.PUBLIC_URL = live_server.url
    return cast.instance(bison_vendor)


@pytest.fixture
def cobalt(maverick, bison_vendor):
    return cast.workspace(maverick, COBALT, bison_vendor)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", f"{BISON}/workspaces/{{id}}"),
        ("PUT", f"{BISON}/workspaces/{{id}}/api-key"),
        ("PUT", f"{BISON}/workspaces/{{id}}/webhook"),
        ("POST", f"{BISON}/workspaces/{{id}}/validate-api-key"),
        ("POST", "/functions/v1/validate-api-key"),
        ("POST", "/functions/v1/generate-workspace-api-key"),
        ("POST", f"{BISON}/syncs"),
        ("POST", f"{BISON}/suppressions"),
        ("PATCH", f"{BISON}/onboarding/{{id}}"),
    ],
)
def test_what_is_malformed_is_400_and_changes_nothing(ask, cobalt, method, path):
    before = Workspace.objects.filter(pk=cobalt.pk).values(*CHANGEABLE).get()
    deep = "[" * 2000 + "]" * 2000
    names = (
        "workspace_name",
        "api_key",
        "api_notes",
        "enabled",
        "kind",
        "value",
        "onboarding_notes",
        "events",
    )
    nul = json.dumps(dict.fromkeys(names, "a\x00b"))
    wrong = json.dumps({name: {"a": [10**400]} for name in names})
    for body in (nul, wrong, deep, "[]", "{", b"\xff\xfe{}", "null"):
        send = getattr(ask.client, method.lower())
        assert_error(send(path.format(id=cobalt.pk), body, content_type="application/json"), 400)
    assert Workspace.objects.filter(pk=cobalt.pk).values(*CHANGEABLE).get() == before


def test_a_write_with_the_same_idempotency_key_has_one_effect(ask, cobalt):
    body = {"value": "rival.example"}
    path = f"{BISON}/suppressions"
    once = ask("POST", path, body, status=202, headers={"Idempotency-Key": "k"})
    again = ask("POST", path, body, status=202, headers={"Idempotency-Key": "k"})
    assert once == again
    other = ask.client.post(
        path, {"value": "b.example"}, format="json", headers={"Idempotency-Key": "k"}
    )
    assert_error(other, 409)


def test_a_vendor_that_fails_is_named_with_502_or_504(ask, cobalt, bison_vendor):
    bison_vendor.fault("error", "maverick", "/webhook-url", status=500)
    answer = ask.client.put(place(cobalt, "webhook"), {"enabled": True}, format="json")
    assert answer.status_code in {502, 504}
    assert "Email Bison" in assert_error(answer, answer.status_code)["message"]


@pytest.mark.parametrize(
    "path",
    [
        f"/workspaces/{NOBODY}",
        f"/instances/{NOBODY}",
        f"/onboarding/{NOBODY}",
        f"/suppressions/{NOBODY}",
        f"/workspaces/{NOBODY}/webhook",
        "/workspaces/none",
    ],
)
def test_what_is_not_there_is_404(ask, path):
    assert_error(ask.client.get(f"{BISON}{path}"), 404)
