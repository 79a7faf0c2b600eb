"""LiveKit tells the TURN password of a room with every event:
it is dropped before anything is stored.
"""

import json
from typing import Any

import pytest

from calls.models import Call
from core import inbox
from core.models import InboundEvent
from tests.calls.rooms import NINE, call_in, event, joined, livekit, post  # noqa: F401
from tests.support.people import person
from tests.support.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("livekit")]
PASSWORD = "made-up-turn-password"


@pytest.fixture
def call() -> Call:
    return call_in(World())


def carrying(payload: dict[str, Any], name: str = "turnPassword") -> dict[str, Any]:
    return {**payload, "room": {**payload["room"], name: PASSWORD}}


def sent(payload: dict[str, Any], times: int = 1) -> InboundEvent:
    """Taken so often, and kept once."""
    body = json.dumps(payload).encode()
    for _ in range(times):
        assert post(body).status_code == 200
    return InboundEvent.objects.get()


@pytest.mark.parametrize("name", ["turnPassword", "turn_password"])
def test_of_the_room_everything_is_kept_but_the_password(call: Call, name: str) -> None:
    payload = joined(call, "ann", "PA_1", NINE)

    assert sent(carrying(payload, name)).event_data == payload


def test_it_is_found_wherever_the_room_lies(call: Call) -> None:
    room = {"sid": "RM_one", "turnPassword": PASSWORD}
    payload = event("track_published", call, NINE, more={"rooms": [room, {"room": room}]})

    stored = sent(carrying(payload))

    assert stored.event_data["more"] == {"rooms": [{"sid": "RM_one"}, {"room": {"sid": "RM_one"}}]}
    assert PASSWORD not in json.dumps(stored.event_data)


@pytest.mark.parametrize("odd", ["half \ud800 a character", "a \x00 in it"])
def test_it_is_dropped_from_what_must_be_made_storable(call: Call, odd: str) -> None:
    stored = sent(carrying(event("room_started", call, NINE, odd=odd)))

    assert stored.event_data["room"] == {
        "sid": "RM_one",
        "name": call.room_name,
        "creationTime": "1793610000",
    }
    assert stored.event_data["odd"] in ("half � a character", "a � in it")


@pytest.mark.parametrize("without", [(), ("id",)])
def test_sent_again_it_is_kept_once(call: Call, without: tuple[str, ...]) -> None:
    payload = carrying(event("room_started", call, NINE))

    sent({name: value for name, value in payload.items() if name not in without}, times=3)


def test_two_that_differ_in_the_password_alone_are_two(call: Call) -> None:
    payload = event("room_started", call, NINE)
    del payload["id"]
    for room in (
        {**payload["room"], "turnPassword": PASSWORD},
        {**payload["room"], "turnPassword": "another"},
    ):
        assert post(json.dumps({**payload, "room": room}).encode()).status_code == 200

    assert InboundEvent.objects.count() == 2


def test_what_is_left_can_be_replayed(call: Call) -> None:
    stored = sent(carrying(joined(call, "ann", "PA_1", NINE)))
    InboundEvent.objects.update(processing_status="failed")

    assert inbox.replay([stored.id], person(is_staff=True)) == 1
    inbox.work(stored.id)

    assert InboundEvent.objects.get().processing_status == "processed"
    assert call.participants.get().identity == "ann"


def test_no_page_of_the_admin_shows_it(call: Call, client: Any) -> None:
    stored = sent(carrying(event("room_started", call, NINE)))
    client.force_login(person(is_staff=True, is_superuser=True), backend="core.signin.Backend")

    page = client.get(f"/admin/core/inboundevent/{stored.pk}/change/")

    assert page.status_code == 200
    assert call.room_name in page.content.decode()
    assert PASSWORD not in page.content.decode()
