"""`/api/calls…` answers as the contract says, with a number of queries that does not
grow with the page.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calls.models import Call, CallParticipant, Recording
from tests.calls.cast import NOON, fathom_call, native_call
from tests.support.people import assert_error, client_of
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def client(world):
    return client_of(world.users["CEO"])


def ids(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


@pytest.fixture
def storage(settings) -> None:
    settings.RECORDINGS_S3_BUCKET = "calls"
    settings.RECORDINGS_S3_ENDPOINT = "http://127.0.0.1:9"
    settings.RECORDINGS_S3_REGION = "eu-west-1"
    settings.RECORDINGS_S3_ACCESS_KEY = "key-of-no-value"
    settings.RECORDINGS_S3_SECRET_KEY = "secret-of-no-value"


def test_one_call_as_the_contract_says(world, client):
    call = fathom_call(
        world,
        lead_id=world.lead.pk,
        summary="Good",
        outcome="won",
        language="nl",
        action_items=["Send it"],
        participants=[{"display_name": "Ada", "email": "ada@example.com", "is_host": True}],
        transcript=[{"speaker": "Ada", "at": 2.5, "text": "Hoi", "email": "ada@example.com"}],
    )
    assert client.get(f"/api/calls/{call.pk}").json() == {
        "id": str(call.pk),
        "organizationId": str(world.organization.pk),
        "source": "fathom",
        "title": "Discovery",
        "status": "COMPLETED",
        "appointmentId": None,
        "scheduledStart": None,
        "scheduledEnd": None,
        "startedAt": "2026-11-02T12:00:00Z",
        "endedAt": "2026-11-02T12:30:00Z",
        "durationSeconds": 1800,
        "rep": {"id": str(world.rep.pk), "name": world.rep.name},
        "lead": {"id": str(world.lead.pk), "name": world.lead.name},
        "participants": [
            {
                "displayName": "Ada",
                "email": "ada@example.com",
                "role": "",
                "kind": "person",
                "joinedAt": None,
                "leftAt": None,
                "totalSeconds": None,
                "isHost": True,
                "isGuest": False,
                "isExternal": False,
            }
        ],
        "summary": "Good",
        "actionItems": ["Send it"],
        "recording": {"state": "available", "url": "https://fathom.video/calls/1"},
        "recordingUrl": "https://fathom.video/calls/1",
        "recordingData": {
            "provider": "fathom",
            "id": call.external_id,
            "status": "",
            "startedAt": "2026-11-02T12:00:00Z",
            "endedAt": "2026-11-02T12:30:00Z",
            "durationSeconds": 1800,
            "sizeBytes": None,
        },
        "roomName": None,
        "outcome": "won",
        "language": "nl",
        "url": "https://fathom.video/calls/1",
        "hasTranscript": True,
        "highlights": [],
        "insights": None,
    }
    assert client.get(f"/api/calls/{call.pk}/transcript").json() == {
        "callId": str(call.pk),
        "language": "nl",
        "segments": [{"speaker": "Ada", "email": "ada@example.com", "at": 2.5, "text": "Hoi"}],
        "text": "Ada: Hoi",
        "state": "none",
        "reason": "",
    }


def test_a_call_without_a_transcript_has_an_empty_one(world, client):
    call = native_call(world)
    assert client.get(f"/api/calls/{call.pk}").json()["hasTranscript"] is False
    answer = client.get(f"/api/calls/{call.pk}/transcript").json()
    assert (answer["segments"], answer["text"]) == ([], "")


def test_a_recorder_is_nobody(world, client):
    call = native_call(world)
    CallParticipant.objects.create(call=call, kind="recorder", identity="EG_1")
    CallParticipant.objects.create(call=call, kind="guest", display_name="Lea", is_guest=True)
    people = client.get(f"/api/calls/{call.pk}").json()["participants"]
    assert [person["displayName"] for person in people] == ["Lea"]


@pytest.mark.usefixtures("storage")
def test_the_link_to_a_recording_is_signed_when_the_call_is_read(world, client):
    call = native_call(world)
    Recording.objects.create(call=call, state="failed", reason="egress aborted")
    recording = Recording.objects.create(
        call=call, state="available", key="a/b.mp4", duration_seconds=61
    )
    shown = client.get(f"/api/calls/{call.pk}").json()["recording"]
    assert (shown["state"], shown["durationSeconds"]) == ("available", 61)
    assert shown["url"].startswith("http://127.0.0.1:9/calls/a/b.mp4?")
    assert "X-Amz-Signature=" in shown["url"]
    assert "X-Amz-Expires=" in shown["url"]
    assert "secret-of-no-value" not in shown["url"]
    [row] = client.get("/api/calls").json()["results"]
    assert row["recording"] == {"state": "available", "durationSeconds": 61}
    Recording.objects.filter(pk=recording.pk).update(state="expired")
    assert "url" not in client.get(f"/api/calls/{call.pk}").json()["recording"]


@pytest.mark.usefixtures("storage")
def test_a_native_call_tells_its_room_and_what_was_recorded_under_the_names_of_old(world, client):
    call = native_call(world, room_name="org_a_apt_b")
    Recording.objects.create(
        call=call, state="available", key="a/b.mp4", egress_id="EG_1",
        egress_status="EGRESS_COMPLETE",
        egress_error="https://s3.example.com/x?X-Amz-Signature=abc", duration_seconds=61,
        size_bytes=7, started_at=NOON,
    )  # fmt: skip
    [row] = client.get("/api/calls").json()["results"]
    for shown in (row, client.get(f"/api/calls/{call.pk}").json()):
        assert shown["roomName"] == "org_a_apt_b"
        assert shown["recordingUrl"].startswith("http://127.0.0.1:9/calls/a/b.mp4?")
        assert "X-Amz-Signature=" in shown["recordingUrl"]
        assert shown["recordingData"] == {
            "provider": "livekit",
            "id": "EG_1",
            "status": "EGRESS_COMPLETE",
            "startedAt": "2026-11-02T12:00:00Z",
            "endedAt": None,
            "durationSeconds": 61,
            "sizeBytes": 7,
        }


def test_a_call_without_a_recording_has_null_under_those_names(world, client):
    call = native_call(world)
    shown = client.get(f"/api/calls/{call.pk}").json()
    assert (shown["recordingUrl"], shown["recordingData"], shown["roomName"]) == (None, None, None)
    Recording.objects.create(call=call, state="failed", key="a/b.mp4")
    shown = client.get(f"/api/calls/{call.pk}").json()
    assert (shown["recordingUrl"], shown["recordingData"]["status"]) == (None, "")


def test_nothing_recorded_and_nothing_configured(world, client):
    call = native_call(world)
    assert client.get(f"/api/calls/{call.pk}").json()["recording"] == {"state": "none"}
    Recording.objects.create(call=call, state="available", key="a/b.mp4", bucket="calls")
    assert client.get(f"/api/calls/{call.pk}").json()["recording"] == {"state": "available"}


def test_the_newest_stand_first_and_pages_go_on(world, client):
    calls = [
        fathom_call(world, started_at=NOON + timedelta(days=day), ended_at=None) for day in range(5)
    ]
    newest = [str(call.pk) for call in reversed(calls)]
    assert ids(client.get("/api/calls")) == newest
    assert ids(client.get("/api/calls?ordering=startedAt")) == newest[::-1]
    first = client.get("/api/calls?pageSize=2")
    second = client.get(first.json()["next"])
    third = client.get(second.json()["next"])
    assert ids(first) + ids(second) + ids(third) == newest
    assert third.json()["next"] is None
    assert ids(client.get(third.json()["previous"])) == ids(second)
    by_length = client.get("/api/calls?pageSize=2&ordering=-durationSeconds")
    assert len(ids(client.get(by_length.json()["next"]))) == 2


def test_filters(world, client):
    long = fathom_call(world, outcome="Won", lead_id=world.lead.pk)
    short = fathom_call(world, ended_at=NOON + timedelta(minutes=1), started_at=NOON, rep_id=None)
    native = native_call(world)
    everything = {"long": long, "short": short, "native": native}
    for query, names in {
        "source=native": {"native"},
        "status=PENDING": {"native"},
        f"repId={world.rep.pk}": {"long"},
        f"leadId={world.lead.pk}": {"long", "native"},
        f"appointmentId={world.appointment.pk}": {"native"},
        f"teamId={world.team.pk}": {"long", "native"},
        "outcome=won": {"long"},
        "minSeconds=60": {"long", "short"},
        "minSeconds=61": {"long"},
        "maxSeconds=60": {"short"},
        "from=2026-11-02T12:00:01Z": {"native"},
        "to=2026-11-02T12:00:01Z": {"long", "short"},
        f"organizationId={world.organization.pk}": {"long", "short", "native"},
    }.items():
        expected = {str(everything[name].pk) for name in names}
        assert set(ids(client.get(f"/api/calls?{query}"))) == expected, query
    for query in (
        "source=zoom",
        "minSeconds=-1",
        "minSeconds=x",
        "from=2026-11-02",
        "repId=1",
        "status=x",
        "teamId=1",
    ):
        assert_error(client.get(f"/api/calls?{query}"), 400)


def test_a_page_costs_the_same_however_long(world, client):
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    def add(count: int) -> None:
        for _ in range(count):
            call = fathom_call(world, lead_id=world.lead.pk, participants=[{"display_name": "Ada"}])
            Recording.objects.create(call=call, state="failed")
            native = native_call(world, world.book(), room_name=f"room of {call.pk}")
            Recording.objects.create(call=native, state="available", key="a/b.mp4")

    add(1)
    paths = [
        "/api/calls",
        "/api/calls?search=discovery",
        f"/api/calls/{Call.objects.first().pk}",
        "/api/calls/stats",
    ]
    before = {path: queries(path) for path in paths}
    add(6)
    assert {path: queries(path) for path in paths} == before
    # Who asks (2: session of the token, memberships), then calls, participants, recordings. The
    # words are in calls that have no room of ours, so no recordings are asked for; the places are,
    # and the database is asked how many calls it expects.
    assert before["/api/calls?search=discovery"] == before["/api/calls"] + 1
    assert before["/api/calls"] <= 6


def test_statistics(world, client):
    now = timezone.now()
    fathom_call(world)
    attended, empty = (
        native_call(world, world.book(starts=now - timedelta(days=days)), started_at=now,
                    status="COMPLETED",
                    duration_seconds=600)
        for days in (1, 2)
    )  # fmt: skip
    world.book(starts=now - timedelta(days=3))
    user, moment = world.users["CLOSER"], now - timedelta(days=1)
    of_user = {"call": attended, "user": user, "joined_at": moment}
    CallParticipant.objects.create(**of_user, identity="a", sid="1")
    CallParticipant.objects.create(
        call=attended, kind="guest", identity="g", joined_at=moment, sid="2"
    )
    CallParticipant.objects.create(call=empty, user=user, joined_at=moment, identity="a", sid="1")
    CallParticipant.objects.create(call=empty, user=user, joined_at=moment, identity="b", sid="2")
    CallParticipant.objects.create(
        call=empty, kind="recorder", joined_at=moment, identity="r", sid="3"
    )
    CallParticipant.objects.create(call=empty, kind="guest", identity="g2", sid="4")
    Recording.objects.create(call=attended, state="available")
    Recording.objects.create(call=empty, state="failed")
    Call.objects.filter(source="fathom").update(url="https://fathom.video/calls/1")
    assert client.get("/api/calls/stats").json() == {
        "totalCalls": 3,
        "averageDurationSeconds": 1000,
        # Three meetings were due; to one came two people, to one the same person
        # twice, to one nobody.
        "participationRate": 0.3333,
        "recordingsAvailable": 2,
    }
    shown = [row["recording"]["state"] for row in client.get("/api/calls").json()["results"]]
    assert shown.count("available") == 2, "the library and the figures agree"
    Recording.objects.create(call=attended, state="active")
    Call.objects.filter(source="fathom").update(url="")
    assert client.get("/api/calls/stats").json()["recordingsAvailable"] == 0
    since = (now - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert client.get(f"/api/calls/stats?from={since}").json()["participationRate"] is None
    assert client.get(f"/api/calls/stats?to={since}").json()["totalCalls"] == 1
    assert_error(client.get("/api/calls/stats?from=yesterday"), 400)
    assert client.get("/api/calls/stats?from=&to=").json() == client.get("/api/calls/stats").json()


def test_statistics_refuse_a_filter_that_they_do_not_have(client):
    answer = client.get("/api/calls/stats?form=2026-01-01T00:00:00Z")
    assert_error(answer, 400)
    known = "from, to, organizationId, teamId, repId, source, groupBy, include"
    assert answer.json()["fields"] == {
        "form": [f"Nothing of this name can be asked for here. Known are: {known}."]
    }


def test_statistics_of_nothing(client):
    assert client.get("/api/calls/stats").json() == {
        "totalCalls": 0,
        "averageDurationSeconds": 0,
        "participationRate": None,
        "recordingsAvailable": 0,
    }


@pytest.mark.parametrize("names", [("repId", "leadId"), ("rep", "lead")])
def test_a_rep_and_a_lead_are_asked_for_by_either_name(world, client, names):
    rep, lead = names
    call = str(world.call.pk)
    assert ids(client.get(f"/api/calls?{rep}={world.rep.pk}")) == [call]
    assert ids(client.get(f"/api/calls?{lead}={world.lead.pk}")) == [call]
    for name in names:
        assert ids(client.get(f"/api/calls?{name}={uuid4()}")) == []
        assert_error(client.get(f"/api/calls?{name}=1"), 400)
