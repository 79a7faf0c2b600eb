"""What the page of a call says where there is no video server, or none that records."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.dashboard.conftest import signed_in
from tests.support.world import World

NOW = datetime(2026, 6, 16, 10, 0, tzinfo=UTC)
NETWORK = "Check your internet connection"
TRIAL = "This trial runs without a video server"
RECORDED = "This call is recorded"


@pytest.fixture
def world(db: None, time_machine: Any, settings: Any) -> World:
    time_machine.move_to(NOW, tick=False)
    settings.LIVEKIT_API_URL = "wss://video.example.com"
    settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET = (
        "APIkey",
        "a-secret-of-more-than-thirty-two-bytes",
    )
    return World()


def page(world: World) -> str:
    answer = signed_in(world.users["CLOSER"]).get(f"/app/call/{world.appointment.pk}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_trial_on_the_stand_in_says_that_it_has_no_video_server(world: World, settings: Any):
    settings.DEMO, settings.LIVEKIT_API_URL = True, "ws://127.0.0.1:8100/livekit"
    text = page(world)
    assert TRIAL in text
    assert NETWORK not in text


def test_with_a_video_server_of_its_own_a_trial_speaks_of_the_network(world: World, settings: Any):
    settings.DEMO, settings.LIVEKIT_API_URL = True, "ws://127.0.0.1:7880"
    text = page(world)
    assert NETWORK in text
    assert TRIAL not in text


def test_without_recorders_no_page_says_that_a_call_is_recorded_and_the_settings_say_why(
    world: World, settings: Any
):
    chief = signed_in(world.users["CEO"])
    assert RECORDED in page(world)
    assert "no recorder" not in chief.get("/settings/calls").content.decode()
    settings.LIVEKIT_EGRESS = False
    assert RECORDED not in page(world)
    assert "no recorder" in chief.get("/settings/calls").content.decode()
