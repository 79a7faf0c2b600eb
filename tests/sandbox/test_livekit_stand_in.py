"""LiveKit's stand-in speaks LiveKit: held against the vendor's own messages,
tokens and webhook receiver.
"""

import json
from typing import Any

import jwt
import pytest
from google.protobuf import json_format
from livekit import api

from sandbox.vendors.livekit import API_KEY, API_SECRET
from tests.sandbox.livekit import ROOM, advance, all_events, ask, join, post, recording, token
from tests.support import web
from tests.support.sandbox import Sandbox


@pytest.fixture(autouse=True)
def by_hand(sandbox: Sandbox) -> None:
    """Time passes when the test says so."""
    sandbox.turn("livekit", speed=0)


# --- The API's JSON -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("method", "body", "message"),
    [
        ("RoomService/ListRooms", {}, api.ListRoomsResponse),
        ("RoomService/ListParticipants", {"room": ROOM}, api.ListParticipantsResponse),
        ("RoomService/CreateRoom", {"name": ROOM}, api.Room),
        ("Egress/ListEgress", {"roomName": ROOM}, api.ListEgressResponse),
    ],
)
def test_answers_are_the_vendors_messages_in_snake_case_with_every_field(
    method: str, body: dict[str, str], message: Any, sandbox: Sandbox
) -> None:
    join(sandbox)
    ask(sandbox, "Egress/StartRoomCompositeEgress", recording(sandbox))
    advance(sandbox, 60)

    answer = ask(sandbox, method, body).json()

    parsed = json_format.Parse(json.dumps(answer), message())
    again = json_format.MessageToDict(
        parsed, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
    )
    assert without_none(answer) == without_unserved(again)


def without_none(value: Any) -> Any:
    """Go prints an unset message as null, Python leaves it out."""
    if isinstance(value, dict):
        return {key: without_none(part) for key, part in value.items() if part is not None}
    return [without_none(part) for part in value] if isinstance(value, list) else value


# Fields of parts that no server sends for a room without media.
UNSERVED = {"proxy"}


def without_unserved(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_unserved(part) for key, part in value.items() if key not in UNSERVED}
    return [without_unserved(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("spelling", ["room_name", "roomName"])
def test_requests_are_read_in_either_spelling_and_what_is_unknown_is_ignored(
    spelling: str, sandbox: Sandbox
) -> None:
    join(sandbox)
    wanted = recording(sandbox, whatever=1)
    wanted[spelling] = wanted.pop("room_name")

    answer = ask(sandbox, "Egress/StartRoomCompositeEgress", wanted)

    assert (answer.status, answer.json()["status"], answer.json()["room_name"]) == (
        200,
        "EGRESS_STARTING",
        ROOM,
    )


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"names": "one"}', b'{"names": [1]}', b"\xff"]
)
def test_a_body_that_cannot_be_read_is_malformed(body: bytes, sandbox: Sandbox) -> None:
    answer = post(sandbox, "RoomService/ListRooms", body, {"Authorization": f"Bearer {token()}"})

    assert (answer.status, answer.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    ("authorization", "text"),
    [
        (token(), "invalid authorization header"),
        ("Bearer nonsense", "invalid authorization token"),
        (f"Bearer {token(key='APIother')}", "invalid API key"),
        (f"Bearer {token(secret='another-secret-of-more-than-32-bytes')}", "invalid token"),
        (f"Bearer {jwt.encode({'iss': API_KEY, 'exp': 1}, API_SECRET)}", "invalid token"),
        (f"Bearer {jwt.encode({'iss': API_KEY}, API_SECRET)}", "invalid token"),
    ],
)
def test_a_token_that_is_not_good_is_refused_in_plain_text(
    authorization: str, text: str, sandbox: Sandbox
) -> None:
    answer = ask(sandbox, "RoomService/ListRooms", authorization=authorization)

    assert answer.status == 401
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.text.startswith(text)


