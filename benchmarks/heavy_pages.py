"""The pages that people open all day, at the size of a large agency:
processor, queries, HTML and files of each.

    python -m benchmarks.heavy_pages [--calls 20000] [--reps 480] [--leads 5000] [--meetings 5000]

Makes a database of its own on the server of DATABASE_URL and drops it afterwards. Each page is
asked for by whoever is named behind it, else by the CEO, by Django's test client, through all
middleware, warm, in turn with a page that has nothing on it but the frame (Profile): what counts is
the processor's time of this process, the median of many. What PostgreSQL takes is its own, and not
in it. The limits are those of the design: 40 ms, 150 KB of HTML, 15 requests (the page, and each
file that it names).
"""

import argparse
import logging
import re
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from benchmarks.database import own_site
from benchmarks.lists import plain_files

ROUNDS, WARM = 25, 4
CHIEF: Final = "chief"
# Who has a home of their own, beside the CEO.
HOMES: Final = ("closer0", "setter", "manager", "admin", "operations", "auditor")
MANAGED: Final = 6
BOOKED: Final = 400
TEAMS: Final = 24
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
OUTCOMES: Final = ("won", "lost", "no-show", "follow-up", "")
FRAME: Final = "/settings/profile"
MOST_MS, MOST_KB, MOST_FILES = 40.0, 150.0, 15
FILES: Final = re.compile(r"""(?:src|href)=["'](/static/[^"'?#]+)""")
HEAD: Final = ("page", "processor", "of frame", "queries", "HTML", "requests")


@dataclass(frozen=True)
class Cost:
    """What one page costs."""

    page: str
    milliseconds: float
    of_frame: float
    queries: int
    kilobytes: float
    requests: int

    @property
    def is_within(self) -> bool:
        return (
            self.milliseconds <= MOST_MS
            and self.kilobytes <= MOST_KB
            and self.requests <= MOST_FILES
        )

    def cells(self) -> tuple[str, ...]:
        return (
            self.page,
            f"{self.milliseconds:.1f} ms",
            f"{self.of_frame:.1f}x",
            str(self.queries),
            f"{self.kilobytes:.0f} KB",
            str(self.requests),
        )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.heavy_pages", description="Heavy pages at full size"
    )
    for name, count in (("calls", 20_000), ("reps", 480), ("leads", 5_000), ("meetings", 5_000)):
        parser.add_argument(f"--{name}", type=int, default=count)
    parser.add_argument("--only", default="", help="pages with this in their address")
    asked = parser.parse_args(arguments)
    with own_site("heavy_pages"):
        plain_files()
        pages = load(asked.calls, asked.reps, asked.leads, asked.meetings)
        costs = list(measure([page for page in pages if asked.only in page]))
    print(
        f"\n{asked.calls:,} calls, {asked.reps} reps, {asked.leads:,} leads, "
        f"{asked.meetings:,} meetings"
    )
    for cells in (HEAD, *(cost.cells() for cost in costs)):
        print(cells[0].ljust(46) + "".join(text.rjust(11) for text in cells[1:]))
    return 0 if all(cost.is_within for cost in costs) else 1


