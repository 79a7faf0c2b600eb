"""A webhook that is off lets nobody in, nothing is said to be done that was not seen,
and no act has two doors.
"""

import json

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from bison import onboarding
from bison.models import Workspace
from bison.webhooks import addresses, registering
from core.models import InboundEvent
from core.signin import roles
from sandbox.vendors.frame import Reply
from tests.bison import cast
from tests.bison.webhooks import switch_on
from tests.support import people


@pytest.fixture
def aspen(db, bison_vendor, no_calls_stay):
    return cast.workspace(cast.instance(bison_vendor), 3, bison_vendor)


def deliver(address: str, workspace: Workspace):
    event = {
        "type": "LEAD_REPLIED",
        "workspace_id": workspace.bison_workspace_id,
        "workspace_name": "Aspen Labs",
    }
    body = json.dumps(
        {"event": event, "data": {"reply": {"id": 5, "from_email_address": "a@b.example"}}}
    )
    path = f"/api/{address.partition('/api/')[2]}"
    return Client().post(path, data=body, content_type="application/json")


def test_the_address_of_a_webhook_that_is_off_lets_nobody_in(aspen):
    address = addresses.address(switch_on(aspen))
    registering.configure(aspen, enabled=False, actor="a test")
    assert deliver(address, aspen).status_code == 404
    assert not InboundEvent.objects.exists()
    switch_on(aspen)
    assert deliver(addresses.address(aspen), aspen).status_code == 200


def lying(bison_vendor, monkeypatch, method: str, answer: Reply) -> None:
    """Let the stand-in say that it has done what it has not."""
    honest = bison_vendor.vendor.answer

    def answered(request):
        if request.method == method and request.path.endswith("/webhook-url"):
            return answer
        return honest(request)

    monkeypatch.setattr(bison_vendor.vendor, "answer", answered)


def test_a_webhook_that_was_only_said_to_be_made_is_not_said_to_be_there(
    aspen, bison_vendor, monkeypatch
):
    hook = {"id": 999, "name": "Koppel", "url": "https://koppel.example", "events": []}
    lying(bison_vendor, monkeypatch, "POST", Reply(201, {"data": hook}))
    ops = Client()
    ops.force_login(people.staff(), backend="core.signin.Backend")
    shown = ops.post(
        reverse("dashboard:workspace_webhook", args=[aspen.pk]), {"enabled": "on"}, follow=True
    )
    assert [message.level_tag for message in shown.context["messages"]] == ["error"]
    repaired = ops.post(
        reverse("dashboard:workspace_act", args=[aspen.pk]), {"what": "repair"}, follow=True
    )
    assert [message.level_tag for message in repaired.context["messages"]] == ["error"]


def test_who_may_revoke_and_not_make_keys_replaces_none(aspen, bison_vendor):
    person = people.staff(roles.OPERATIONS_VIEWER)
    person.user_permissions.add(Permission.objects.get(codename="revoke_key_workspace"))
    client = Client()
    client.force_login(person, backend="core.signin.Backend")
    before = aspen.key_fingerprint
    assert client.post(reverse("dashboard:workspace_leaked", args=[aspen.pk])).status_code == 403
    aspen.refresh_from_db()
    assert aspen.key_fingerprint == before
    assert bison_vendor.calls("maverick", "/workspaces/v1.1/3/api-tokens") == []
    page = client.get(reverse("dashboard:workspace", args=[aspen.pk])).content.decode()
    assert reverse("dashboard:workspace_leaked", args=[aspen.pk]) not in page


@pytest.mark.django_db(transaction=True)
def test_a_webhook_of_somebody_elses_whose_address_is_none_ends_no_checklist(aspen, bison_vendor):
    switch_on(aspen)
    body = {"name": "Odd", "url": "https://[not-an-address", "events": ["lead_replied"]}
    hooks = bison_vendor.vendor.instances["maverick"].workspaces[3].hooks
    hooks.add({"id": 1, **body, "created_at": "", "updated_at": ""})
    cast.workspace(aspen.instance, 6, bison_vendor)
    assert onboarding.look_at_all() == 2
