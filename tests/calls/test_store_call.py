"""The one way a call gets in: once, whole, never older over newer,
and with the reps' counters kept.
"""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from calls import indexing, library
from calls.models import Call, CallParticipant, CallSearch, Transcript
from crm import services
from crm.models import SalesRep
from tests.support.people import organization
from tests.support.world import World

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def world(db) -> World:
    return World()


def fathom_data(world: World, **more: Any) -> dict[str, Any]:
    return {
        "organization_id": world.organization.pk,
        "source": "fathom",
        "external_id": "rec-1",
        "rep_id": world.rep.pk,
        "title": "Discovery with Acme",
        "status": "COMPLETED",
        "started_at": NOON,
        "ended_at": NOON + timedelta(minutes=30),
        "summary": "They like it.",
        "action_items": [{"text": "Send the offer"}],
        "participants": [{"display_name": "Ada", "email": "ada@example.com", "is_external": True}],
        "transcript": [{"speaker": "Ada", "at": 3.5, "text": "Bonjour à tous"}],
        **more,
    }


def rep(world: World) -> SalesRep:
    return SalesRep.objects.get(pk=world.rep.pk)


def test_a_call_comes_in_whole(world):
    call, outcome = library.store_call(**fathom_data(world))
    assert outcome == "created"
    assert call.duration_seconds == 1800
    assert call.happened_at == NOON
    assert call.action_items == [{"text": "Send the offer"}]
    [person] = call.participants.all()
    assert (person.display_name, person.email, person.is_external, person.kind) == (
        "Ada", "ada@example.com", True, "person",
    )  # fmt: skip
    assert call.transcript.text == "Ada: Bonjour à tous"
    assert call.transcript.segments == [{"speaker": "Ada", "at": 3.5, "text": "Bonjour à tous"}]
    assert "'bonjour'" in call.search.vector
    assert (rep(world).call_count, rep(world).last_call_at) == (1, NOON)


def test_told_again_nothing_is_written(world):
    library.store_call(**fathom_data(world))
    before = Call.objects.values().get()
    with CaptureQueriesContext(connection) as queries:
        outcome = library.store_call(**fathom_data(world))[1]
    assert outcome == "unchanged"
    assert Call.objects.values().get() == before
    assert [q["sql"].split()[0] for q in queries] == ["SAVEPOINT", "SELECT", "RELEASE", "SELECT"]
    assert rep(world).call_count == 1


def test_what_changed_is_replaced_and_what_is_not_said_stays(world):
    library.store_call(**fathom_data(world))
    call, outcome = library.store_call(
        organization_id=world.organization.pk,
        source="fathom",
        external_id="rec-1",
        title="Closing",
        participants=[],
    )
    assert outcome == "updated"
    assert (call.title, call.summary, call.rep_id) == ("Closing", "They like it.", world.rep.pk)
    assert call.participants.count() == 0
    assert call.transcript.text == "Ada: Bonjour à tous"
    assert "'closing'" in call.search.vector
    assert "'discovery'" not in call.search.vector
    assert "'bonjour'" in call.search.vector
    assert rep(world).call_count == 1


def test_older_never_replaces_newer(world):
    library.store_call(**fathom_data(world, as_of=NOON))
    call, outcome = library.store_call(
        **fathom_data(world, title="Old", as_of=NOON - timedelta(hours=1))
    )
    assert (call.title, outcome) == ("Discovery with Acme", "unchanged")
    call, outcome = library.store_call(
        **fathom_data(world, title="New", as_of=NOON + timedelta(hours=1))
    )
    assert (call.title, outcome) == ("New", "updated")


def test_another_rep_takes_the_call_and_the_counters_follow(world):
    library.store_call(**fathom_data(world))
    library.store_call(
        **fathom_data(world, external_id="rec-0", started_at=NOON - timedelta(days=1))
    )
    other = services.create_rep(organization=world.organization, name="Bo", email="bo@example.com")
    call, outcome = library.store_call(**fathom_data(world, rep_id=other.pk))
    assert (call.rep_id, outcome) == (other.pk, "updated")
    assert (rep(world).call_count, rep(world).last_call_at) == (1, NOON - timedelta(days=1))
    other.refresh_from_db()
    assert (other.call_count, other.last_call_at) == (1, NOON)


def test_a_reps_counters_are_put_right(world):
    library.store_call(**fathom_data(world))
    Call.objects.update(started_at=NOON - timedelta(days=2))
    SalesRep.objects.update(call_count=7)
    library.refresh_rep(world.rep.pk)
    assert (rep(world).call_count, rep(world).last_call_at) == (1, NOON - timedelta(days=2))
    Call.objects.all().delete()
    library.refresh_rep(world.rep.pk)
    assert (rep(world).call_count, rep(world).last_call_at) == (0, None)


def test_a_rep_chosen_by_hand_stays(world):
    call, _ = library.store_call(**fathom_data(world))
    Call.objects.update(match_locked=True)
    call, outcome = library.store_call(**fathom_data(world, rep_id=None, title="New"))
    assert (call.rep_id, call.title, outcome) == (world.rep.pk, "New", "updated")
    assert rep(world).call_count == 1


def test_what_two_organizations_are_told_of_one_recording_are_two_calls(world):
    elsewhere = organization("Contoso")
    first, _ = library.store_call(**fathom_data(world, title="Ours", lead_id=world.lead.pk))
    second, outcome = library.store_call(
        **fathom_data(world, title="Theirs", organization_id=elsewhere.pk, rep_id=None)
    )
    assert (outcome, second.organization_id, second.title) == ("created", elsewhere.pk, "Theirs")
    assert second.pk != first.pk
    first.refresh_from_db()
    assert (first.organization_id, first.title, first.lead_id) == (
        world.organization.pk,
        "Ours",
        world.lead.pk,
    )
    assert rep(world).call_count == 1


