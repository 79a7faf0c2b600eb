"""An erasure whose worker is killed again and again goes on where it stood,
and ends with one certificate.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.house import ROOT, House, wait_for

ADDRESS, NAME = "zuleika.quennell@canary.example", "Zuleika Quennell"
ROWS = 1700
# Three batches of the log of calls, and a row or two of everything else.
PLANT = f"""
from crm import services
from crm.models import Organization
from tests.support import rows
organization = Organization.objects.create(name="Northwind")
person = {{"organization": organization, "name": "{NAME}", "email": "{ADDRESS}"}}
lead = services.create_lead(phone="+31 6 9182 7364", **person)
services.create_contact(lead=lead, **person)
rows.api_calls({ROWS}, error_message="GET /leads?email={ADDRESS}")
rows.deliveries({ROWS}, event_data={{"lead": {{"email": "{ADDRESS}", "name": "{NAME}"}}}})
"""
ASK = f"""
from crm.privacy import erasing
erasure, started = erasing.ask(organization=None, email="{ADDRESS}", again="{ADDRESS}")
print(started.run.pk)
"""
# What an attempt comes to: while it gathers, amid the batches of a table, between the tables of two
# apps, and before the second look.
STOPS = {
    "LOCK TABLE crm_merge IN ACCESS EXCLUSIVE MODE": 0,
    "SELECT 1 FROM api_call_logs ORDER BY id DESC LIMIT 1 FOR UPDATE": 1000,
    "LOCK TABLE crm_personexport IN ACCESS EXCLUSIVE MODE": 2 * ROWS,
    "LOCK TABLE django_session IN ACCESS EXCLUSIVE MODE": 2 * ROWS,
}


FEW = [
    statement
    for statement in STOPS
    if "api_call_logs" in statement or "django_session" in statement
]


def shell(house: House, script: str) -> str:
    """Return the last line that a script of the house prints."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", script],
        cwd=ROOT, env=house.env, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return (done.stdout.strip().splitlines() or [""])[-1]


@contextmanager
def shut(house: House, statement: str) -> Iterator[None]:
    """Keep everybody else from what this statement locks."""
    with psycopg.connect(house.postgres.url) as connection:
        connection.execute(statement)
        yield
        connection.rollback()


def is_stopped(house: House, run: str, least: int) -> bool:
    """Tell whether somebody waits for a lock while the erasure is worked and has
    counted so much.
    """
    waits = house.sql("SELECT 1 FROM pg_locks WHERE NOT granted AND locktype <> 'advisory'")
    return bool(waits) and state(house, run) == "running" and counted(house, run) >= least


def state(house: House, run: str) -> Any:
    return house.sql("SELECT state FROM runs WHERE id = %s", run)[0][0]


def counted(house: House, run: str) -> int:
    return int(
        str(
            house.sql("SELECT coalesce((counts->>'found')::int, 0) FROM runs WHERE id = %s", run)[
                0
            ][0]
        )
    )


@pytest.mark.long(30)
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "turns", [FEW, pytest.param(list(STOPS), marks=pytest.mark.prove)], ids=["few", "all"]
)
def test_an_erasure_that_is_killed_at_every_turn_ends_with_one_certificate(
    tmp_path: Path, turns: list[str]
) -> None:
    with House(tmp_path) as house:
        shell(house, PLANT)
        house.kill("long")
        run = shell(house, ASK)
        for statement in turns:
            with shut(house, statement):
                house.begin("long")
                assert wait_for(partial(is_stopped, house, run, STOPS[statement]), 180), (
                    house.logs()
                )
                house.kill("long")
            assert house.sql("SELECT state FROM crm_erasure") == [("waiting",)]
        house.begin("long")
        assert wait_for(lambda: state(house, run) not in ("queued", "running"), 180), house.logs()
        check(house, run, len(turns) + 1)


def check(house: House, run: str, attempts: int) -> None:
    assert state(house, run) == "succeeded"
    assert house.sql("SELECT attempts >= %s FROM runs WHERE id = %s", attempts, run) == [(True,)]
    [(erased, left, known, places)] = house.sql(
        'SELECT state, "left", known, places FROM crm_erasure'
    )
    assert (erased, left, known) == ("done", {}, None)
    for name in ("api_call_logs", "webhook_events"):
        assert places[name] == {"found": ROWS, "redacted": ROWS}
    assert places["crm_lead"] == places["crm_contact"] == {"found": 1, "erased": 1, "redacted": 0}
    assert counted(house, run) == sum(numbers["found"] for numbers in places.values())
    finished = "SELECT count(*) FROM audit_logs WHERE action = 'erasure.finished'"
    assert house.sql(finished) == [(1,)]
    assert house.sql("SELECT count(*) FROM runs WHERE kind = 'person_erasure'") == [(1,)]
    for table in ("api_call_logs", "webhook_events", "crm_lead", "crm_contact", "runs"):
        named = (
            f"SELECT count(*) FROM {table} AS its WHERE its::text ILIKE %s OR its::text ILIKE %s"
        )
        assert house.sql(named, f"%{ADDRESS}%", f"%{NAME}%") == [(0,)], table
