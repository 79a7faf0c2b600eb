"""Lists: pages by cursor, ordering, search, filters; each wrong value 400."""

from datetime import UTC, datetime, timedelta

import pytest

from core.models import Run
from tests.support.people import assert_error, client_of, person

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.api.probe_urls")]
ROWS = "/api/probe/rows"


@pytest.fixture
def client():
    return client_of(person("anna"))


@pytest.fixture
def rows():
    start = datetime(2026, 3, 1, tzinfo=UTC)
    return [
        Run.objects.create(
            kind=f"kind-{index % 3}",
            state="failed" if index % 2 else "succeeded",
            finished_at=None if index % 4 == 0 else start + timedelta(hours=index // 3),
        )
        for index in range(23)
    ]


def walk(client, query=""):
    """All ids by following `next`, then all by following `previous` back from the last page."""
    url, pages = f"{ROWS}?pageSize=4&{query}", []
    while url:
        body = client.get(url).json()
        pages.append([row["id"] for row in body["results"]])
        url, last = body["next"], body
    back, url = [pages[-1]], last["previous"]
    while url:
        body = client.get(url).json()
        back.insert(0, [row["id"] for row in body["results"]])
        url = body["previous"]
    return pages, back


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("", lambda run: (-run.pk.int,)),
        ("ordering=id", lambda run: (run.pk.int,)),
        ("ordering=kind", lambda run: (run.kind, run.pk.int)),
        ("ordering=-kind", lambda run: (-int(run.kind[-1]), -run.pk.int)),
        (
            "ordering=finishedAt",
            lambda run: (
                run.finished_at is None,
                run.finished_at or datetime(9999, 1, 1, tzinfo=UTC),
                run.pk.int,
            ),
        ),
        (
            "ordering=-finishedAt",
            lambda run: (
                run.finished_at is not None,
                -(run.finished_at.timestamp() if run.finished_at else 0),
                -run.pk.int,
            ),
        ),
    ],
)
def test_every_row_comes_once_in_order_forwards_and_backwards(client, rows, query, key):
    forwards, backwards = walk(client, query)
    expected = [str(run.pk) for run in sorted(rows, key=key)]
    assert [identifier for page in forwards for identifier in page] == expected
    assert backwards == forwards
    assert [len(page) for page in forwards] == [4, 4, 4, 4, 4, 3]


def test_rows_added_meanwhile_neither_repeat_nor_hide_any(client, rows):
    first = client.get(f"{ROWS}?pageSize=10").json()
    Run.objects.create(
        kind="new",
    )
    second = client.get(first["next"]).json()
    seen = [row["id"] for row in first["results"] + second["results"]]
    assert seen == sorted((str(run.pk) for run in rows), reverse=True)[:20]


def test_an_empty_list_has_no_neighbours(client):
    assert client.get(ROWS).json() == {"results": [], "next": None, "previous": None}


def test_a_page_has_fifty_unless_asked_and_two_hundred_at_most(client):
    Run.objects.bulk_create(
        Run(
            kind="many",
        )
        for _ in range(210)
    )
    assert len(client.get(ROWS).json()["results"]) == 50
    assert len(client.get(f"{ROWS}?pageSize=200").json()["results"]) == 200


@pytest.mark.parametrize("size", ["0", "201", "-1", "1.5", "x", "", "1e2", "٣", "9" * 5000])
def test_an_odd_page_size_is_refused(client, size):
    assert set(assert_error(client.get(ROWS, {"pageSize": size}), 400, "invalid")["fields"]) == {
        "pageSize"
    }


def another(letter):
    return "B" if letter == "A" else "A"


def test_a_cursor_that_was_changed_or_belongs_to_another_ordering_is_refused(client, rows):
    cursor = client.get(f"{ROWS}?pageSize=4").json()["next"].split("cursor=")[1]
    for query in (
        f"cursor={another(cursor[0])}{cursor[1:]}",
        f"cursor={cursor[:-1]}{another(cursor[-1])}",
        "cursor=x",
        "cursor=",
        f"cursor={cursor}&ordering=kind",
        "cursor=" + "a" * 9000,
    ):
        assert set(assert_error(client.get(f"{ROWS}?{query}"), 400, "invalid")["fields"]) == {
            "cursor"
        }


@pytest.mark.parametrize(
    "ordering", ["password", "started_by__password", "-", "--id", "id,kind", "?", ""]
)
def test_only_named_orderings_are_taken(client, ordering):
    assert set(
        assert_error(client.get(ROWS, {"ordering": ordering}), 400, "invalid")["fields"]
    ) == {"ordering"}


def test_a_filter_takes_its_own_values_only(client, rows):
    assert len(client.get(f"{ROWS}?state=failed").json()["results"]) == 11
    assert set(assert_error(client.get(f"{ROWS}?state=odd"), 400, "invalid")["fields"]) == {"state"}


def test_search_finds_every_word_somewhere(client, rows):
    Run.objects.filter(pk=rows[0].pk).update(error="100% of nothing_at_all")
    assert [
        row["id"] for row in client.get(ROWS, {"search": "KIND-0 nothing_at"}).json()["results"]
    ] == [str(rows[0].pk)]
    assert client.get(ROWS, {"search": "nothing%all"}).json()["results"] == []
    assert_error(client.get(ROWS, {"search": "x" * 201}), 400, "invalid")


def test_a_page_is_one_query_whatever_its_size(client, rows, django_assert_num_queries):
    for size in (2, 20):
        with django_assert_num_queries(2):  # whose token it is, the page
            client.get(f"{ROWS}?pageSize={size}")


@pytest.mark.parametrize(
    "query", ["stat=failed", "state=failed&kinds=x", "State=failed", "organization=x"]
)
def test_a_filter_that_the_list_does_not_have_is_refused_by_its_name(client, rows, query):
    fields = assert_error(client.get(f"{ROWS}?{query}"), 400)["fields"]
    [name] = fields
    assert f"{name}=" in query
    assert "search, ordering, pageSize, cursor" in fields[name][0]
