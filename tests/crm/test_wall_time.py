"""A meeting stays at the hour on the wall: across every clock change, in gaps and folds,
and when rules change.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm import services, wall_time
from crm.models import Appointment
from crm.wall_time import Wall
from tests.support.world import World

ZONES = ["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe"]
# Local moments around both changes of 2026 and 2027 in each zone;
# Lord Howe moves by half an hour only.
EDGES = {
    "Europe/Amsterdam": [
        "2026-03-29T02:00",
        "2026-10-25T02:00",
        "2027-03-28T02:00",
        "2027-10-31T02:00",
    ],
    "America/New_York": [
        "2026-03-08T02:00",
        "2026-11-01T01:00",
        "2027-03-14T02:00",
        "2027-11-07T01:00",
    ],
    "Australia/Lord_Howe": [
        "2026-04-05T01:30",
        "2026-10-04T02:00",
        "2027-04-04T01:30",
        "2027-10-03T02:00",
    ],
}
around = st.integers(min_value=-3 * 24 * 60, max_value=3 * 24 * 60).map(
    lambda minutes: timedelta(minutes=minutes)
)
lengths = st.integers(min_value=1, max_value=23 * 60).map(
    lambda minutes: timedelta(minutes=minutes)
)


@st.composite
def walls(draw: Any) -> tuple[str, datetime]:
    zone = draw(st.sampled_from(ZONES))
    edge = datetime.fromisoformat(draw(st.sampled_from(EDGES[zone])))
    return zone, edge + draw(around)


@given(walls(), st.sampled_from([0, 1]))
@settings(max_examples=600, deadline=None)
def test_the_instant_of_a_wall_time_shows_that_wall_time(chosen, fold):
    zone, time = chosen
    instant = wall_time.instant_of(Wall(time, fold), zone)
    shown = wall_time.wall_of(instant, zone)
    if wall_time.exists(Wall(time, fold), zone):
        assert shown.time == time
        assert wall_time.instant_of(shown, zone) == instant
    else:
        # In a gap the time is read with the offset of before it (fold 0) or after it (fold 1):
        # it lands outside.
        moved = shown.time - time
        assert abs(moved) == (
            timedelta(minutes=30) if zone == "Australia/Lord_Howe" else timedelta(hours=1)
        )
        assert (moved > timedelta()) == (fold == 0)


@given(walls())
@settings(max_examples=600, deadline=None)
def test_every_instant_comes_back_from_its_wall_time(chosen):
    zone, time = chosen
    instant = time.replace(tzinfo=UTC)
    assert wall_time.instant_of(wall_time.wall_of(instant, zone), zone) == instant


def test_the_two_passes_of_an_hour_are_kept_apart():
    first, second = (
        wall_time.instant_of(
            Wall(datetime.fromisoformat("2026-10-25T02:30"), fold), "Europe/Amsterdam"
        )
        for fold in (0, 1)
    )
    assert second - first == timedelta(hours=1)
    assert [wall_time.wall_of(instant, "Europe/Amsterdam").fold for instant in (first, second)] == [
        0,
        1,
    ]


@pytest.fixture
def world(db) -> World:
    return World()


@given(walls(), lengths, st.integers(min_value=1, max_value=60))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_an_appointment_moved_by_days_across_the_edge_stays_at_its_hour(
    world, chosen, length, days
):
    zone, time = chosen
    later = time + timedelta(days=days)
    if not all(
        wall_time.exists(Wall(t, 0), zone) for t in (time, time + length, later, later + length)
    ):
        return
    if not all(_is_plain(t, t + length, zone) for t in (time, later)):
        return
    appointment = services.book_appointment(
        organization=world.organization,
        lead=world.lead,
        starts=time,
        ends=time + length,
        time_zone=zone,
    )
    moved = services.move_appointment(appointment=appointment, starts=later)
    for row in (moved, Appointment.objects.get(pk=appointment.pk)):
        assert (row.starts_wall, row.ends_wall) == (later, later + length)
        assert row.starts_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == later
        assert row.ends_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == later + length


def _is_plain(starts: datetime, ends: datetime, zone: str) -> bool:
    """Neither turned round by the edge nor longer than a day because of it."""
    real = wall_time.instant_of(Wall(ends), zone) - wall_time.instant_of(Wall(starts), zone)
    return timedelta() < real <= timedelta(hours=24)


@pytest.mark.parametrize(
    ("zone", "skipped"),
    [
        ("Europe/Amsterdam", datetime.fromisoformat("2026-03-29T02:30")),
        ("America/New_York", datetime.fromisoformat("2026-03-08T02:00")),
        ("Australia/Lord_Howe", datetime.fromisoformat("2026-10-04T02:15")),
    ],
)
def test_an_hour_that_the_clock_skips_is_refused(world, zone, skipped):
    with pytest.raises(ValidationError) as refused:
        services.book_appointment(
            organization=world.organization,
            lead=world.lead,
            starts=skipped,
            ends=skipped + timedelta(hours=3),
            time_zone=zone,
        )
    assert refused.value.message_dict == {"starts_at": [str(wall_time.NO_SUCH_TIME)]}


def test_the_second_pass_can_be_booked_by_its_instant_and_is_kept(world):
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    row = world.book(second)
    row.refresh_from_db()
    assert (row.starts_wall, row.starts_fold, row.starts_at) == (
        datetime.fromisoformat("2026-10-25T02:30"),
        1,
        second,
    )


def test_a_meeting_of_the_hour_that_a_clock_shows_twice_can_be_moved_and_stays_as_long(world):
    row = world.book(datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    assert row.starts_wall == row.ends_wall
    moved = services.move_appointment(appointment=row, starts=datetime(2026, 11, 10, 9, tzinfo=UTC))
    assert moved.ends_at - moved.starts_at == timedelta(hours=1)


def test_another_zone_changes_what_the_clock_shows_and_not_the_moment(world):
    before = world.appointment
    after = services.update_appointment(appointment=before, time_zone="America/New_York")
    assert (after.starts_at, after.ends_at) == (before.starts_at, before.ends_at)
    assert after.starts_wall == before.starts_at.astimezone(ZoneInfo("America/New_York")).replace(
        tzinfo=None
    )


def test_new_rules_move_the_instant_and_keep_the_wall_time(world):
    """As after an update of the time zone database: the stored instant is an hour off
    what the rules now say.
    """
    now = datetime.now(UTC)
    still = world.book(starts=now + timedelta(days=2))
    past = world.book(starts=now - timedelta(days=9))
    wrong = [world.appointment.pk, past.pk]
    for row in Appointment.objects.filter(pk__in=wrong):
        shift = timedelta(hours=1)
        Appointment.objects.filter(pk=row.pk).update(
            starts_at=row.starts_at + shift, ends_at=row.ends_at + shift
        )
    assert services.keep_wall_times(now) == 1
    row = Appointment.objects.get(pk=world.appointment.pk)
    assert (row.starts_at, row.starts_wall) == (
        world.appointment.starts_at,
        world.appointment.starts_wall,
    )
    assert Appointment.objects.get(pk=still.pk).updated_at == still.updated_at
    assert Appointment.objects.get(pk=past.pk).starts_at == past.starts_at + timedelta(hours=1), (
        "the past stays"
    )
    assert services.keep_wall_times(now) == 0
