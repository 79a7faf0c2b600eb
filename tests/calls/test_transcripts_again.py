"""How far what was said is written down, as people see it; and what failed, tried again once."""

from uuid import uuid4

import pytest
from django.test import Client

from calls import transcripts
from calls.models import Recording, Transcript, Transcription
from calls.transcripts import writing
from core.models import Run
from crm import services
from crm.models import Appointment
from tests.calls.transcribed import recorded, row, worked, write
from tests.support.people import client_of, person
from tests.support.sandbox import Sandbox
from tests.support.world import World

pytestmark = pytest.mark.django_db


def test_the_page_of_a_call_says_how_far_it_is(endpoint: Sandbox) -> None:
    world = World()
    recording = recorded(world)
    client = Client()
    client.force_login(world.users["CEO"])

    def page() -> str:
        return str(client.get(f"/calls/{recording.call_id}").content.decode())

    transcripts.begin(recording.pk)
    assert "What was said is being written down." in page()
    endpoint.fault("openai", "error", status=503, times=1)
    worked()
    assert "Not written down yet. The service that writes it down cannot be reached" in page()
    Transcription.objects.update(state="failed")
    assert "What was said could not be written down" in page()
    Transcription.objects.update(state="waiting", due_at=None)
    write(recording)
    shown = page()
    assert "Thank you for your time today." in shown
    assert "who said what is not known" in shown
    assert "could not" not in shown


def test_the_transcripts_answer_says_how_far_it_is(endpoint: Sandbox) -> None:
    world = World()
    recording = recorded(world)
    client = client_of(world.users["CEO"])
    path = f"/api/calls/{recording.call_id}/transcript"
    assert (client.get(path).json()["state"], client.get(path).json()["reason"]) == ("none", "")
    endpoint.fault("openai", "unauthorized", times=1)
    write(recording)
    answer = client.get(path).json()
    assert answer["state"] == "incomplete"
    assert answer["reason"].startswith("The service that writes it down does not let us in.")


def failed_once(endpoint: Sandbox) -> Recording:
    endpoint.fault("openai", "error", status=400, times=1)
    recording = recorded()
    write(recording)
    assert (row(recording).state, row(recording).reason, row(recording).attempts) == (
        "failed",
        "refused",
        1,
    )
    return recording


def test_what_failed_is_tried_again_when_somebody_asks_and_only_once(endpoint: Sandbox) -> None:
    recording = failed_once(endpoint)
    user = person()
    assert transcripts.may_try_again(recording.call)
    assert transcripts.try_again(recording.call, user)
    assert transcripts.try_again(recording.call, user)
    asked_for = Run.objects.filter(kind=transcripts.KIND.key, trigger="manual").get()
    assert asked_for.started_by == user
    worked()
    assert (row(recording).state, row(recording).attempts) == ("done", 1)
    assert Transcript.objects.filter(call=recording.call).exists()
    assert not transcripts.may_try_again(recording.call)
    assert not transcripts.try_again(recording.call, user)
    assert Run.objects.filter(kind=transcripts.KIND.key).count() == 2


def test_what_may_not_be_written_down_any_more_is_not_tried_again(endpoint: Sandbox) -> None:
    recording = failed_once(endpoint)
    services.change_settings(
        organization=recording.call.organization, call_transcription_enabled=False
    )
    assert not transcripts.may_try_again(recording.call)
    assert not transcripts.try_again(recording.call, person())
    assert row(recording).state == "failed"


def test_an_attempt_of_before_keeps_nothing_once_it_is_tried_again(endpoint: Sandbox) -> None:
    recording = failed_once(endpoint)
    stale = row(recording)
    transcripts.try_again(recording.call, person())
    Transcription.objects.filter(pk=recording.pk).update(
        state="working", attempts=1, run_id=uuid4()
    )
    assert not writing._this_attempt(stale).exists()


@pytest.mark.parametrize(
    ("who", "may"), [("CEO", True), ("ADMIN", True), ("MANAGER", False), ("CLOSER", False)]
)
def test_whoever_chooses_what_is_written_down_has_a_button_to_try_again(
    endpoint: Sandbox, client: Client, who: str, may: bool
) -> None:
    world = World()
    endpoint.fault("openai", "error", status=400, times=1)
    recording = recorded(world)
    write(recording)
    with_them = {"closer": world.members["CLOSER"], "team": world.team}
    Appointment.objects.filter(pk=recording.call.appointment_id).update(**with_them)
    client.force_login(world.users[who], backend="core.signin.Backend")
    page, again = f"/calls/{recording.call_id}", f"/calls/{recording.call_id}/write-again"
    assert (again in client.get(page).content.decode()) is may
    assert client.post(again).status_code == (302 if may else 403)
    assert row(recording).state == ("waiting" if may else "failed")
