"""LiveKit's stand-in speaks LiveKit: held against the vendor's own messages, tokens and webhook receiver."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
import pytest
from google.protobuf import json_format
from livekit import api

from sandbox.vendors import s3
from sandbox.vendors.livekit import API_KEY, API_SECRET
from tests.support import web
from tests.support.sandbox import Sandbox
from tests.support.web import Answer

ROOM = "org_1_apt_2"
ALL = api.VideoGrants(room_create=True, room_list=True, room_record=True, room_admin=True, room=ROOM)


def token(grants: api.VideoGrants = ALL, secret: str = API_SECRET, key: str = API_KEY) -> str:
    return api.AccessToken(key, secret).with_grants(grants).to_jwt()


def ask(sandbox: Sandbox, method: str, body: Any = None, authorization: str | None = None) -> Answer:
    headers = {"Authorization": f"Bearer {token()}" if authorization is None else authorization}
    return post(sandbox, method, json.dumps(body or {}).encode(), {name: one for name, one in headers.items() if one})


def post(sandbox: Sandbox, method: str, body: bytes, headers: dict[str, str]) -> Answer:
    headers = {"Content-Type": "application/json"} | headers
    return web.ask("POST", sandbox.url("livekit", f"/twirp/livekit.{method}"), body, headers)


def recording(sandbox: Sandbox, **more: Any) -> dict[str, Any]:
    storage = {
        "access_key": s3.ACCESS_KEY, "secret": s3.SECRET_KEY, "region": s3.REGION, "bucket": s3.BUCKET,
        "endpoint": sandbox.url("s3"), "force_path_style": True,
    }  # fmt: skip
    output = {"file_type": "MP4", "filepath": "rec/{room_name}", "s3": storage}
    return {"room_name": ROOM, "layout": "grid", "file_outputs": [output], **more}


def join(sandbox: Sandbox, identity: str = "ann", **more: Any) -> dict[str, Any]:
    said: dict[str, Any] = sandbox.act("livekit", "join", room=ROOM, identity=identity, **more)
    return said


def advance(sandbox: Sandbox, seconds: float) -> None:
    sandbox.act("livekit", "advance", seconds=seconds)


def told(sandbox: Sandbox) -> list[tuple[str, dict[str, Any]]]:
    """Every event so far, checked by the vendor's own receiver."""
    receiver = api.WebhookReceiver(api.TokenVerifier(API_KEY, API_SECRET))
    found = []
    for event in sandbox.act("livekit", "events"):
        assert receiver.receive(event["body"], event["authorization"]).id == event["id"]
        found.append((event["event"], json.loads(event["body"])))
    return found


@pytest.fixture(autouse=True)
def by_hand(sandbox: Sandbox) -> None:
    """Time passes when the test says so."""
    sandbox.turn("livekit", speed=0)


# --- The API's JSON ----------------------------------------------------------------------------------------------
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
        return {key: without_none(one) for key, one in value.items() if one is not None}
    return [without_none(one) for one in value] if isinstance(value, list) else value


# Fields of parts that no server sends for a room without media.
UNSERVED = {"proxy"}


