"""The trial's recorded call plays: its recording lies in the storage's stand-in,
and its people get a link to it.
"""

from typing import Any

import pytest

from calls.models import Recording
from core.models import User
from sandbox import demo
from tests.support import web
from tests.support.people import PASSWORD, client_of
from tests.support.sandbox import Sandbox


@pytest.mark.django_db
def test_the_trials_recording_can_be_played_by_whoever_sees_its_call(
    calls_stand_ins: Sandbox, settings: Any
):
    settings.DEMO = True
    demo.load(PASSWORD)
    recording = Recording.objects.get()
    for name, status in (("ceo", 200), ("closer", 200), ("outsider", 404)):
        answer = client_of(User.objects.get(username=name)).get(f"/api/calls/{recording.call_id}")
        assert answer.status_code == status
        if status == 200:
            shown = answer.json()["recording"]
            assert shown["state"] == "available"
            played = web.ask("GET", shown["url"], headers={"Range": "bytes=4-7"})
            assert (played.status, played.content) == (206, b"ftyp")


@pytest.mark.django_db
def test_a_trial_with_a_storage_of_its_own_claims_no_recording():
    demo.load(PASSWORD)
    assert not Recording.objects.exists()
