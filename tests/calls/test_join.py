"""Coming into a call: who may, what they get, and what is there afterwards."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from livekit.api import TokenVerifier

from calls import checks
from calls.models import Call, CallParticipant
from crm import services
from tests.calls.rooms import KEY, SECRET, livekit, meeting  # noqa: F401
from tests.support.people import assert_error, client_of, staff
from tests.support.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("livekit")]
DEVICE = "a-laptop-in-the-office"


@pytest.fixture
def world() -> World:
    return World()


def url(appointment: Any, before: bool = False) -> str:
    return f"{'' if before else '/api'}/calls/appointments/{appointment.pk}/join"


def claims_of(response: Any) -> dict[str, Any]:
    assert response.status_code == 200, response.content
    return dict(jwt.decode(response.json()["token"], SECRET, algorithms=["HS256"], issuer=KEY))


def nobody_came() -> bool:
    return not Call.objects.exists() and not CallParticipant.objects.exists()


def test_the_closer_gets_a_token_for_the_one_room_of_the_meeting(world: World) -> None:
    appointment = meeting(world)

    response = client_of(world.users["CLOSER"]).post(url(appointment), {"deviceId": DEVICE})

    call = Call.objects.get()
    assert response.json() == {
        "roomName": f"org_{world.organization.pk}_apt_{appointment.pk}",
        "token": response.json()["token"],
        "livekitUrl": "wss://video.example.com",
        "callId": str(call.pk),
    }
    assert (call.source, call.status, call.appointment, call.lead, call.rep) == (
        "native", "PENDING", appointment, world.lead, world.rep,
    )  # fmt: skip
    assert (call.scheduled_start, call.scheduled_end) == (
        appointment.starts_at,
        appointment.ends_at,
    )
    seat = CallParticipant.objects.get()
    assert (seat.call, seat.user, seat.member_role, seat.is_host, seat.kind, seat.joined_at) == (
        call, world.users["CLOSER"], "CLOSER", True, "person", None,
    )  # fmt: skip


@pytest.mark.parametrize("before", [False, True])
def test_both_addresses_answer_the_same(world: World, before: bool) -> None:
    appointment = meeting(world)

    response = client_of(world.users["CEO"]).post(url(appointment, before), {})

    assert sorted(response.json()) == ["callId", "livekitUrl", "roomName", "token"]


ALL_SOURCES = ["camera", "microphone", "screen_share", "screen_share_audio"]


@pytest.mark.parametrize(
    ("role", "kind", "data"),
    [
        ("CEO", "host", True),
        ("MANAGER", "host", True),
        ("CLOSER", "host", True),
        ("SETTER", "colleague", False),
        ("ADMIN", "colleague", False),
    ],
)
def test_each_role_may_do_what_it_needs_and_nothing_else(
    world: World, role: str, kind: str, data: bool
) -> None:
    appointment = meeting(world)

    claims = claims_of(client_of(world.users[role]).post(url(appointment), {}))

    assert claims["video"] == {
        "roomJoin": True, "room": f"org_{world.organization.pk}_apt_{appointment.pk}",
        "canPublish": True, "canSubscribe": True, "canPublishData": data,
        "canPublishSources": ALL_SOURCES, "canUpdateOwnMetadata": False, "roomAdmin": False,
        "roomCreate": False, "roomList": False, "roomRecord": False, "hidden": False,
        "recorder": False,
    }  # fmt: skip
    assert json.loads(claims["metadata"]) == {"role": kind, "memberRole": role}
    assert claims["exp"] - claims["nbf"] == 300
    assert CallParticipant.objects.get().is_host is (kind == "host")


@pytest.mark.parametrize(
    ("wanted", "lives", "found"),
    [(30, 30, []), (3600, 3600, []), (29, 30, ["koppel.E040"]), (21601, 21600, ["koppel.E040"])],
)
def test_a_token_lives_as_long_as_the_installation_says_within_bounds(
    world: World, settings: Any, wanted: int, lives: int, found: list[str]
) -> None:
    settings.LIVEKIT_TOKEN_SECONDS = wanted

    claims = claims_of(client_of(world.users["CLOSER"]).post(url(meeting(world)), {}))

    assert claims["exp"] - claims["nbf"] == lives
    assert [message.id for message in checks.token_life()] == found


def test_the_token_is_one_of_livekits(world: World) -> None:
    response = client_of(world.users["SETTER"]).post(url(meeting(world)), {})

    claims = TokenVerifier(KEY, SECRET).verify(response.json()["token"])

    assert claims.video.room_join
    assert claims.video.room == response.json()["roomName"]
    assert claims.identity == CallParticipant.objects.get().identity


def test_the_same_device_again_is_the_same_person_and_another_device_is_not(world: World) -> None:
    appointment = meeting(world)
    closer = client_of(world.users["CLOSER"])

    first = claims_of(closer.post(url(appointment), {"deviceId": DEVICE}))
    again = claims_of(closer.post(url(appointment), {"deviceId": DEVICE}))
    phone = claims_of(closer.post(url(appointment), {"deviceId": "a-phone-in-the-train"}))

    assert first["sub"] == again["sub"] != phone["sub"]
    assert CallParticipant.objects.count() == 2
    assert str(world.users["CLOSER"].pk) not in first["sub"]


def test_a_browser_is_known_again_by_its_cookie(world: World) -> None:
    appointment = meeting(world)
    closer = client_of(world.users["CLOSER"])

    first = closer.post(url(appointment), {})
    again = closer.post(url(appointment), {})

    assert claims_of(first)["sub"] == claims_of(again)["sub"]
    cookie = first.cookies["koppel_device"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_a_cookie_that_is_not_ours_is_replaced(world: World) -> None:
    closer = client_of(world.users["CLOSER"])
    closer.cookies["koppel_device"] = "short"

    response = closer.post(url(meeting(world)), {})

    assert len(response.cookies["koppel_device"].value) >= 16


def test_the_name_shown_to_others_is_no_mail_address(world: World) -> None:
    closer = world.users["CLOSER"]
    closer.username = "ada@example.com"
    closer.save()

    assert claims_of(client_of(closer).post(url(meeting(world)), {}))["name"] == "ada"


def test_for_strangers_there_is_no_such_meeting(world: World) -> None:
    other = World("Contoso Growth", prefix="other-")
    appointment = meeting(world)

    for role in ("CEO", "MANAGER", "CLOSER", "SETTER"):
        assert_error(client_of(other.users[role]).post(url(appointment), {}), 404)
    assert_error(client_of().post(url(appointment), {}), 401)
    assert nobody_came()


def test_a_colleague_whose_meeting_it_is_not_is_a_stranger_to_it(world: World) -> None:
    appointment = meeting(world, closer=None, team=None)

    for role in ("CLOSER", "MANAGER"):
        assert_error(client_of(world.users[role]).post(url(appointment), {}), 404)
    assert nobody_came()


def test_staff_look_on_but_take_no_part(world: World) -> None:
    assert_error(client_of(staff()).post(url(meeting(world)), {}), 403, "looks_on")
    assert nobody_came()


def test_those_who_work_here_may_be_as_early_as_they_like(world: World) -> None:
    appointment = meeting(world, datetime.now(UTC) + timedelta(days=3))
    assert client_of(world.users["CLOSER"]).post(url(appointment), {}).status_code == 200
    assert Call.objects.get().appointment_id == appointment.pk


def test_an_hour_after_its_end_nobody_comes_in(world: World) -> None:
    appointment = meeting(world, datetime.now(UTC) - timedelta(hours=3))

    body = assert_error(
        client_of(world.users["CLOSER"]).post(url(appointment), {}), 409, "not_open"
    )

    assert "is over" in body["message"]
    assert nobody_came()


def test_a_cancelled_meeting_has_no_call(world: World) -> None:
    appointment = meeting(world)
    services.cancel_appointment(appointment=appointment)

    assert_error(client_of(world.users["CLOSER"]).post(url(appointment), {}), 409, "not_open")


@pytest.mark.parametrize("missing", ["LIVEKIT_API_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET"])
def test_without_livekit_calls_are_not_available_and_nobody_learns_why(
    world: World, settings: Any, missing: str
) -> None:
    setattr(settings, missing, "")
    appointment = meeting(world)

    response = client_of(world.users["CLOSER"]).post(url(appointment), {})

    assert_error(response, 503, "Calls are not available")
    assert "livekit" not in response.content.decode().lower()
    assert nobody_came()
    assert_error(
        client_of(World("Contoso", prefix="o-").users["CEO"]).post(url(appointment), {}), 404
    )


@pytest.mark.parametrize(
    "body",
    [
        {"deviceId": "short"},
        {"deviceId": 7},
        {"deviceId": "x" * 65},
        {"deviceId": "with a blank in it"},
        [],
        "x",
    ],
)
def test_an_odd_body_is_refused_and_nothing_is_made(world: World, body: Any) -> None:
    assert_error(client_of(world.users["CLOSER"]).post(url(meeting(world)), body), 400)
    assert nobody_came()


def test_a_meeting_that_is_moved_takes_its_call_along(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    appointment = meeting(world)
    client_of(world.users["CLOSER"]).post(url(appointment), {})
    tomorrow = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)

    with django_capture_on_commit_callbacks(execute=True):
        services.move_appointment(appointment=appointment, starts=tomorrow)

    call = Call.objects.get()
    assert (call.scheduled_start, call.scheduled_end) == (tomorrow, tomorrow + timedelta(hours=1))
