"""The stand-in of LiveKit: recordings, and how its webhooks are delivered."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import jwt
import pytest
from livekit import api

from sandbox.vendors import s3
from sandbox.vendors.livekit import API_KEY, API_SECRET
from tests.sandbox.livekit import ROOM, advance, all_events, ask, join, recording
from tests.support.sandbox import Sandbox


@pytest.fixture(autouse=True)
def by_hand(sandbox: Sandbox) -> None:
    """Time passes when the test says so."""
    sandbox.turn("livekit", speed=0)


def start(sandbox: Sandbox, plan: str = "") -> str:
    join(sandbox)
    if plan:
        sandbox.act("livekit", "plan", room=ROOM, egress=[plan])
    egress_id: str = ask(sandbox, "Egress/StartRoomCompositeEgress", recording(sandbox)).json()[
        "egress_id"
    ]
    return egress_id


def egress(sandbox: Sandbox, egress_id: str) -> dict[str, Any]:
    info: dict[str, Any] = ask(sandbox, "Egress/ListEgress", {"egress_id": egress_id}).json()[
        "items"
    ][0]
    return info


def test_a_recording_is_made_by_a_hidden_participant_and_lies_in_the_storage_at_the_end(
    sandbox: Sandbox,
) -> None:
    egress_id = start(sandbox)
    advance(sandbox, 63)
    recorder = ask(sandbox, "RoomService/ListParticipants", {"room": ROOM}).json()["participants"][
        1
    ]
    room = ask(sandbox, "RoomService/ListRooms").json()["rooms"][0]
    assert (recorder["identity"], recorder["kind"], recorder["permission"]["hidden"]) == (
        egress_id,
        "EGRESS",
        True,
    )
    assert (room["num_participants"], room["active_recording"]) == (1, True)

    stopped = ask(sandbox, "Egress/StopEgress", {"egress_id": egress_id}).json()
    advance(sandbox, 2)

    done = egress(sandbox, egress_id)
    assert (stopped["status"], done["status"], done["error"]) == (
        "EGRESS_ENDING",
        "EGRESS_COMPLETE",
        "",
    )
    [file] = done["file_results"]
    assert (file["filename"], file["duration"], done["file"]) == (
        f"rec/{ROOM}.mp4",
        "60000000000",
        file,
    )
    assert file["location"] == f"{sandbox.url('s3')}/{s3.BUCKET}/rec/{ROOM}.mp4"
    assert int(file["size"]) == sandbox.act("s3", "objects")[s3.BUCKET][f"rec/{ROOM}.mp4"] > 10_000
    shown = done["room_composite"]["file_outputs"][0]["s3"]
    assert (shown["access_key"], shown["secret"], shown["bucket"]) == (
        "{access_key}",
        "{secret}",
        s3.BUCKET,
    )
    assert ask(sandbox, "Egress/StopEgress", {"egress_id": egress_id}).status == 412


def test_webhooks_are_in_camel_case_without_what_is_zero(sandbox: Sandbox) -> None:
    egress_id = start(sandbox)
    advance(sandbox, 33)
    sandbox.act("livekit", "leave", room=ROOM, identity="ann")
    advance(sandbox, 60)
    events = all_events(sandbox)

    begun = next(body for name, body in events if name == "egress_started")
    assert set(begun) == {"event", "room", "egressInfo", "id", "createdAt"}
    assert set(begun["room"]) == {"sid", "name"}
    assert begun["egressInfo"]["egressId"] == egress_id
    assert "status" not in begun["egressInfo"]
    ended = next(body["egressInfo"] for name, body in events if name == "egress_ended")
    # Twenty seconds until the room closed, of which the recorder saw all.
    assert (ended["status"], ended["fileResults"][0]["duration"]) == (
        "EGRESS_COMPLETE",
        "50000000000",
    )
    assert ended["startedAt"].endswith("000")
    assert len(ended["startedAt"]) == 19
    joined = [body["participant"] for name, body in events if name == "participant_joined"]
    assert [participant.get("kind") for participant in joined] == [None, "EGRESS"]
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
def test_a_recording_goes_wrong_as_planned(
    plan: str, status: str, has_file: bool, sandbox: Sandbox
) -> None:
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


def test_an_automatic_recording_that_could_not_begin_is_told_without_an_id(
    sandbox: Sandbox,
) -> None:
    sandbox.act("livekit", "stray", room=ROOM)

    [(name, body)] = all_events(sandbox)
    assert (name, body["egressInfo"]["status"], "egressId" in body["egressInfo"]) == (
        "egress_ended", "EGRESS_FAILED", False,
    )  # fmt: skip


def test_a_recording_that_ended_is_forgotten_after_a_day(sandbox: Sandbox) -> None:
    egress_id = start(sandbox, "fails")
    advance(sandbox, 3600)
    assert egress(sandbox, egress_id)["status"] == "EGRESS_FAILED"

    advance(sandbox, 24 * 3600)

    assert ask(sandbox, "Egress/ListEgress", {"egress_id": egress_id}).status == 404


# --- Delivery -------------------------------------------------------------------------------------
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


def test_a_webhook_carries_the_bare_token_over_the_raw_body(
    sandbox: Sandbox, receiver: Receiver
) -> None:
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
    assert (set(claims), claims["exp"] - claims["nbf"]) == (
        {"iss", "exp", "nbf", "iat", "sha256"},
        300,
    )
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
def test_any_other_answer_counts_as_delivered(
    status: int, sandbox: Sandbox, receiver: Receiver
) -> None:
    receiver.statuses = [status]
    join(sandbox)
    advance(sandbox, 60)

    assert receiver.names() == ["room_started", "participant_joined"]


def test_an_event_that_waited_longer_than_half_a_minute_is_dropped(
    sandbox: Sandbox, receiver: Receiver
) -> None:
    receiver.statuses = [500] * 15
    join(sandbox, "ann")
    join(sandbox, "bob")
    join(sandbox, "cas")
    advance(sandbox, 120)

    # Fifteen seconds each: the third is out of its half minute when its turn comes, or nearly.
    assert receiver.names().count("participant_joined") in {5, 10}
    assert [event["dropped"] for event in sandbox.act("livekit", "events")] == [
        False,
        False,
        False,
        True,
    ]


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
    assert all_events(sandbox)[-1][0] == "room_finished"