def load(calls: int, reps: int, leads: int, meetings: int) -> list[str]:
    """Store a year of an agency's work, and return the pages that its CEO opens."""
    from django.db import connection  # noqa: PLC0415 - Django is set up first, here and below

    from calls import library  # noqa: PLC0415
    from calls.models import Call  # noqa: PLC0415
    from crm.models import Appointment, Lead, Organization, SalesRep, Team  # noqa: PLC0415

    organization = Organization.objects.create(name="Benchmark")
    of: dict[str, Any] = {"organization": organization}
    teams = Team.objects.bulk_create(Team(name=f"Team {n}", **of) for n in range(TEAMS))
    closers = members(organization, reps)
    sellers = SalesRep.objects.bulk_create(
        SalesRep(
            name=f"Rep {n}",
            email=f"rep{n}@example.com",
            team=teams[n % TEAMS],
            member=closers[n],
            **of,
        )
        for n in range(reps)
    )
    states = Lead.Status.values
    people = Lead.objects.bulk_create(
        Lead(
            name=f"Lead {n}",
            email=f"lead{n}@example.com",
            status=states[n % len(states)],
            team=teams[n % TEAMS],
            **of,
        )
        for n in range(leads)
    )
    statuses = Appointment.Status.values
    Appointment.objects.bulk_create(
        meeting(
            n,
            meetings,
            organization,
            people[n % leads],
            closers[n % reps],
            teams[n % TEAMS],
            statuses[n % 4],
        )
        for n in range(meetings)
    )
    rows = (
        call(n, calls, organization, sellers[n % reps], people[n % leads]) for n in range(calls)
    )
    for _stored in library.store_calls(cast(Any, rows), index=False):
        pass
    others(organization, teams, people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    newest, lead = Call.objects.order_by("-happened_at")[0], people[0]
    return existing(
        [
            FRAME,
            "/",
            *(f"/ {name}" for name in HOMES),
            "/calls",
            "/calls?search=offer",
            f"/calls/{newest.pk}",
            "/calls/reps",
            "/calls/statistics",
            "/calls/statistics?period=year",
            "/calls/statistics manager",
            "/scheduling",
            "/scheduling?view=week",
            "/scheduling?view=week manager",
            "/people",
            "/people manager",
            f"/people/leads/{lead.pk}",
            "/sources",
        ]
    )


def members(organization: Any, count: int) -> list[Any]:
    """Make the chief and the closers of an organization."""
    from core.models import User  # noqa: PLC0415
    from crm.models import Member  # noqa: PLC0415

    users = User.objects.bulk_create(
        User(username=f"closer{n}", first_name="Closer", last_name=str(n)) for n in range(count)
    )
    chief = User.objects.create(username="chief", time_zone="Europe/Amsterdam")
    Member.objects.create(organization=organization, user=chief, role=Member.Role.CEO)
    rows = [Member(organization=organization, user=user, role=Member.Role.CLOSER) for user in users]
    return list(Member.objects.bulk_create(rows))


def others(organization: Any, teams: list[Any], leads: list[Any]) -> None:
    """Make whoever else has a home: a setter with leads, a manager with teams, an ADMIN, staff."""
    from django.contrib.auth.models import Group  # noqa: PLC0415

    from core.models import User  # noqa: PLC0415
    from core.signin import roles  # noqa: PLC0415
    from crm.models import Lead, Member, TeamManager  # noqa: PLC0415

    for role in (Member.Role.SETTER, Member.Role.MANAGER, Member.Role.ADMIN):
        user = User.objects.create(username=role.lower(), time_zone="Europe/Amsterdam")
        row = Member.objects.create(organization=organization, user=user, role=role)
        if role == Member.Role.SETTER:
            Lead.objects.filter(pk__in=[lead.pk for lead in leads[:BOOKED]]).update(
                qualified_by=row
            )
        if role == Member.Role.MANAGER:
            TeamManager.objects.bulk_create(
                TeamManager(team=team, member=row, organization=organization)
                for team in teams[:MANAGED]
            )
    for name, group in (("operations", roles.OPERATIONS_ADMIN), ("auditor", roles.AUDITOR)):
        user = User.objects.create(username=name, is_staff=True, time_zone="Europe/Amsterdam")
        user.groups.add(Group.objects.get(name=group))


def meeting(
    n: int, count: int, organization: Any, lead: Any, closer: Any, team: Any, status: str
) -> Any:
    """Make one meeting of the last 50 weeks or of the next 2."""
    from crm.models import Appointment  # noqa: PLC0415

    starts = NOW + timedelta(days=14) - timedelta(minutes=n * 524_160 // count)
    walls = {
        "starts_wall": starts.replace(tzinfo=None),
        "ends_wall": (starts + timedelta(hours=1)).replace(tzinfo=None),
    }
    if starts > NOW:
        status = Appointment.Status.SCHEDULED
    return Appointment(
        organization=organization,
        lead=lead,
        closer=closer,
        team=team,
        title=f"Meeting {n}",
        status=status,
        time_zone="UTC",
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
        **walls,
    )


def call(n: int, count: int, organization: Any, rep: Any, lead: Any) -> dict[str, Any]:
    """Make one call of the last year; the newest has two hours of transcript."""
    began = NOW - timedelta(minutes=30 + n * 524_160 // count)
    lines = 1200 if n == 0 else 3
    return {
        "organization_id": organization.pk,
        "source": "fathom",
        "external_id": str(n),
        "rep_id": rep.pk,
        "lead_id": lead.pk,
        "title": f"Call {n} about the offer",
        "status": "COMPLETED",
        "started_at": began,
        "ended_at": began + timedelta(minutes=n % 70 + 1),
        "outcome": OUTCOMES[n % len(OUTCOMES)],
        "summary": "They spoke of the price, of the next steps, and of who decides. " * 3,
        "url": f"https://fathom.video/calls/{n}",
        "participants": [
            {"display_name": f"Person {p}", "email": f"person{p}@example.com"} for p in range(3)
        ],
        "transcript": [
            {
                "speaker": f"Person {line % 2}",
                "at": line * 6,
                "text": "That is the offer that we spoke of last week.",
            }
            for line in range(lines)
        ],
    }


def existing(pages: list[str]) -> list[str]:
    """Keep the pages that this version has."""
    from django.urls import Resolver404, resolve  # noqa: PLC0415

    def is_known(page: str) -> bool:
        try:
            resolve(page.partition(" ")[0].partition("?")[0])
        except Resolver404:
            return False
        return True

    return [page for page in pages if is_known(page)]


def measure(pages: Sequence[str]) -> Iterator[Cost]:
    """Ask for each page in turn with the frame."""
    from django.conf import settings  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from core.models import User  # noqa: PLC0415

    settings.ALLOWED_HOSTS = ["testserver"]
    logging.disable(logging.INFO)
    clients = {}
    for name in (CHIEF, *HOMES):
        clients[name] = Client()
        clients[name].force_login(
            User.objects.get(username=name), backend=settings.AUTHENTICATION_BACKENDS[-1]
        )
    for asked in pages:
        page, _space, name = asked.partition(" ")
        client = clients[name or CHIEF]
        for _round in range(WARM):
            spent(client, page)
            spent(client, FRAME)
        own, frame = [], []
        for _round in range(ROUNDS):
            own.append(spent(client, page))
            frame.append(spent(client, FRAME))
        html, queries = looked_at(client, page)
        took = statistics.median(own)
        files = len(set(FILES.findall(html.decode())))
        yield Cost(
            asked, took, took / statistics.median(frame), queries, len(html) / 1024, files + 1
        )


def spent(client: Any, page: str) -> float:
    """Return the milliseconds of the processor that one request takes."""
    began = time.process_time()
    answer = client.get(page)
    took = time.process_time() - began
    if answer.status_code != 200:
        sys.exit(f"The round does not count: {page} {answer.status_code} {answer.content[:300]!r}")
    return took * 1000


def looked_at(client: Any, page: str) -> tuple[bytes, int]:
    """Return what a page sends, and how many queries it asks."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as queries:
        html: bytes = client.get(page).content
    return html, len(queries)


if __name__ == "__main__":
    sys.exit(main())
