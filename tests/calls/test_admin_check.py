"""Staff have LiveKit asked about a call on the spot, and see what was found and how it is known."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from calls import recordings
from calls.models import Recording
from core.models import AuditEvent
from core.signin import roles
from tests.calls.recorded import (
    advance,
    available,
    call_with_somebody,
    everybody_leaves,
    the_recording,
)
from tests.support.people import staff
from tests.support.sandbox import Sandbox
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def signed_in(client: Any, group: str) -> Any:
    client.force_login(staff(group), backend="core.signin.Backend")
    return client


def check(client: Any, *calls: Any) -> Any:
    data = {"action": "check_now", "_selected_action": [str(call.pk) for call in calls]}
    return client.post("/admin/calls/call/", data, follow=True)


def test_what_every_webhook_kept_silent_about_is_right_after_one_press(
    vendors: Sandbox, world: World, client: Any
) -> None:
    call = call_with_somebody(vendors, world)
    recordings.begin(call.pk)
    advance(vendors, 60)
    everybody_leaves(vendors, call)
    advance(vendors, 60)
    signed_in(client, roles.OPERATIONS_ADMIN)
    page = client.get(f"/admin/calls/call/{call.pk}/change/").content.decode()
    assert "Check with LiveKit now" in page

    shown = check(client, call).content.decode()
    assert "Recorded." in shown
    assert the_recording().state == "available"
    assert AuditEvent.objects.filter(action="call.checked", target_id=str(call.pk)).count() == 1
    page = client.get(f"/admin/calls/call/{call.pk}/change/").content.decode()
    assert "Recorded" in page


def test_the_proof_of_a_deletion_is_shown(vendors: Sandbox, world: World, client: Any) -> None:
    recording = available(vendors, world)
    Recording.objects.update(ended_at=timezone.now() - timedelta(days=91), checked_at=None)
    recordings.expire()
    signed_in(client, roles.AUDITOR)
    for path in (f"recording/{recording.pk}", f"call/{recording.call_id}"):
        page = client.get(f"/admin/calls/{path}/change/").content.decode()
        assert "&quot;status&quot;: 404" in page
        assert "Recording deleted" in page


@pytest.mark.parametrize("group", [roles.OPERATIONS_VIEWER, roles.AUDITOR])
def test_whoever_only_looks_has_nobody_asked(
    vendors: Sandbox, world: World, client: Any, group: str
) -> None:
    call = call_with_somebody(vendors, world)
    signed_in(client, group)
    vendors.forget()
    check(client, call)
    assert vendors.journal("livekit") == []
    assert (
        "Check with LiveKit now"
        not in client.get(f"/admin/calls/call/{call.pk}/change/").content.decode()
    )
    assert not AuditEvent.objects.filter(action="call.checked").exists()


def test_a_livekit_that_does_not_answer_is_said_and_changes_nothing(
    vendors: Sandbox, world: World, client: Any
) -> None:
    call = call_with_somebody(vendors, world)
    recordings.begin(call.pk)
    vendors.fault("livekit", "error", status=503)
    signed_in(client, roles.OPERATIONS_ADMIN)
    shown = check(client, call).content.decode()
    assert "LiveKit cannot be reached" in shown
    assert the_recording().state == "starting"
