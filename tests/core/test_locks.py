"""Named locks: who waits for whom, until when, and that each name is one lock."""

import ast
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError

from core import locks
from tests.support.locks import wait_until_held

ROOT = Path(__file__).resolve().parents[2]
APPS = ("core", "crm", "calls", "fathom_sync", "bison", "integrations", "dashboard")


def in_thread(work: Any) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@transaction.atomic
def tried(*lock: Any, **options: Any) -> bool:
    return locks.try_hold(*lock, **options)


def tried_by_another(*lock: Any, **options: Any) -> bool:
    answers: list[bool] = []
    in_thread(lambda: answers.append(tried(*lock, **options))).join()
    return answers[0]


@pytest.mark.django_db(transaction=True)
def test_another_waits_until_the_transaction_ends() -> None:
    ended: list[str] = []

    @transaction.atomic
    def second() -> None:
        locks.hold("test.lock", "a")
        ended.append("second")

    with transaction.atomic():
        locks.hold("test.lock", "a")
        waiting = in_thread(second)
        wait_until_held(1)
        ended.append("first")
    waiting.join()

    assert ended == ["first", "second"]


@pytest.mark.django_db(transaction=True)
def test_a_lock_is_for_its_name_and_subject_alone_and_ends_with_the_transaction() -> None:
    with transaction.atomic():
        locks.hold("test.lock", "a")
        locks.hold("test.lock", "a")

        assert not tried_by_another("test.lock", "a")
        assert tried_by_another("test.lock", "b")
        assert tried_by_another("test.lock")
        assert tried_by_another("test.locka")

    assert tried_by_another("test.lock", "a")


@pytest.mark.django_db(transaction=True)
def test_those_who_share_a_lock_keep_only_others_off() -> None:
    with transaction.atomic():
        locks.hold("test.lock", shared=True)

        assert tried_by_another("test.lock", shared=True)
        assert not tried_by_another("test.lock")

    with transaction.atomic():
        locks.hold("test.lock")

        assert not tried_by_another("test.lock", shared=True)


@pytest.mark.django_db(transaction=True)
def test_what_fails_gives_the_lock_back() -> None:
    @transaction.atomic
    def fail() -> None:
        locks.hold("test.lock")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert tried_by_another("test.lock")


@pytest.mark.django_db(transaction=True)
def test_without_a_transaction_there_is_nothing_that_it_could_end_with() -> None:
    for ask in (locks.hold, locks.try_hold):
        with pytest.raises(TransactionManagementError, match=r"test\.lock"):
            ask("test.lock")


@pytest.mark.django_db(transaction=True)
def test_the_number_is_the_same_in_every_process_and_is_the_one_that_postgresql_shows() -> None:
    assert locks.number_of("fathom.ledger") == 8111010043044995216
    with transaction.atomic(), connection.cursor() as cursor:
        locks.hold("test.lock", "a")
        # This connection's alone: the view shows the locks of every database of the server.
        cursor.execute(
            "SELECT classid::bigint << 32 | objid::bigint FROM pg_locks"
            " WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        )

        assert cursor.fetchall() == [(locks.number_of("test.lock", "a"),)]


@pytest.mark.django_db
def test_any_text_can_be_a_subject() -> None:
    assert all(
        tried("test.lock", subject) for subject in ("", "\x00", "half \ud800", "x" * 10_000, 7)
    )


def names_in_use() -> Iterator[tuple[str, str]]:
    """Yield each name that a lock is asked for by, with its place;
    '' where it is not written out there.
    """
    for path in [file for app in APPS for file in (ROOT / app).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {
                "locks.hold",
                "locks.try_hold",
            }:
                name = node.args[0]
                yield (
                    f"{path.relative_to(ROOT)}:{node.lineno}",
                    name.value if isinstance(name, ast.Constant) else "",
                )


def test_each_name_in_use_is_written_out_and_has_a_number_of_its_own() -> None:
    names = dict(names_in_use())

    assert [place for place, name in names.items() if not name] == []
    assert len(set(names.values())) >= 4
    assert len({locks.number_of(name) for name in names.values()}) == len(set(names.values()))


def test_nobody_asks_postgresql_for_a_lock_by_a_number() -> None:
    files = [file for app in APPS for file in (ROOT / app).rglob("*.py")]
    asking = {str(file.relative_to(ROOT)) for file in files if "pg_advisory" in file.read_text()}

    assert asking == {"core/locks.py"}
