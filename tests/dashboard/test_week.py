"""The week by its hours: where meetings stand by the reader's clock,
also in the nights it is changed in.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from crm import services
from crm.models import Appointment
from dashboard.scheduling import grid as pages
from dashboard.scheduling.weeks import Week
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.support.world import World

NOW = datetime(2026, 6, 16, 10, 0, tzinfo=UTC)


@pytest.fixture
def world(db: None, time_machine: Any) -> World:
    time_machine.move_to(NOW, tick=False)
    made = World()
    made.appointment.delete()
    return made


def book(world: World, starts: datetime, minutes: int = 60, **people_of: Any) -> Appointment:
    return services.book_appointment(
        organization=world.organization,
        lead=world.lead,
        starts=starts,
        ends=starts + timedelta(minutes=minutes),
        time_zone="Europe/Amsterdam",
        **people_of,
    )


def drawn(world: World, monday: str, zone: str = "Europe/Amsterdam") -> pages.Grid:
    week = Week.asked(monday)
    with timezone.override(ZoneInfo(zone)):
        return pages.grid(world.users["CEO"], Appointment.objects.all(), week, week.monday)


def blocks(found: pages.Grid) -> list[tuple[int, str, int]]:
    """Return the day of the month, the hour and minute that each block begins at,
    and its length as drawn.
    """
    return [
        (column.day.day, f"{found.hours[block.top // 60][:2]}:{block.top % 60:02}", block.length)
        for column in found.columns
        for block in column.blocks
    ]


def test_meetings_stand_where_the_readers_clock_has_them(world: World):
    book(world, datetime(2026, 6, 17, 12, 30, tzinfo=UTC), 45)
    assert blocks(drawn(world, "2026-06-15")) == [(17, "14:30", 45)]
    assert blocks(drawn(world, "2026-06-15", "America/New_York")) == [(17, "08:30", 45)]
    assert blocks(drawn(world, "2026-06-15", "Australia/Lord_Howe")) == [(17, "23:00", 45)]


def test_a_meeting_across_midnight_is_on_both_days(world: World):
    book(world, datetime(2026, 6, 17, 21, 30, tzinfo=UTC), 90)
    found = drawn(world, "2026-06-15")
    assert blocks(found) == [(17, "23:30", 30), (18, "00:00", 60)]
    first, second = (block for column in found.columns for block in column.blocks)
    assert (first.goes_on, first.from_before, second.goes_on, second.from_before) == (
        True,
        False,
        False,
        True,
    )
    book(world, datetime(2026, 6, 21, 21, 30, tzinfo=UTC), 90)
    assert blocks(drawn(world, "2026-06-22")) == [(22, "00:00", 60)]


def test_the_hour_that_the_clock_shows_twice_has_two_rows(world: World):
    book(world, datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 30)
    book(world, datetime(2026, 10, 25, 1, 30, tzinfo=UTC), 30)
    book(world, datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 120)
    found = drawn(world, "2026-10-19")
    assert found.hours[:4] == ["02:00", "02:00", "03:00", "04:00"]
    assert [(block.top, block.length) for block in found.columns[6].blocks] == [
        (30, 120),
        (30, 30),
        (90, 30),
    ]
    assert found.columns[6].absent == []
    assert found.columns[0].absent == ["r1"], "the other days have that hour once"


def test_the_hour_that_the_clock_skips_is_not_there_that_day(world: World):
    book(world, datetime(2027, 3, 28, 0, 30, tzinfo=UTC), 60)
    book(world, datetime(2027, 3, 27, 1, 30, tzinfo=UTC), 30)
    found = drawn(world, "2027-03-22")
    assert found.hours[:3] == ["01:00", "02:00", "03:00"]
    assert found.columns[6].absent == ["r1"]
    assert [(block.top, block.length) for block in found.columns[6].blocks] == [(30, 120)], (
        "from 01:30 to 03:30"
    )
    assert [block.words for block in found.columns[6].blocks] == ["01:30 – 03:30"]
    assert [(block.top, block.length) for block in found.columns[5].blocks] == [(90, 30)]


def test_what_overlaps_stands_side_by_side_and_the_rest_is_counted(world: World):
    starts = datetime(2026, 6, 17, 8, 0, tzinfo=UTC)
    for minutes in (0, 15, 30):
        book(world, starts + timedelta(minutes=minutes), 30)
    column = drawn(world, "2026-06-15").columns[2]
    assert [(block.lane, block.lanes) for block in column.blocks] == [(0, 2), (1, 2), (0, 2)]
    for _number in range(5):
        book(world, starts + timedelta(hours=4))
    column = drawn(world, "2026-06-15").columns[2]
    assert [block.lane for block in column.blocks[3:]] == [0, 1, 2, 3]
    assert [(more.count, more.top) for more in column.more] == [(1, 360)]


def test_the_line_of_now_is_on_today_alone(world: World):
    found = drawn(world, "2026-06-15")
    assert [column.now for column in found.columns] == ["", "r4 m0", "", "", "", "", ""]
    assert all(column.now == "" for column in drawn(world, "2026-06-22").columns)


def test_the_page_shows_the_week_and_keeps_its_view(world: World):
    booked = book(world, NOW + timedelta(hours=2), closer=world.members["CLOSER"])
    client = signed_in(world.users["CEO"])
    answer = client.get("/scheduling?view=week&week=2026-06-15")
    page = answer.content.decode()
    assert f'href="/scheduling/{booked.pk}" data-drawer="meeting"' in page
    assert answer.context["later"] == "?view=week&week=2026-06-22"
    assert answer.context["as_list"] == "?week=2026-06-15"
    assert [column.is_chosen for column in answer.context["grid"].columns].index(True) == 1
    chosen = client.get("/scheduling?view=week&day=2026-06-20").context["grid"]
    assert [column.day for column in chosen.columns if column.is_chosen] == [date(2026, 6, 20)]
    empty = client.get("/scheduling?view=week&week=2026-06-01").content.decode()
    assert "The next one is on Tuesday 16 June" in empty
    for odd in ("?view=week&day=x", "?view=week&week=9999-12-31", "?view=week&closer=x&team=x"):
        assert client.get(f"/scheduling{odd}").status_code == 200


def test_it_is_cut_to_a_closer_or_a_team_and_to_what_the_person_sees(world: World):
    theirs = book(world, NOW, closer=world.members["CLOSER"])
    other = book(world, NOW, closer=world.members["CEO"])
    client = signed_in(world.users["CEO"])

    def shown(query: str, who: Any = client) -> set[Any]:
        found = who.get(f"/scheduling?view=week{query}").context["grid"]
        return {block.appointment.pk for column in found.columns for block in column.blocks}

    assert shown("") == {theirs.pk, other.pk}
    assert shown(f"&closer={world.members['CLOSER'].pk}") == {theirs.pk}
    services.create_team(organization=world.organization, name="Second", managers=[])
    assert shown(f"&team={world.team.pk}") == {theirs.pk}
    assert shown("", signed_in(world.users["CLOSER"])) == {theirs.pk}
    assert shown("", signed_in(people.member("CEO", people.organization("Contoso")))) == set()


def test_the_week_asks_the_database_as_often_for_many_meetings_as_for_one(
    world: World, django_assert_num_queries: Any
):
    client = signed_in(world.users["CEO"])
    book(world, NOW)
    for _turn in range(2):
        with django_assert_num_queries(8):
            client.get("/scheduling?view=week")
        for _number in range(5):
            book(world, NOW, closer=world.members["CLOSER"])
