"""The library of calls at full size: its lists and searches beside the plain scan
of the index by time.

    python -m benchmarks.call_search [--calls 100000] [--words 700]

Makes a database of its own on the server of DATABASE_URL and drops it afterwards; every call is
stored through `library.store_calls`. The reference of a search is the bare scan of its index: the
ids of the same calls, whoever sees them (at least half as fast: within twice of it); of anything
else what any list of calls costs, the newest 50 by time. Times are those of the SQL alone, medians
of many, turn by turn with the reference. The places that are marked (`ts_headline`) are timed by
themselves: they are read for one page, and grow with the transcripts, not with the calls.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.database import own_site
from benchmarks.report import Line, show

PAGE = 50
ROUNDS = 21
REPS = 20
VOCABULARY = 20_000
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
Question = Callable[[], Any]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.call_search", description="The library at full size"
    )
    parser.add_argument(
        "--calls", type=int, default=20_000, help="calls with transcripts; the goal is for 100000"
    )
    parser.add_argument(
        "--words", type=int, default=700, help="words in a transcript (60 KB are about 10000)"
    )
    asked = parser.parse_args(arguments)
    with own_site("call_search"):
        loaded = load(asked.calls, asked.words)
        return (
            0
            if show(f"Calls: {asked.calls:,} with {asked.words} words each", [*loaded, *searches()])
            else 1
        )


# What the indexes alone cost for the same calls, whoever sees them: their ids by the words, in the
# order of the list. There are two ways, through the newest and through the index of the words; the
# quicker of them counts.
FOUND = (
    "FROM calls_callsearch s JOIN calls_call c ON c.id = s.call_id WHERE s.vector @@ "
    "calls_query(%s, %s)"
)
INDEXED = (
    "WITH s AS MATERIALIZED (SELECT call_id FROM calls_callsearch "
    "WHERE vector @@ calls_query(%s, %s))"
)
ORDER = f"ORDER BY c.happened_at DESC, c.id DESC LIMIT {PAGE + 1}"
NEWEST = (
    f"SELECT c.id {FOUND} {ORDER}",
    f"{INDEXED} SELECT c.id FROM s JOIN calls_call c ON c.id = s.call_id {ORDER}",
)
COUNTED = (
    f"SELECT count(*) FROM (SELECT {FOUND} LIMIT 1001) found",
    f"{INDEXED} SELECT least(count(*), 1001) FROM s",
)
ALIKE = (
    (
        "SELECT word FROM calls_searchedword WHERE word %% %s "
        "ORDER BY similarity(word, %s) DESC, word LIMIT 8"
    ),
)
SCANS: dict[str, tuple[Any, ...]] = {
    "a word of one call in 1,000": (NEWEST, "rarissima", True),
    "a word of one call in 100": (NEWEST, "seldomly", True),
    "a word of one call in 2": (NEWEST, "usually", True),
    "the beginning of a word of one in 1,000": (NEWEST, "rarissi", True),
    "a beginning of three letters": (NEWEST, "usu", True),
    "a word of one call in 2, counted to 1,000": (COUNTED, "usually", True),
    "what was meant by a mistyped word": (ALIKE, "rarisima", "rarisima"),
    "two words": (NEWEST, "usually seldomly", True),
    "a phrase that nobody said": (NEWEST, '"seldomly usually rarissima"', False),
    "a word that nobody said": (NEWEST, "xylophonist", True),
}


# --- Rows -----------------------------------------------------------------------------------------
class Language:
    """Words as often as people use them (Zipf), each of their own spelling, some with accents."""

    def __init__(self) -> None:
        self.choose = random.Random(7)  # the same rows in each run
        letters = "aeiounrstlémdkpgè"
        self.words = [
            "".join(self.choose.choices(letters, k=self.choose.randint(2, 11)))
            for _ in range(VOCABULARY)
        ]
        self.weights = [1 / (place + 1) for place in range(VOCABULARY)]
        self.cumulated: list[float] = []
        total = 0.0
        for weight in self.weights:
            total += weight
            self.cumulated.append(total)

    def say(self, count: int) -> str:
        return " ".join(self.choose.choices(self.words, cum_weights=self.cumulated, k=count))


def rows(count: int, words: int, organization: Any, reps: list[Any]) -> Iterator[Any]:
    """Make up calls of two years.

    One in 1,000 speaks of a rarity, one in 100 of something seldom, one in 2 of the usual.
    """
    language = Language()
    for number in range(count):
        spoken = language.say(words)
        for word, every in (("rarissima", 1000), ("seldomly", 100), ("usually", 2)):
            spoken += f" {word}" if number % every == 0 else ""
        began = NOW - timedelta(seconds=number * 63_000_000 // count)
        yield {
            "organization_id": organization.pk,
            "source": "fathom",
            "external_id": str(number),
            "rep_id": reps[number % REPS],
            "title": language.say(4),
            "status": "COMPLETED",
            "started_at": began,
            "ended_at": began + timedelta(minutes=number % 90 + 1),
            "summary": language.say(60),
            "transcript": [{"speaker": "Ada", "at": 0, "text": spoken}],
        }


def load(count: int, words: int) -> list[Line]:
    """Store them through the library, and read their words."""
    from django.db import connection  # noqa: PLC0415  Django is set up first

    from calls import indexing, library  # noqa: PLC0415
    from crm.models import Organization, SalesRep  # noqa: PLC0415

    organization = Organization.objects.create(name="Benchmark")
    reps = [
        SalesRep(organization=organization, name=f"Rep {n}", email=f"r{n}@example.com")
        for n in range(REPS)
    ]
    SalesRep.objects.bulk_create(reps)
    invented = rows(count, words, organization, [rep.pk for rep in reps])
    making = 0.0

    def timed() -> Iterator[Any]:
        # What it takes to invent the rows is not the library's.
        nonlocal making
        while True:
            began = time.perf_counter()
            row = next(invented, None)
            making += time.perf_counter() - began
            if row is None:
                return
            yield row

    started = time.perf_counter()
    stored = sum(1 for _ in library.store_calls(timed(), index=False))
    storing = time.perf_counter() - started - making
    started = time.perf_counter()
    indexing.index_waiting(count)
    reading = time.perf_counter() - started
    started = time.perf_counter()
    indexing.learn_waiting(count)
    learning = time.perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return [
        Line("store_calls, words to be read later", f"{stored / storing:,.0f}/s"),
        Line("index_waiting", f"{count / reading:,.0f}/s"),
        Line("learn_waiting", f"{count / learning:,.0f}/s"),
    ]


# --- Questions ------------------------------------------------------------------------------------
def searches() -> list[Line]:
    """Measure each question turn by turn with the plain scan."""
    from calls import search, suggesting  # noqa: PLC0415  Django is set up first
    from calls.access import calls_for  # noqa: PLC0415
    from calls.models import Call  # noqa: PLC0415
    from core.models import User  # noqa: PLC0415
    from crm.models import Member, Organization, SalesRep  # noqa: PLC0415

    organization, rep = Organization.objects.get(), SalesRep.objects.order_by("name")[0]
    closer = User.objects.create_user("closer")
    rep.member = Member.objects.create(
        organization=organization, user=closer, role=Member.Role.CLOSER
    )
    rep.save()
    everything = Call.objects.filter(organization=organization)
    month = everything.filter(happened_at__gte=NOW - timedelta(days=30))

    def newest(calls: Any) -> Question:
        return lambda: list(calls.order_by("-happened_at", "-id")[: PAGE + 1])

    def having(words: str, calls: Any = everything) -> Question:
        def ask() -> Any:
            return newest(search.matching(calls, words))()

        return ask

    def counted() -> int:
        return search.matching(everything, "usually")[:1001].count()

    found = [call.pk for call in having("usually")()][:PAGE]
    asked: dict[str, Question] = {
        "a word of one call in 1,000": having("rarissima"),
        "a word of one call in 100": having("seldomly"),
        "a word of one call in 2": having("usually"),
        "the beginning of a word of one in 1,000": having("rarissi"),
        "a beginning of three letters": having("usu"),
        "a word of one call in 2, counted to 1,000": counted,
        "what was meant by a mistyped word": lambda: suggesting.suggestion(
            everything, "rarisima", organization.pk
        ),
        "two words": having("usually seldomly"),
        "a phrase that nobody said": having('"seldomly usually rarissima"'),
        "a word that nobody said": having("xylophonist"),
        "a word, of one rep": having("usually", everything.filter(rep=rep)),
        "a word, in a month": having("usually", month),
        "what a closer sees": newest(calls_for(closer)),
        "a word, of what a closer sees": having("usually", calls_for(closer)),
        "of one rep": newest(everything.filter(rep=rep)),
        "longer than an hour": newest(everything.filter(duration_seconds__gte=3600)),
        "a page after a year": newest(everything.filter(happened_at__lt=NOW - timedelta(days=365))),
        "the places on a page of 50": lambda: search.places(found, "usually"),
    }
    plain = newest(everything)
    scans = {name: quickest(*scanned) for name, scanned in SCANS.items()}
    times: dict[str, list[float]] = {name: [] for name in asked}
    reference: dict[str, list[float]] = {name: [] for name in asked}
    for _round in range(ROUNDS):
        for name, question in asked.items():
            reference[name].append(time_of_sql(scans.get(name, plain)))
            times[name].append(time_of_sql(question))
    lines = []
    for name in asked:
        ours, theirs = (statistics.median(each[name]) * 1000 for each in (times, reference))
        floor = 0.5 if name in SCANS else None
        lines.append(Line(name, f"{ours:.2f} ms", f"{theirs:.2f} ms", theirs / ours, floor, floor))
    return lines


def quickest(statements: Sequence[str], *values: Any) -> Question:
    """Return the quicker of the scans by which the same rows are found, each tried when warm."""
    scans = [bare_scan(statement, *values) for statement in statements]
    for scan in scans:
        scan()
    return min(scans, key=time_of_sql)


def bare_scan(statement: str, *values: Any) -> Question:
    """Return what asks one statement and reads its rows."""
    from django.db import connection  # noqa: PLC0415  Django is set up first

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            cursor.fetchall()

    return ask


def time_of_sql(question: Question) -> float:
    """Return the seconds in the database for all statements of one question; all its rows must have
    come.
    """
    from django.db import connection  # noqa: PLC0415  Django is set up first

    spent = 0.0

    def clock(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal spent
        started = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            spent += time.perf_counter() - started

    # `places` fetches through a cursor of its own, which the wrapper sees as well.
    with connection.execute_wrapper(clock):
        question()
    return spent


if __name__ == "__main__":
    raise SystemExit(main())