@pytest.mark.parametrize(
    ("method", "grants"),
    [
        ("RoomService/ListRooms", api.VideoGrants(room_create=True, room_admin=True, room=ROOM)),
        ("RoomService/DeleteRoom", api.VideoGrants(room_admin=True, room=ROOM)),
        ("RoomService/ListParticipants", api.VideoGrants(room_admin=True, room="another")),
        ("Egress/ListEgress", api.VideoGrants(room_admin=True, room=ROOM)),
        ("Egress/StartRoomCompositeEgress", api.VideoGrants(room_create=True)),
    ],
)
def test_a_good_token_without_the_methods_grant_is_401_in_twirps_words(
    method: str, grants: api.VideoGrants, sandbox: Sandbox
) -> None:
    join(sandbox)

    answer = ask(sandbox, method, {"room": ROOM}, f"Bearer {token(grants)}")

    assert answer.status == 401
    assert answer.json() == {"code": "unauthenticated", "msg": "permissions denied"}
    assert ask(sandbox, "RoomService/ListRooms").json()["rooms"][0]["name"] == ROOM


def test_a_call_without_a_token_is_refused_by_twirp(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "RoomService/ListRooms", authorization="")

    assert (answer.status, answer.json()["code"]) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("method", "body", "status", "code"),
    [
        ("RoomService/DeleteRoom", {"room": "none"}, 404, "not_found"),
        ("RoomService/GetParticipant", {"room": ROOM, "identity": "nobody"}, 404, "not_found"),
        ("Egress/StopEgress", {"egress_id": "EG_none"}, 404, "not_found"),
        ("Egress/ListEgress", {"egress_id": "EG_none"}, 404, "not_found"),
        (
            "Egress/StartRoomCompositeEgress",
            {"room_name": "none", "file_outputs": [{}]},
            404,
            "not_found",
        ),
        ("Egress/StartRoomCompositeEgress", {"room_name": ROOM}, 400, "invalid_argument"),
        (
            "Egress/StartRoomCompositeEgress",
            {"room_name": ROOM, "file_outputs": [{}, {}]},
            400,
            "invalid_argument",
        ),
        ("RoomService/Nothing", {}, 404, "bad_route"),
        ("Nothing/ListRooms", {}, 404, "bad_route"),
    ],
)
def test_what_cannot_be_done_is_said_in_twirps_codes(
    method: str, body: dict[str, Any], status: int, code: str, sandbox: Sandbox
) -> None:
    join(sandbox)

    answer = ask(sandbox, method, body)

    assert (answer.status, answer.json()["code"]) == (status, code)


def test_nobody_is_in_a_room_that_is_not_open(sandbox: Sandbox) -> None:
    assert ask(sandbox, "RoomService/ListParticipants", {"room": ROOM}).json() == {
        "participants": []
    }


def test_another_content_type_and_another_method_are_bad_routes(sandbox: Sandbox) -> None:
    address = sandbox.url("livekit", "/twirp/livekit.RoomService/ListRooms")
    headers = {"Authorization": f"Bearer {token()}", "Content-Type": "text/plain"}

    for answer in (web.ask("POST", address, b"{}", headers), web.ask("GET", address)):
        assert (answer.status, answer.json()["code"]) == (404, "bad_route")


@pytest.mark.parametrize("path", ["/rtc", "/rtc/v1", "/rtc/validate"])
def test_a_browser_that_wants_in_meets_no_answer(path: str, sandbox: Sandbox) -> None:
    with pytest.raises(ConnectionError):
        web.ask("GET", sandbox.url("livekit", path))


# --- Rooms ----------------------------------------------------------------------------------------
def test_a_room_opens_with_the_first_person_and_closes_a_while_after_the_last(
    sandbox: Sandbox,
) -> None:
    join(sandbox)
    advance(sandbox, 60)
    sandbox.act("livekit", "leave", room=ROOM, identity="ann")
    advance(sandbox, 19)
    assert len(ask(sandbox, "RoomService/ListRooms", {"names": [ROOM]}).json()["rooms"]) == 1

    advance(sandbox, 1)

    assert ask(sandbox, "RoomService/ListRooms").json() == {"rooms": []}
    names = [name for name, _ in all_events(sandbox)]
    assert names == [
        "room_started",
        "participant_joined",
        "track_published",
        "participant_left",
        "room_finished",
    ]