def without_unserved(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_unserved(one) for key, one in value.items() if key not in UNSERVED}
    return [without_unserved(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("spelling", ["room_name", "roomName"])
def test_requests_are_read_in_either_spelling_and_what_is_unknown_is_ignored(spelling: str, sandbox: Sandbox) -> None:
    join(sandbox)
    wanted = recording(sandbox, whatever=1)
    wanted[spelling] = wanted.pop("room_name")

    said = ask(sandbox, "Egress/StartRoomCompositeEgress", wanted)

    assert (said.status, said.json()["status"], said.json()["room_name"]) == (200, "EGRESS_STARTING", ROOM)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"names": "one"}', b'{"names": [1]}', b"\xff"])
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
def test_a_token_that_is_not_good_is_refused_in_plain_text(authorization: str, text: str, sandbox: Sandbox) -> None:
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
        ("Egress/StartRoomCompositeEgress", {"room_name": "none", "file_outputs": [{}]}, 404, "not_found"),
        ("Egress/StartRoomCompositeEgress", {"room_name": ROOM}, 400, "invalid_argument"),
        ("Egress/StartRoomCompositeEgress", {"room_name": ROOM, "file_outputs": [{}, {}]}, 400, "invalid_argument"),
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
    assert ask(sandbox, "RoomService/ListParticipants", {"room": ROOM}).json() == {"participants": []}


def test_another_content_type_and_another_method_are_bad_routes(sandbox: Sandbox) -> None:
    address = sandbox.url("livekit", "/twirp/livekit.RoomService/ListRooms")
    headers = {"Authorization": f"Bearer {token()}", "Content-Type": "text/plain"}

    for answer in (web.ask("POST", address, b"{}", headers), web.ask("GET", address)):
        assert (answer.status, answer.json()["code"]) == (404, "bad_route")


@pytest.mark.parametrize("path", ["/rtc", "/rtc/v1", "/rtc/validate"])
def test_a_browser_that_wants_in_meets_no_answer(path: str, sandbox: Sandbox) -> None:
    with pytest.raises(ConnectionError):
        web.ask("GET", sandbox.url("livekit", path))


# --- Rooms ---------------------------------------------------------------------------------------------------------
def test_a_room_opens_with_the_first_person_and_closes_a_while_after_the_last(sandbox: Sandbox) -> None:
    join(sandbox)
    advance(sandbox, 60)
    sandbox.act("livekit", "leave", room=ROOM, identity="ann")
    advance(sandbox, 19)
    assert len(ask(sandbox, "RoomService/ListRooms", {"names": [ROOM]}).json()["rooms"]) == 1

    advance(sandbox, 1)

    assert ask(sandbox, "RoomService/ListRooms").json() == {"rooms": []}
    names = [name for name, _ in told(sandbox)]
    assert names == ["room_started", "participant_joined", "track_published", "participant_left", "room_finished"]


def test_a_person_who_comes_back_in_time_keeps_the_room_and_one_who_comes_late_opens_another(sandbox: Sandbox) -> None:
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


def test_a_room_that_was_made_and_that_nobody_entered_closes_after_its_empty_timeout(sandbox: Sandbox) -> None:
    made = ask(sandbox, "RoomService/CreateRoom", {"name": ROOM, "emptyTimeout": 60}).json()
    again = ask(sandbox, "RoomService/CreateRoom", {"name": ROOM, "metadata": "x"}).json()
    advance(sandbox, 60)

    assert (again["sid"], again["empty_timeout"], again["metadata"]) == (made["sid"], 60, "x")
    assert [name for name, _ in told(sandbox)] == ["room_started", "room_finished"]


def test_the_same_identity_again_puts_the_earlier_one_out(sandbox: Sandbox) -> None:
    first = join(sandbox)
    second = join(sandbox)
    left = [body["participant"] for name, body in told(sandbox) if name == "participant_left"]

    assert [(one["sid"], one["disconnectReason"], one["state"]) for one in left] == [
        (first["sid"], "DUPLICATE_IDENTITY", "DISCONNECTED")
    ]
    listed = ask(sandbox, "RoomService/ListParticipants", {"room": ROOM}).json()["participants"]
    assert [one["sid"] for one in listed] == [second["sid"]]


def test_on_a_quick_rejoin_the_new_joined_may_come_before_the_old_left(sandbox: Sandbox) -> None:
    first = join(sandbox)
    second = join(sandbox, crossing=True)

    stays = [(name, body["participant"]["sid"]) for name, body in told(sandbox) if "participant_" in name]
    assert stays == [
        ("participant_joined", first["sid"]),
        ("participant_joined", second["sid"]),
        ("participant_left", first["sid"]),
    ]


def test_deleting_a_room_puts_everybody_out_and_then_finishes_it(sandbox: Sandbox) -> None:
    join(sandbox)

    assert ask(sandbox, "RoomService/DeleteRoom", {"room": ROOM}).json() == {}

    last = told(sandbox)[-2:]
    assert [name for name, _ in last] == ["participant_left", "room_finished"]
    assert last[0][1]["participant"]["disconnectReason"] == "ROOM_DELETED"


def test_somebody_who_never_gets_in_is_neither_joined_nor_left(sandbox: Sandbox) -> None:
    sandbox.act("livekit", "abort", room=ROOM, identity="ann")

    assert [name for name, _ in told(sandbox)] == ["room_started", "participant_connection_aborted"]


def test_whoever_has_a_token_for_a_room_comes_in_as_it_says(sandbox: Sandbox) -> None:
    grants = api.VideoGrants(room_join=True, room=ROOM)
    entry = api.AccessToken(API_KEY, API_SECRET).with_identity("u1").with_name("Ann").with_grants(grants).to_jwt()

    stay = sandbox.act("livekit", "join", token=entry)

    [one] = ask(sandbox, "RoomService/ListParticipants", {"room": ROOM}).json()["participants"]
    assert (one["sid"], one["identity"], one["name"], one["kind"]) == (stay["sid"], "u1", "Ann", "STANDARD")


# --- Recordings ------------------------------------------------------------------------------------------------------
def start(sandbox: Sandbox, plan: str = "") -> str:
    join(sandbox)
    if plan:
        sandbox.act("livekit", "plan", room=ROOM, egress=[plan])
    said: str = ask(sandbox, "Egress/StartRoomCompositeEgress", recording(sandbox)).json()["egress_id"]
    return said


def egress(sandbox: Sandbox, egress_id: str) -> dict[str, Any]:
    said: dict[str, Any] = ask(sandbox, "Egress/ListEgress", {"egress_id": egress_id}).json()["items"][0]
    return said


def test_a_recording_is_made_by_a_hidden_participant_and_lies_in_the_storage_at_the_end(sandbox: Sandbox) -> None:
    egress_id = start(sandbox)
    advance(sandbox, 63)
    recorder = ask(sandbox, "RoomService/ListParticipants", {"room": ROOM}).json()["participants"][1]
    room = ask(sandbox, "RoomService/ListRooms").json()["rooms"][0]
    assert (recorder["identity"], recorder["kind"], recorder["permission"]["hidden"]) == (egress_id, "EGRESS", True)
    assert (room["num_participants"], room["active_recording"]) == (1, True)

    stopped = ask(sandbox, "Egress/StopEgress", {"egress_id": egress_id}).json()
    advance(sandbox, 2)

    done = egress(sandbox, egress_id)
    assert (stopped["status"], done["status"], done["error"]) == ("EGRESS_ENDING", "EGRESS_COMPLETE", "")
    [file] = done["file_results"]
    assert (file["filename"], file["duration"], done["file"]) == (f"rec/{ROOM}.mp4", "60000000000", file)
    assert file["location"] == f"{sandbox.url('s3')}/{s3.BUCKET}/rec/{ROOM}.mp4"
    assert int(file["size"]) == sandbox.act("s3", "objects")[s3.BUCKET][f"rec/{ROOM}.mp4"] > 10_000
    shown = done["room_composite"]["file_outputs"][0]["s3"]
    assert (shown["access_key"], shown["secret"], shown["bucket"]) == ("{access_key}", "{secret}", s3.BUCKET)
    assert ask(sandbox, "Egress/StopEgress", {"egress_id": egress_id}).status == 412


def test_webhooks_are_in_camel_case_without_what_is_zero(sandbox: Sandbox) -> None:
    egress_id = start(sandbox)
    advance(sandbox, 33)
    sandbox.act("livekit", "leave", room=ROOM, identity="ann")
    advance(sandbox, 60)
    events = told(sandbox)

    begun = next(body for name, body in events if name == "egress_started")
    assert set(begun) == {"event", "room", "egressInfo", "id", "createdAt"}
    assert set(begun["room"]) == {"sid", "name"}
    assert begun["egressInfo"]["egressId"] == egress_id
    assert "status" not in begun["egressInfo"]
    ended = next(body["egressInfo"] for name, body in events if name == "egress_ended")
    # Twenty seconds until the room closed, of which the recorder saw all.
    assert (ended["status"], ended["fileResults"][0]["duration"]) == ("EGRESS_COMPLETE", "50000000000")
    assert ended["startedAt"].endswith("000")
    assert len(ended["startedAt"]) == 19
    joined = [body["participant"] for name, body in events if name == "participant_joined"]
    assert [one.get("kind") for one in joined] == [None, "EGRESS"]
    finished = next(body["room"] for name, body in events if name == "room_finished")
    assert {"turnPassword", "enabledCodecs", "creationTimeMs"} < set(finished)
    assert "numParticipants" not in finished


@pytest.mark.parametrize(
    ("plan", "status", "has_file"),
    [
        ("fails", "EGRESS_FAILED", False),
        ("aborts", "EGRESS_ABORTED", False),
        ("limit", "EGRESS_LIMIT_REACHED", True),
        ("limit_without_file", "EGRESS_LIMIT_REACHED", False),
        ("never_starts", "EGRESS_STARTING", True),
        ("never_ends", "EGRESS_ENDING", True),
    ],
)
def test_a_recording_goes_wrong_as_planned(plan: str, status: str, has_file: bool, sandbox: Sandbox) -> None:
    egress_id = start(sandbox, plan)
    advance(sandbox, 60)
    sandbox.act("livekit", "leave", room=ROOM, identity="ann")
    advance(sandbox, 60)

    found = egress(sandbox, egress_id)
    assert (found["status"], bool(found["file_results"])) == (status, has_file)
    # A recording under way names the file that it will be; only a finished one has a size.
    assert [file["size"] != "0" for file in found["file_results"]] == [plan == "limit"] * has_file


def test_no_recorder_is_there(sandbox: Sandbox) -> None:
    join(sandbox)
    sandbox.turn("livekit", egress="no_worker")

    answer = ask(sandbox, "Egress/StartRoomCompositeEgress", recording(sandbox))

    assert (answer.status, answer.json()["code"]) == (503, "unavailable")
    assert ask(sandbox, "Egress/ListEgress").json()["items"] == []


def test_a_storage_that_refuses_the_file_fails_the_recording(sandbox: Sandbox) -> None:
    egress_id = start(sandbox)
    advance(sandbox, 30)
    sandbox.turn("s3", fails={"PUT": "ServiceUnavailable"})
    ask(sandbox, "Egress/StopEgress", {"egress_id": egress_id})
    advance(sandbox, 5)

    found = egress(sandbox, egress_id)
    assert (found["status"], found["error"]) == ("EGRESS_FAILED", "upload failed: S3 answered 503")


def test_an_automatic_recording_that_could_not_begin_is_told_without_an_id(sandbox: Sandbox) -> None:
    sandbox.act("livekit", "stray", room=ROOM)

    [(name, body)] = told(sandbox)
    assert (name, body["egressInfo"]["status"], "egressId" in body["egressInfo"]) == (
        "egress_ended", "EGRESS_FAILED", False,
    )  # fmt: skip


def test_a_recording_that_ended_is_forgotten_after_a_day(sandbox: Sandbox) -> None:
    egress_id = start(sandbox, "fails")
    advance(sandbox, 3600)
    assert egress(sandbox, egress_id)["status"] == "EGRESS_FAILED"

    advance(sandbox, 24 * 3600)

    assert ask(sandbox, "Egress/ListEgress", {"egress_id": egress_id}).status == 404


# --- Delivery --------------------------------------------------------------------------------------------------------
class Receiver(ThreadingHTTPServer):
    """Somebody who takes webhooks, and answers what the test says."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Taker)
        self.statuses: list[int] = []
        self.got: list[tuple[dict[str, str], bytes]] = []
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/webhooks/livekit"

    def names(self) -> list[str]:
        return [json.loads(body)["event"] for _, body in self.got]


class Taker(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((dict(self.headers.items()), body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Nobody reads it."""


@pytest.fixture
def receiver(sandbox: Sandbox) -> Iterator[Receiver]:
    taker = Receiver()
    sandbox.turn("livekit", webhook_url=taker.url, tracks=False)
    yield taker
    taker.shutdown()
    taker.server_close()


def test_a_webhook_carries_the_bare_token_over_the_raw_body(sandbox: Sandbox, receiver: Receiver) -> None:
    join(sandbox)
    advance(sandbox, 0)

    headers, body = receiver.got[0]
    assert headers["Content-Type"] == "application/webhook+json"
    assert headers["User-Agent"] == "LiveKit"
    checked = api.WebhookReceiver(api.TokenVerifier(API_KEY, API_SECRET)).receive(
        body.decode(), headers["Authorization"]
    )
    assert (checked.event, checked.room.name) == ("room_started", ROOM)
    claims = jwt.decode(headers["Authorization"], API_SECRET, algorithms=["HS256"])
    assert (set(claims), claims["exp"] - claims["nbf"]) == ({"iss", "exp", "nbf", "iat", "sha256"}, 300)
    assert receiver.names() == ["room_started", "participant_joined"]


def test_a_receiver_in_trouble_is_tried_five_times_with_the_same_body_and_token(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    receiver.statuses = [500, 503, 429, 502, 500]
    join(sandbox)
    advance(sandbox, 14)
    assert receiver.names() == ["room_started"] * 4

    advance(sandbox, 2)

    assert receiver.names() == ["room_started"] * 5 + ["participant_joined"]
    assert len({body for _, body in receiver.got}) == 2
    assert len({headers["Authorization"] for headers, _ in receiver.got}) == 2


@pytest.mark.parametrize("status", [400, 401, 404, 422, 501])
def test_any_other_answer_counts_as_delivered(status: int, sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.statuses = [status]
    join(sandbox)
    advance(sandbox, 60)

    assert receiver.names() == ["room_started", "participant_joined"]


def test_an_event_that_waited_longer_than_half_a_minute_is_dropped(sandbox: Sandbox, receiver: Receiver) -> None:
    receiver.statuses = [500] * 15
    join(sandbox, "ann")
    join(sandbox, "bob")
    join(sandbox, "cas")
    advance(sandbox, 120)

    # Fifteen seconds each: the third is out of its half minute when its turn comes, or nearly.
    assert receiver.names().count("participant_joined") in {5, 10}
    assert [event["dropped"] for event in sandbox.act("livekit", "events")] == [False, False, False, True]


def test_dropped_repeated_and_shuffled_deliveries(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.turn("livekit", webhook_drop=1)
    join(sandbox, "lost")
    sandbox.turn("livekit", webhook_drop=0, webhook_repeat=2, webhook_shuffle=30)
    for number in range(10):
        join(sandbox, f"p{number}")
    advance(sandbox, 60)

    ids = [json.loads(body)["id"] for _, body in receiver.got]
    sent = [event["id"] for event in sandbox.act("livekit", "events") if not event["dropped"]]
    assert sorted(ids) == sorted(sent * 3)
    assert len(set(sent)) == 10
    assert list(dict.fromkeys(ids)) != sent


def test_time_runs_by_itself_at_the_speed_that_is_wanted(sandbox: Sandbox) -> None:
    join(sandbox)
    sandbox.act("livekit", "leave", room=ROOM, identity="ann")
    sandbox.turn("livekit", speed=1000)

    for _ in range(200):
        if ask(sandbox, "RoomService/ListRooms").json() == {"rooms": []}:
            break
    assert told(sandbox)[-1][0] == "room_finished"
