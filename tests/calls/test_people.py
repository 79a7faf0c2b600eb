"""Who was in a call, as the API says it: each person once, however often and on however many
devices they came.
"""

from datetime import timedelta

import pytest

from calls.models import CallParticipant
from tests.calls.cast import fathom_call
from tests.calls.rooms import NINE, call_in
from tests.support.people import client_of
from tests.support.world import World

pytestmark = pytest.mark.django_db


def test_stays_and_devices_of_one_person_are_one_and_their_time_counts_once() -> None:
    world = World()
    call = call_in(world, NINE)
    closer = {"call": call, "user": world.users["CLOSER"], "display_name": "Ada", "is_host": True}
    for number, (identity, came, left) in enumerate(
        [("laptop", 0, 10), ("laptop", 12, 20), ("phone", 5, 15), ("phone", 18, 19)]
    ):
        CallParticipant.objects.create(
            **closer, identity=identity, sid=f"PA_{number}",
            joined_at=NINE + timedelta(minutes=came), left_at=NINE + timedelta(minutes=left),
            total_seconds=(left - came) * 60,
        )  # fmt: skip
    CallParticipant.objects.create(
        call=call, identity="guest", sid="PA_9", kind="guest", joined_at=NINE + timedelta(minutes=1)
    )
    CallParticipant.objects.create(
        call=call, identity="EG_1", sid="PA_r", kind="recorder", joined_at=NINE
    )
    CallParticipant.objects.create(call=call, identity="never", display_name="Never came")

    participants = client_of(world.users["CEO"]).get(f"/api/calls/{call.pk}").json()["participants"]

    assert [
        (
            participant["displayName"],
            participant["joinedAt"],
            participant["leftAt"],
            participant["totalSeconds"],
        )
        for participant in participants
    ] == [
        ("Ada", "2026-11-02T09:00:00Z", "2026-11-02T09:20:00Z", 1200),
        ("", "2026-11-02T09:01:00Z", None, None),
    ]


def test_those_of_a_recorded_meeting_are_all_there() -> None:
    world = World()
    call = fathom_call(world, participants=[{"display_name": "Ada"}, {"display_name": "Grace"}])

    participants = client_of(world.users["CEO"]).get(f"/api/calls/{call.pk}").json()["participants"]

    assert sorted(participant["displayName"] for participant in participants) == ["Ada", "Grace"]