def test_a_person_who_comes_back_in_time_keeps_the_room_and_one_who_comes_late_opens_another(
    sandbox: Sandbox,
) -> None:
    join(sandbox)
    sandbox.act("livekit", "leave", room=ROOM, identity="ann")
    advance(sandbox, 19)
    join(sandbox)
    advance(sandbox, 100)
    first = ask(sandbox, "RoomService/ListRooms").json()["rooms"][0]["sid"]
    sandbox.act("livekit", "leave", room=ROOM, identity="ann")
    advance(sandbox, 21)
    join(sandbox)

    assert ask(sandbox, "RoomService/ListRooms").json()["rooms"][0]["sid"] != first


def test_a_room_that_was_made_and_that_nobody_entered_closes_after_its_empty_timeout(
    sandbox: Sandbox,
) -> None:
    made = ask(sandbox, "RoomService/CreateRoom", {"name": ROOM, "emptyTimeout": 60}).json()
    again = ask(sandbox, "RoomService/CreateRoom", {"name": ROOM, "metadata": "x"}).json()
    advance(sandbox, 60)

    assert (again["sid"], again["empty_timeout"], again["metadata"]) == (made["sid"], 60, "x")
    assert [name for name, _ in all_events(sandbox)] == ["room_started", "room_finished"]


def test_the_same_identity_again_puts_the_earlier_one_out(sandbox: Sandbox) -> None:
    first = join(sandbox)
    second = join(sandbox)
    left = [body["participant"] for name, body in all_events(sandbox) if name == "participant_left"]

    assert [
        (participant["sid"], participant["disconnectReason"], participant["state"])
        for participant in left
    ] == [(first["sid"], "DUPLICATE_IDENTITY", "DISCONNECTED")]
    listed = ask(sandbox, "RoomService/ListParticipants", {"room": ROOM}).json()["participants"]
    assert [participant["sid"] for participant in listed] == [second["sid"]]


def test_on_a_quick_rejoin_the_new_joined_may_come_before_the_old_left(sandbox: Sandbox) -> None:
    first = join(sandbox)
    second = join(sandbox, crossing=True)

    stays = [
        (name, body["participant"]["sid"])
        for name, body in all_events(sandbox)
        if "participant_" in name
    ]
    assert stays == [
        ("participant_joined", first["sid"]),
        ("participant_joined", second["sid"]),
        ("participant_left", first["sid"]),
    ]


def test_deleting_a_room_puts_everybody_out_and_then_finishes_it(sandbox: Sandbox) -> None:
    join(sandbox)

    assert ask(sandbox, "RoomService/DeleteRoom", {"room": ROOM}).json() == {}

    last = all_events(sandbox)[-2:]
    assert [name for name, _ in last] == ["participant_left", "room_finished"]
    assert last[0][1]["participant"]["disconnectReason"] == "ROOM_DELETED"


def test_somebody_who_never_gets_in_is_neither_joined_nor_left(sandbox: Sandbox) -> None:
    sandbox.act("livekit", "abort", room=ROOM, identity="ann")

    assert [name for name, _ in all_events(sandbox)] == [
        "room_started",
        "participant_connection_aborted",
    ]


def test_whoever_has_a_token_for_a_room_comes_in_as_it_says(sandbox: Sandbox) -> None:
    grants = api.VideoGrants(room_join=True, room=ROOM)
    entry = (
        api.AccessToken(API_KEY, API_SECRET)
        .with_identity("u1")
        .with_name("Ann")
        .with_grants(grants)
        .to_jwt()
    )

    stay = sandbox.act("livekit", "join", token=entry)

    [participant] = ask(sandbox, "RoomService/ListParticipants", {"room": ROOM}).json()[
        "participants"
    ]
    assert (
        participant["sid"],
        participant["identity"],
        participant["name"],
        participant["kind"],
    ) == (
        stay["sid"],
        "u1",
        "Ann",
        "STANDARD",
    )
