"""Whatever is done to the audit log by hand is reported; what was not touched is not."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from core import audit
from core.audit import chain
from core.models import AuditEvent, AuditHead
from core.redis import connection as redis_connection
from tests.support.audit import as_the_tables_owner

pytestmark = pytest.mark.django_db
COMMITS = pytest.mark.django_db(transaction=True)
ROWS = 7


@pytest.fixture
def log():
    for number in range(ROWS):
        with transaction.atomic():
            audit.record(
                "setting.changed",
                actor="beat",
                old=f"old {number}",
                new=f"new {number}",
                number=number,
            )
    assert audit.verify().intact


def tamper(*statements):
    with as_the_tables_owner() as cursor:
        for statement in statements:
            cursor.execute(statement)


def reported():
    return [(problem.sequence, str(problem.text)) for problem in audit.verify().problems]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", "gen_random_uuid()"),
        ("at", "at + interval '1 microsecond'"),
        ("action", "'setting.removed'"),
        ("actor_id", "gen_random_uuid()"),
        ("actor_name", "'someone else'"),
        ("organization_id", "gen_random_uuid()"),
        ("target_type", "'core.user'"),
        ("target_id", "'1'"),
        ("target_name", "'x'"),
        ("ip", "'10.0.0.1'"),
        ("user_agent", "'x'"),
        ("old_value", "repeat('0', 64)"),
        ("new_value", "repeat('0', 64)"),
        ("facts", """'{"number": 4}'"""),
        ("hash", "repeat('0', 64)"),
    ],
)
def test_a_changed_column_is_reported_and_only_that_row(log, column, value):
    tamper(f"UPDATE audit_logs SET {column} = {value} WHERE sequence = 4")

    assert reported() == [(4, "Row 4 was changed or forged.")]


def test_a_changed_link_is_reported(log):
    tamper("UPDATE audit_logs SET previous_hash = repeat('0', 64) WHERE sequence = 4")

    assert reported() == [
        (4, "Row 4 does not follow the row before it."),
        (4, "Row 4 was changed or forged."),
    ]


def test_a_new_number_is_reported(log):
    tamper("UPDATE audit_logs SET sequence = 99 WHERE sequence = 4")

    assert (4, "Rows 4 to 4 were removed.") in reported()
    assert (99, "Row 99 was changed or forged.") in reported()


def test_every_column_of_the_table_is_covered(log):
    covered = {*chain.COLUMNS, "hash"}

    assert {field.column for field in AuditEvent._meta.concrete_fields} == covered


@pytest.mark.parametrize(("first", "last"), [(1, 1), (1, 3), (4, 4), (3, 5)])
def test_removed_rows_are_reported(log, first, last):
    tamper(f"DELETE FROM audit_logs WHERE sequence BETWEEN {first} AND {last}")

    assert reported() == [(first, f"Rows {first} to {last} were removed.")]


def test_a_cut_tail_is_reported(log):
    tamper("DELETE FROM audit_logs WHERE sequence > 5")

    assert (6, "Rows 6 to 7 were removed from the end.") in reported()


def test_an_emptied_log_is_reported(log):
    tamper("DELETE FROM audit_logs")

    assert (1, f"Rows 1 to {ROWS} were removed from the end.") in reported()


def test_rows_that_changed_places_are_both_reported(log):
    tamper(
        "UPDATE audit_logs SET sequence = 1000 WHERE sequence = 3",
        "UPDATE audit_logs SET sequence = 3 WHERE sequence = 5",
        "UPDATE audit_logs SET sequence = 5 WHERE sequence = 1000",
    )

    assert {3, 5} <= {number for number, _text in reported()}


def test_an_inserted_copy_is_reported(log):
    tamper(
        "INSERT INTO audit_logs SELECT gen_random_uuid(), 8, at, action, actor_id, actor_name, "
        "organization_id, target_type, target_id, target_name, ip, user_agent, old_value, "
        "new_value, facts, hash, hash FROM audit_logs WHERE sequence = 7"
    )

    assert (8, "Row 8 was changed or forged.") in reported()
    assert (8, "The head says 7, the log goes to 8: an old head was put back.") in reported()


def test_a_head_put_back_is_reported(log):
    old = AuditHead.objects.get()
    with transaction.atomic():
        audit.record("export.made")
    old.save()

    assert reported() == [
        (8, "The head says 7, the log goes to 8: an old head was put back."),
    ]


@COMMITS
def test_a_head_put_back_with_its_tail_cut_is_reported_by_what_redis_was_told(log):
    old = AuditHead.objects.get()
    with transaction.atomic():
        audit.record("export.made")
    old.save()
    tamper("DELETE FROM audit_logs WHERE sequence = 8")

    text = "Row 8 was in the log before and is not, or not as it was: the tail was cut or put back."
    assert reported() == [(8, text)]


def test_a_head_put_back_with_its_tail_cut_is_reported_by_a_head_noted_elsewhere(log):
    noted = AuditHead.objects.get()
    tamper("DELETE FROM audit_logs", "DELETE FROM audit_head", "DELETE FROM stable_keys")
    redis_connection().flushdb()
    chain.begin()

    assert audit.verify().intact
    assert not audit.verify((noted.sequence, noted.hash)).intact


def test_a_changed_head_is_reported(log):
    tamper("UPDATE audit_head SET hash = repeat('0', 64)")

    assert (7, "The head of the log was changed by hand.") in reported()


def test_a_removed_head_is_reported(log):
    tamper("DELETE FROM audit_head")

    assert reported() == [(0, "The head of the log was removed.")]


def test_an_empty_redis_raises_no_alarm(log):
    redis_connection().flushdb()

    assert audit.verify().intact


def test_the_command_says_that_all_is_well(log, capsys):
    noted = AuditHead.objects.get()
    call_command("verify_audit", expect=f"{noted.sequence}:{noted.hash}")

    out = capsys.readouterr().out
    assert "7 rows, 0 problems" in out
    assert f"{noted.sequence}:{noted.hash}" in out


def test_the_command_names_each_problem_and_fails(log, capsys):
    tamper(
        "UPDATE audit_logs SET action = 'x' WHERE sequence = 2",
        "DELETE FROM audit_logs WHERE sequence = 5",
    )

    with pytest.raises(CommandError) as refusal:
        call_command("verify_audit")

    assert refusal.value.returncode == 1
    out = capsys.readouterr().out
    assert "Row 2 was changed or forged." in out
    assert "Rows 5 to 5 were removed." in out


def test_an_accepted_fault_stays_in_the_log_and_lets_acts_happen_again(log, capsys):
    tamper("DELETE FROM audit_logs WHERE sequence > 5", "UPDATE audit_head SET sequence = 5")

    call_command("verify_audit", accept="restored from the backup of Monday")

    event = AuditEvent.objects.latest("sequence")
    assert (event.sequence, event.action) == (6, "audit.accepted")
    assert event.facts["reason"] == "restored from the backup of Monday"
    assert event.facts["problems"] > 0
    with transaction.atomic():
        audit.record("export.made")
    assert audit.verify().intact


def test_a_thousand_problems_are_named_and_all_are_counted(log, monkeypatch):
    monkeypatch.setattr(chain, "MOST_PROBLEMS", 2)
    tamper("UPDATE audit_logs SET action = 'x'")

    found = audit.verify()
    assert (len(found.problems), found.problem_count) == (2, ROWS)


@COMMITS
def test_a_cut_tail_stays_reported_when_the_log_has_grown_again_until_it_is_accepted(log):
    old = AuditHead.objects.get()
    for _ in range(3):
        with transaction.atomic():
            audit.record("export.made")
    old.save()
    tamper("DELETE FROM audit_logs WHERE sequence > 7")
    for _ in range(5):
        with transaction.atomic():
            audit.record("export.made")

    text = (
        "Row 10 was in the log before and is not, or not as it was: the tail was cut or put back."
    )
    assert reported() == [(10, text)]
    call_command("verify_audit", accept="looked into")
    assert reported() == []


@COMMITS
def test_eight_threads_make_one_unbroken_chain():
    def fifty(number):
        for _ in range(50):
            with transaction.atomic():
                audit.record("export.made", actor=f"thread {number}")
        connection.close()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(fifty, range(8)))

    found = audit.verify()
    assert (found.rows, found.head, found.problems) == (400, 400, [])