def test_a_native_call_is_named_by_its_appointment(world):
    data = {
        "organization_id": world.organization.pk,
        "source": "native",
        "appointment_id": world.appointment.pk,
        "room_name": "room-1",
        "scheduled_start": world.appointment.starts_at,
    }
    call, outcome = library.store_call(**data)
    assert (outcome, call.status, call.happened_at) == (
        "created",
        "PENDING",
        world.appointment.starts_at,
    )
    Call.objects.update(status="ONGOING")
    again, outcome = library.store_call(**data)
    assert (again.pk, again.status, outcome) == (call.pk, "ONGOING", "unchanged")


def test_what_cannot_be_kept_is_left_out_and_the_call_stays(world):
    call, _ = library.store_call(
        **fathom_data(
            world,
            title="x\x00y" + "é" * 600,
            summary="half \ud800 pair",
            url="javascript:alert(1)",
            share_url="https://example.com/" + "a" * 3000,
            duration_seconds=-5,
            ended_at=NOON - timedelta(hours=1),
            data={"n": 10**30, "t": "\x00", "l": ["\ud800"]},
            transcript=[{"speaker": None, "at": "no", "text": "\x00hi"}],
            participants=[{"email": "a" * 300}],
        )
    )
    assert len(call.title) == 500
    assert call.title.startswith("xyé")
    assert call.summary == "half ? pair"
    assert (call.url, call.share_url, call.duration_seconds, call.ended_at) == ("", "", None, None)
    assert call.data == {"n": str(10**30), "t": "", "l": ["?"]}
    assert call.transcript.segments == [{"speaker": "", "at": 0, "text": "hi"}]
    assert call.participants.get().email == ""


def test_a_summary_is_kept_up_to_what_a_page_shows(world):
    call, _ = library.store_call(**fathom_data(world, summary="é" * 200_000))
    assert call.summary == "é" * 65_536


def test_a_call_without_a_name_is_refused(world):
    with pytest.raises(ValueError, match="named by"):
        library.store_call(organization_id=world.organization.pk, source="fathom", title="x")
    with pytest.raises(ValueError, match="200"):
        library.store_call(**fathom_data(world, external_id="x" * 201))
    assert Call.objects.count() == 0


def test_a_second_call_in_one_room_is_refused(world):
    data: dict[str, Any] = {
        "organization_id": world.organization.pk,
        "source": "native",
        "room_name": "room-1",
    }
    library.store_call(**data, appointment_id=world.appointment.pk)
    second = world.book(closer=world.members["CLOSER"])
    with pytest.raises(IntegrityError, match="room"):
        library.store_call(**data, appointment_id=second.pk)
    assert Call.objects.count() == 1


def test_many_at_once_answer_in_order(world):
    library.store_call(**fathom_data(world))
    rows = [
        fathom_data(world),
        fathom_data(world, external_id="rec-2"),
        fathom_data(world, external_id="rec-2", title="Twice", as_of=NOON),
        fathom_data(world, external_id="rec-3", transcript=[], participants=[]),
    ]
    answers = list(library.store_calls(rows))
    assert [answer.outcome for answer in answers] == [
        "unchanged",
        "unchanged",
        "created",
        "created",
    ]
    assert answers[1].call_id == answers[2].call_id
    assert Call.objects.get(external_id="rec-2").title == "Twice"
    assert rep(world).call_count == Call.objects.count() == 3
    assert [answer.outcome for answer in library.store_calls(rows[2:])] == [
        "unchanged",
        "unchanged",
    ]


def test_batches_are_bounded_in_rows_and_bytes(world, monkeypatch):
    monkeypatch.setattr(library, "BATCH_ROWS", 3)
    rows = [fathom_data(world, external_id=f"rec-{n}") for n in range(7)]
    assert [len(batch) for batch in library._batches(rows)] == [3, 3, 1]
    monkeypatch.setattr(library, "BATCH_BYTES", 20)
    assert [len(batch) for batch in library._batches(rows)] == [1] * 7


def test_words_may_wait_and_are_read_later(world):
    list(library.store_calls([fathom_data(world)], index=False))
    assert CallSearch.objects.get().vector is None
    Call.objects.create(organization=world.organization, source="native", title="Unannounced")
    assert indexing.index_waiting() == 2
    assert CallSearch.objects.filter(vector=None).count() == 0
    assert CallSearch.objects.count() == 2
    assert indexing.index_waiting() == 0


def test_a_row_of_another_organization_is_refused_by_the_database(world):
    other = World("Contoso", prefix="other-")
    library.store_call(**fathom_data(world, rep_id=other.rep.pk))
    with pytest.raises(IntegrityError, match="same_organization"):
        connection.check_constraints()


@pytest.mark.django_db(transaction=True)
def test_the_same_call_told_by_many_at_once_is_one_call():
    world = World()

    def tell(number: int) -> str:
        try:
            data = fathom_data(world, title=f"Title {number}", external_id=f"rec-{number % 2}")
            return library.store_call(**data)[1]
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as threads:
        outcomes = list(threads.map(tell, range(20)))
    assert sorted(set(outcomes)) == ["created", "updated"]
    assert outcomes.count("created") == Call.objects.count() == 2
    assert CallParticipant.objects.count() == Transcript.objects.count() == 2
    assert rep(world).call_count == 2


def test_ids_cannot_be_guessed(world):
    call, _ = library.store_call(**fathom_data(world))
    assert uuid.UUID(str(call.pk)).version == 4
