"""Guests: a link, their name, their consent, and then a token that lets them speak
and nothing else.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from calls import services
from calls.models import Call, CallParticipant, GuestInvitation
from core.models import AuditEvent
from crm import services as crm
from tests.calls.rooms import SECRET, livekit, meeting  # noqa: F401
from tests.support.people import BODIES_THAT_SAY_NOTHING, assert_error, client_of, staff
from tests.support.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("livekit")]
SAID = {"displayName": "Grace", "consent": True}


@pytest.fixture
def world() -> World:
    return World()


def invitations(appointment: Any) -> str:
    return f"/api/calls/appointments/{appointment.pk}/invitations"


def invited(world: World, appointment: Any, role: str = "CLOSER") -> tuple[dict[str, Any], str]:
    """What the host was told, and the address at which the guest joins."""
    response = client_of(world.users[role]).post(invitations(appointment), {})
    assert response.status_code == 201, response.content
    shown = response.json()
    assert shown["url"].endswith(f"/{shown['token']}")
    return shown, f"/api/calls/guest/{shown['url'].rpartition('/')[2]}/join"


def test_a_guest_joins_under_their_name_after_agreeing(world: World) -> None:
    appointment = meeting(world)
    shown, url = invited(world, appointment)

    response = client_of().post(url, SAID, REMOTE_ADDR="203.0.113.9")

    assert response.status_code == 200, response.content
    assert sorted(response.json()) == ["callId", "livekitUrl", "roomName", "token"]
    claims = jwt.decode(response.json()["token"], SECRET, algorithms=["HS256"])
    assert claims["name"] == "Grace"
    assert claims["metadata"] == '{"role":"guest"}'
    assert claims["video"] == {
        "roomJoin": True, "room": response.json()["roomName"], "canPublish": True,
        "canSubscribe": True, "canPublishData": False, "canPublishSources": ["camera",
            "microphone"], "canUpdateOwnMetadata": False,
        "roomAdmin": False, "roomCreate": False, "roomList": False, "roomRecord": False,
        "hidden": False, "recorder": False,
    }  # fmt: skip
    invitation = GuestInvitation.objects.get(pk=shown["id"])
    assert (invitation.display_name, invitation.consent_ip) == ("Grace", "203.0.113.9")
    assert invitation.consent_at is not None
    assert invitation.consent_at.timestamp() <= claims["nbf"] + 1
    seat = CallParticipant.objects.get()
    assert (seat.kind, seat.is_guest, seat.is_host, seat.user, seat.consent_at,
            seat.consent_ip) == (
        "guest", True, False, None, invitation.consent_at, "203.0.113.9",
    )  # fmt: skip


def test_without_consent_nobody_comes_in_and_nothing_is_kept(world: World) -> None:
    shown, url = invited(world, meeting(world))

    body = assert_error(
        client_of().post(url, {"displayName": "Grace", "consent": False}), 400, "consent_missing"
    )

    assert "recorded" in body["message"]
    assert list(body["fields"]) == ["consent"]
    assert GuestInvitation.objects.get(pk=shown["id"]).consent_at is None
    assert not CallParticipant.objects.exists()
    assert not Call.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {}, {"displayName": "Grace"}, {"consent": True}, {**SAID, "consent": "true"},
        {**SAID, "consent": 1}, {**SAID, "displayName": ""}, {**SAID, "displayName": "  "},
        {**SAID, "displayName": "x" * 101}, {**SAID, "displayName": "a\u202eb"},
        {**SAID, "displayName": "a\nb"}, {**SAID, "displayName": ["Grace"]},
        {**SAID, "deviceId": "short"}, [],
    ],
    ids=str,
)  # fmt: skip
def test_an_odd_body_is_refused_and_nothing_is_kept(world: World, body: Any) -> None:
    shown, url = invited(world, meeting(world))

    assert_error(client_of().post(url, body), 400)
    assert GuestInvitation.objects.get(pk=shown["id"]).consent_at is None
    assert not Call.objects.exists()


def test_a_link_that_is_not_ours_opens_nothing(world: World) -> None:
    _shown, url = invited(world, meeting(world))
    token = url.split("/")[4]

    for wrong in (
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token.split(":")[0],
        "x" * 3000,
        "%00",
        "é",
    ):
        assert client_of().post(f"/api/calls/guest/{wrong}/join", SAID).status_code in (400, 404)
    assert not Call.objects.exists()


def test_a_withdrawn_link_opens_nothing(world: World) -> None:
    appointment = meeting(world)
    shown, url = invited(world, appointment)

    revoked = client_of(world.users["CEO"]).delete(f"{invitations(appointment)}/{shown['id']}")

    assert revoked.status_code == 204
    assert_error(client_of().post(url, SAID), 404)
    assert GuestInvitation.objects.get().consent_at is None
    again = client_of(world.users["CEO"]).delete(f"{invitations(appointment)}/{shown['id']}")
    assert again.status_code == 204
    assert AuditEvent.objects.filter(action="guest.revoked").count() == 1


def test_a_link_runs_out_with_its_meeting_and_moves_with_it(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    appointment = meeting(world)
    shown, url = invited(world, appointment)
    assert shown["expiresAt"] == (appointment.ends_at + timedelta(hours=1)).isoformat().replace(
        "+00:00", "Z"
    )

    with django_capture_on_commit_callbacks(execute=True):
        crm.move_appointment(appointment=appointment, starts=datetime.now(UTC) - timedelta(hours=3))
    assert_error(client_of().post(url, SAID), 404)

    with django_capture_on_commit_callbacks(execute=True):
        crm.move_appointment(appointment=appointment, starts=datetime.now(UTC))
    assert client_of().post(url, SAID).status_code == 200


def test_before_the_door_opens_a_guest_is_told_when(world: World) -> None:
    shown, url = invited(world, meeting(world, datetime.now(UTC) + timedelta(days=1)))

    body = assert_error(client_of().post(url, SAID), 409, "not_open")

    assert "15 minutes before" in body["message"]
    assert GuestInvitation.objects.get(pk=shown["id"]).consent_at is None


def test_without_livekit_a_guest_is_told_that_calls_are_not_available(
    world: World, settings: Any
) -> None:
    _shown, url = invited(world, meeting(world))
    settings.LIVEKIT_API_SECRET = ""

    assert_error(client_of().post(url, SAID), 503, "Calls are not available")
    assert GuestInvitation.objects.get().consent_at is None


def test_only_a_hash_of_the_link_is_kept(world: World) -> None:
    shown, url = invited(world, meeting(world))
    secret = url.split("/")[4].split(":")[0]

    row = GuestInvitation.objects.get(pk=shown["id"])
    kept = [str(value) for value in vars(row).values()] + [
        str(vars(event)) for event in AuditEvent.objects.all()
    ]

    assert not [value for value in kept if secret in value]
    listed = client_of(world.users["CLOSER"]).get(invitations(row.appointment)).json()["results"]
    assert [(item["id"], "url" in item) for item in listed] == [(shown["id"], False)]


def test_the_link_is_in_no_line_of_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    _shown, url = invited(world, meeting(world))
    secret = url.split("/")[4].split(":")[0]

    with caplog.at_level("DEBUG"):
        client_of().post(url, SAID)
        client_of().post(url + "/", SAID)

    assert secret not in caplog.text


@pytest.mark.parametrize("role", ["CEO", "MANAGER", "CLOSER", "SETTER", "ADMIN"])
def test_who_takes_part_may_invite_and_it_is_audited(world: World, role: str) -> None:
    shown, _url = invited(world, meeting(world), role)

    event = AuditEvent.objects.get(action="guest.invited")
    assert (event.actor_id, event.target_id) == (world.users[role].pk, shown["id"])
    assert event.organization_id == world.organization.pk


def test_who_takes_no_part_may_neither_invite_nor_look_nor_revoke(world: World) -> None:
    appointment = meeting(world)
    shown, _url = invited(world, appointment)
    path = invitations(appointment)
    stranger, helper = World("Contoso", prefix="other-").users["CEO"], staff()

    for user, status in ((stranger, 404), (helper, 403)):
        assert_error(client_of(user).post(path, {}), status)
        assert_error(client_of(user).get(path), status)
        assert_error(client_of(user).delete(f"{path}/{shown['id']}"), status)
    elsewhere = invitations(meeting(world))
    assert_error(client_of(world.users["CEO"]).delete(f"{elsewhere}/{shown['id']}"), 404)
    assert GuestInvitation.objects.get().revoked_at is None


def test_nobody_is_invited_to_what_is_over(world: World) -> None:
    over = meeting(world, datetime.now(UTC) - timedelta(hours=3))

    assert_error(client_of(world.users["CLOSER"]).post(invitations(over), {}), 409, "not_open")
    assert not GuestInvitation.objects.exists()


def test_consent_is_kept_even_when_no_token_can_be_made_of_it_afterwards(
    world: World, settings: Any
) -> None:
    """The order: consent first, in a transaction of its own; then the seat; then the token."""
    shown, url = invited(world, meeting(world))
    settings.LIVEKIT_API_URL = "wss://["

    response = client_of().post(url, SAID)

    assert response.status_code == 500
    assert GuestInvitation.objects.get(pk=shown["id"]).consent_at is not None


def test_services_take_only_a_plain_yes(world: World) -> None:
    _invitation, token = services.invite_guest(meeting(world), actor=world.users["CEO"])

    for odd in ("yes", 1, None):
        with pytest.raises(services.ConsentMissing):
            services.join_as_guest(token, display_name="Grace", consent=odd)  # type: ignore[arg-type]


@pytest.mark.parametrize("body", BODIES_THAT_SAY_NOTHING)
def test_inviting_reads_its_body_as_every_write_does(
    world: World, body: tuple[bytes, str, int]
) -> None:
    row, (content, kind, status) = meeting(world), body

    answer = client_of(world.users["CLOSER"]).generic(
        "POST", invitations(row), content, content_type=kind
    )

    assert_error(answer, status)
    assert not GuestInvitation.objects.exists()
