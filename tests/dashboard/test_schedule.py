"""The schedule: whose meetings, on which day by which clock, how far they are,
and who may go in.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone, translation

from calls.models import Call
from core.words.states import look
from crm import services
from crm.models import Appointment
from dashboard.scheduling import calendar as pages
from dashboard.scheduling import times
from tests.calls.cast import native_call
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.support.world import World

# A Tuesday, so that the days around it are in the same week.
NOW = datetime(2026, 6, 16, 10, 0, tzinfo=UTC)


@pytest.fixture
def world(db: None, time_machine: Any) -> World:
    time_machine.move_to(NOW, tick=False)
    return World()


def rows(answer: Any) -> list[pages.Meeting]:
    return [meeting for day in answer.context["calendar"].days for meeting in day.meetings]


def shown(user: Any, query: str = "") -> list[Any]:
    return [row.appointment.pk for row in rows(signed_in(user).get(f"/scheduling{query}"))]


def test_each_role_has_its_own_meetings_and_no_other(world: World):
    other = world.book(closer=world.members["CEO"])
    own = world.appointment.pk
    assert set(shown(world.users["CEO"])) == {own, other.pk}
    assert shown(world.users["MANAGER"]) == [own]
    assert shown(world.users["CLOSER"]) == [own]
    assert set(shown(world.users["SETTER"])) == {own, other.pk}
    assert shown(people.member("CLOSER", people.organization("Contoso"))) == []


def test_a_person_of_several_organizations_sees_the_one_that_they_look_at(world: World):
    second = World("Contoso", prefix="c-")
    services.add_member(organization=second.organization, user=world.users["CEO"], role="CEO")
    client = signed_in(world.users["CEO"])
    client.post("/preferences/organization", {"organization": str(second.organization.pk)})
    assert [row.appointment.pk for row in rows(client.get("/scheduling"))] == [
        second.appointment.pk
    ]


def test_mine_are_those_that_i_close_or_set(world: World):
    closing, setting = (
        world.book(closer=world.members["CEO"]),
        world.book(setter=world.members["CEO"]),
    )
    assert set(shown(world.users["CEO"], "?whose=mine")) == {closing.pk, setting.pk}
    assert (
        "whose" not in signed_in(world.users["CLOSER"]).get("/scheduling").context["filters"].fields
    )


def test_a_status_cuts_the_week_and_what_was_not_offered_cuts_nothing(world: World):
    off = world.book(status="cancelled")
    assert shown(world.users["CEO"], "?status=cancelled") == [off.pk]
    for odd in (
        "?status=x",
        "?whose=theirs",
        "?week=x",
        "?week=9999-12-31",
        "?week=0001-01-01",
        "?after=x",
    ):
        assert len(shown(world.users["CEO"], odd)) == 2, odd
    assert len(shown(world.users["CEO"], "?after=0001-01-01T00:00:00%2B23:59_" + str(off.pk))) == 2


def test_days_begin_by_the_readers_clock(world: World):
    late = world.book(datetime(2026, 6, 17, 22, 30, tzinfo=UTC))
    user = world.users["CEO"]
    for zone, day, starts in (("Europe/Amsterdam", 18, "00:30"), ("America/New_York", 17, "18:30")):
        user.time_zone = zone
        user.save()
        answer = signed_in(user).get("/scheduling")
        found = next(
            d
            for d in answer.context["calendar"].days
            for m in d.meetings
            if m.appointment.pk == late.pk
        )
        assert found.date.day == day
        assert found.meetings[-1].starts == starts


def test_another_week_is_reached_and_filters_stay(world: World):
    next_week = world.book(NOW + timedelta(days=7))
    client = signed_in(world.users["CEO"])
    answer = client.get("/scheduling?status=scheduled")
    assert answer.context["later"] == "?status=scheduled&week=2026-06-22"
    assert answer.context["earlier"] == "?status=scheduled&week=2026-06-08"
    later = client.get(f"/scheduling{answer.context['later']}")
    assert [row.appointment.pk for row in rows(later)] == [next_week.pk]
    assert str(later.context["calendar"].week) == "22 – 28 June 2026"


def test_an_empty_week_says_where_the_next_meeting_is(world: World):
    page = signed_in(world.users["CEO"]).get("/scheduling?week=2026-06-01")
    assert page.context["next"] == "?week=2026-06-16"
    assert "No meetings this week" in page.content.decode()
    filtered = signed_in(world.users["CEO"]).get("/scheduling?status=no_show").content.decode()
    assert "No meetings match" in filtered
    nothing = (
        signed_in(people.member("CEO", people.organization("New")))
        .get("/scheduling")
        .content.decode()
    )
    assert "None is planned yet" in nothing


def test_a_full_week_goes_on_on_a_second_page(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pages, "A_PAGE", 2)
    made = [world.appointment, *(world.book() for _number in range(3))]
    client = signed_in(world.users["CEO"])
    first = client.get("/scheduling")
    second = client.get(f"/scheduling{first.context['more']}")
    found = [row.appointment.pk for answer in (first, second) for row in rows(answer)]
    assert set(found) == {row.pk for row in made}
    assert len(found) == 4
    assert second.context["calendar"].later == ""


def test_the_wall_time_that_was_agreed_stands_beside_the_readers_where_they_differ(world: World):
    made = services.book_appointment(
        organization=world.organization,
        lead=world.lead,
        starts=datetime(2026, 6, 18, 0, 30, tzinfo=UTC),
        ends=datetime(2026, 6, 18, 1, 30, tzinfo=UTC),
        time_zone="America/New_York",
        title="Far away",
    )
    with timezone.override(ZoneInfo("Europe/Amsterdam")), translation.override("en"):
        assert times.elsewhere(made) == "Wednesday 20:30 – 21:30 in New York"
        assert times.elsewhere(world.appointment) == ""
    with timezone.override(ZoneInfo("America/New_York")):
        assert times.elsewhere(made) == ""


@pytest.mark.parametrize(
    ("zone", "moment", "says"),
    [
        ("Europe/Amsterdam", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "02:30 CEST"),
        ("Europe/Amsterdam", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "02:30 CET"),
        ("Europe/Amsterdam", datetime(2026, 10, 25, 2, 30, tzinfo=UTC), "03:30"),
        ("America/New_York", datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "01:30 EDT"),
        ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, 30, tzinfo=UTC), "02:30"),
    ],
)
def test_an_hour_that_the_clock_shows_twice_says_which_it_is(
    zone: str, moment: datetime, says: str
):
    with timezone.override(ZoneInfo(zone)):
        assert times.clock(moment) == says


@pytest.mark.parametrize("zone", ["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe"])
def test_every_moment_of_a_year_is_in_one_week_alone(zone: str):
    with timezone.override(ZoneInfo(zone)):
        week = pages.Week.asked("2026-01-01")
        for _number in range(53):
            after = pages.Week.of(week.later)
            assert week.ends == after.starts
            assert timezone.localtime(week.starts).strftime("%a %H:%M") == "Mon 00:00"
            week = after


def test_the_way_in_is_there_until_an_hour_after_the_end_and_stands_out_a_quarter_hour_before(
    world: World, time_machine: Any
):
    client = signed_in(world.users["CLOSER"])
    starts, ends = world.appointment.starts_at, world.appointment.ends_at
    for moment, state, may, stands_out in (
        (starts - timedelta(minutes=16), "scheduled", True, False),
        (starts - timedelta(minutes=15), "open", True, True),
        (starts + timedelta(minutes=1), "open", True, True),
        (ends + timedelta(minutes=59), "over", True, True),
        (ends + timedelta(minutes=61), "over", False, False),
    ):
        time_machine.move_to(moment, tick=False)
        answer = client.get("/scheduling")
        (row,) = rows(answer)
        assert (row.look, row.may_join, row.is_open) == (
            look(f"meeting.{state}"),
            may,
            stands_out,
        ), moment
        assert (f'href="/app/call/{world.appointment.pk}"' in answer.content.decode()) is may


def test_a_meeting_is_ongoing_when_somebody_is_in_its_call(world: World):
    call = native_call(world)
    (row,) = rows(signed_in(world.users["CLOSER"]).get("/scheduling"))
    assert row.look is look("meeting.scheduled")
    Call.objects.filter(pk=call.pk).update(status="ONGOING")
    (row,) = rows(signed_in(world.users["CLOSER"]).get("/scheduling"))
    assert row.look is look("meeting.ongoing")


@pytest.mark.parametrize(
    ("status", "state"),
    [("cancelled", "cancelled"), ("no_show", "no_show"), ("completed", "completed")],
)
def test_what_people_said_of_a_meeting_is_shown(world: World, status: str, state: str):
    Appointment.objects.update(status=status)
    (row,) = rows(signed_in(world.users["CLOSER"]).get("/scheduling"))
    assert row.look is look(f"meeting.{state}")
    assert row.may_invite is (status != "cancelled")


def test_staff_look_on_and_are_shown_no_way_in(world: World, time_machine: Any):
    time_machine.move_to(world.appointment.starts_at, tick=False)
    answer = signed_in(people.staff()).get("/scheduling")
    (row,) = rows(answer)
    assert (row.may_join, row.may_invite) == (False, False)


def test_whoever_is_not_signed_in_is_asked_to(client: Client, db: None):
    assert client.get("/scheduling")["Location"] == "/sign-in?next=/scheduling"


def test_the_schedule_asks_the_database_as_often_for_many_meetings_as_for_one(
    world: World, django_assert_num_queries
):
    for _turn in range(2):
        for who, count in (("CEO", 8), ("CLOSER", 5), ("MANAGER", 8)):
            client = signed_in(world.users[who])
            with django_assert_num_queries(count):
                client.get("/scheduling")
        for _number in range(5):
            native_call(world, world.book(closer=world.members["CLOSER"], team=world.team))
