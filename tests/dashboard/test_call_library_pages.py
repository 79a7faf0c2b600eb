"""The list of calls page by page: how many it counts, which way it is read,
and what it takes along.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from calls.models import Call, Recording
from dashboard import counts
from tests.calls.cast import NOON, fathom_call
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.support.world import World


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def chief(world: World) -> Client:
    return signed_in(world.users["CEO"])


def test_pages_go_on_and_lead_back_over_calls_of_one_moment(world: World, chief: Client):
    for number in range(120):
        fathom_call(
            world, title=str(number), started_at=NOON - timedelta(days=number // 30), ended_at=None
        )
    newest = chief.get("/calls").context["page"]
    middle = chief.get(f"/calls?before={newest.older}").context["page"]
    oldest = chief.get(f"/calls?before={middle.older}").context["page"]
    again = chief.get(f"/calls?after={oldest.newer}").context["page"]
    top = chief.get(f"/calls?after={again.newer}").context["page"]
    shown_ids = [call.pk for page in (newest, middle, oldest) for call in page.items]
    assert shown_ids == list(
        Call.objects.order_by("-happened_at", "-pk").values_list("pk", flat=True)
    )
    assert (newest.newer, oldest.older) == ("", "")
    assert [call.pk for call in again.items] == [call.pk for call in middle.items]
    assert [call.pk for call in top.items] == [call.pk for call in newest.items]
    assert (top.newer, top.older) == ("", newest.older)


@pytest.mark.parametrize("path", ["/calls", "/calls?search=discovery", "/calls/reps/{rep}"])
def test_a_page_asks_the_database_as_often_for_fifty_calls_as_for_one(
    world: World, chief: Client, path: str, django_assert_num_queries: Any
):
    path = path.format(rep=world.rep.pk)
    # Who asks (session, person, memberships once for all); the reps and the teams to choose from,
    # the outcomes, the calls; whether few have the words, how many have them, where these are.
    # Recordings are asked for where calls are ours. Of a rep: whether the reader may change them.
    expected = {"/calls": 8, "/calls?search=discovery": 11}.get(path, 11)
    # Where there is more than a page, how many there are is one question more.
    of_more = expected + (path == "/calls")
    chief.get(path)  # settings are remembered from then on
    for queries in (expected, of_more):
        fathom_call(world, lead_id=world.lead.pk)
        with django_assert_num_queries(queries):
            chief.get(path)
        for _call in range(50):
            call = fathom_call(world, lead_id=world.lead.pk)
            Recording.objects.create(call=call, state="failed")


def test_no_page_counts_further_than_anybody_reads(
    world: World, chief: Client, django_assert_num_queries: Any
):
    for number in range(51):
        fathom_call(world, title=str(number))
    with django_assert_num_queries(9) as queries:
        page = chief.get("/calls").content.decode()
    assert "51 calls" in page
    counting = [
        query["sql"]
        for query in queries
        if "COUNT(" in query["sql"] and "calls_call" in query["sql"]
    ]
    assert len(counting) == 1
    assert "LIMIT 1001" in counting[0]


def test_calls_are_read_the_oldest_first_too(world: World, chief: Client):
    for number in range(60):
        fathom_call(
            world, title=str(number), started_at=NOON - timedelta(days=number), ended_at=None
        )
    first = chief.get("/calls?ordering=when").context["page"]
    assert [call.title for call in first.items] == [str(number) for number in range(59, 9, -1)]
    second = chief.get(f"/calls?ordering=when&after={first.newer}").context["page"]
    assert [call.title for call in second.items] == [str(number) for number in range(9, -1, -1)]
    assert (first.older, second.newer) == ("", "")
    back = chief.get(f"/calls?ordering=when&before={second.older}").context["page"]
    assert [call.pk for call in back.items] == [call.pk for call in first.items]
    assert back.older == ""
    assert chief.get("/calls?ordering=nonsense").context["page"].items[0].title == "0"


def test_staff_who_look_at_everything_read_about_how_many_there_are(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    for number in range(51):
        fathom_call(world, title=str(number))
    staff = signed_in(people.staff())
    monkeypatch.setattr(counts, "COUNTED_TO", 40)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_class SET reltuples = 12345 WHERE relname = %s", [Call._meta.db_table]
        )
    assert "About 12,000 calls" in staff.get("/calls").content.decode()
    # What is cut is counted, as far as anybody reads.
    assert "More than 40 calls" in staff.get("/calls?source=fathom").content.decode()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_class SET reltuples = -1 WHERE relname = %s", [Call._meta.db_table]
        )
    assert "More than 40 calls" in staff.get("/calls").content.decode()
