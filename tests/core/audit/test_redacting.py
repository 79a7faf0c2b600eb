"""A row of the audit log loses a person who was erased: the chain holds,
and no other change passes for that.
"""

import json
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from core import audit
from core.audit import chain, redacting
from core.models import AuditEvent
from core.privacy import MARK, Person, audited
from tests.support.audit import as_the_tables_owner

pytestmark = pytest.mark.django_db
ADA = Person("ada@elsewhere.example", names={"Ada Lovelace"})


@pytest.fixture
def log() -> None:
    """Five rows, of which the third names somebody, as a row of an earlier version does."""
    for number in range(5):
        note = "From Ada Lovelace" if number == 2 else "From nobody"
        audit.record(
            "setting.changed",
            actor="beat",
            number=number,
            note=note,
            deep=[{"mail": "<ada@elsewhere.example>"}],
        )


def third() -> AuditEvent:
    return AuditEvent.objects.get(sequence=3)


def reported() -> list[int]:
    return [problem.sequence for problem in audit.verify().problems]


def test_a_row_loses_the_person_and_the_chain_holds(log: None) -> None:
    assert audited.erase(ADA, None) == {"audit_logs": {"found": 5, "redacted": 5}}
    assert third().facts == {"number": 2, "note": f"From {MARK}", "deep": [{"mail": f"<{MARK}>"}]}
    assert (audited.left(ADA, None), reported()) == ({}, [])
    notes = AuditEvent.objects.filter(action=chain.REDACTED)
    assert [note.facts["row"] for note in notes.order_by("sequence")] == [1, 2, 3, 4, 5]
    assert audited.erase(ADA, None) == {}


def test_a_row_that_loses_a_second_person_is_as_its_newest_note_says(log: None) -> None:
    audited.erase(ADA, None)
    redacting.redact(third(), facts={"number": 2})
    assert reported() == []


def test_a_row_changed_afterwards_and_one_put_back_are_reported(log: None) -> None:
    before = third().facts
    audited.erase(ADA, None)
    redacting.redact(third(), facts={"number": 2})
    with as_the_tables_owner() as cursor:
        cursor.execute(
            "UPDATE audit_logs SET facts = %s::jsonb WHERE sequence = 3", ['{"number": 3}']
        )
    assert reported() == [3]
    with as_the_tables_owner() as cursor:
        cursor.execute(
            "UPDATE audit_logs SET facts = %s::jsonb WHERE sequence = 3", [json.dumps(before)]
        )
    assert reported() == [3]


def test_a_note_that_was_forged_excuses_nothing(log: None) -> None:
    audited.erase(ADA, None)
    with as_the_tables_owner() as cursor:
        cursor.execute("UPDATE audit_logs SET target_name = 'somebody else' WHERE sequence = 2")
    forged = chain.hash_as_it_stands(AuditEvent.objects.get(sequence=2))
    with as_the_tables_owner() as cursor:
        cursor.execute(
            "UPDATE audit_logs SET facts = jsonb_set(facts, '{hash}', to_jsonb(%s::text)) "
            "WHERE sequence = 7",
            [forged],
        )
    assert 7 in reported()
    assert 2 in reported()


def test_an_organization_takes_them_out_of_its_own_rows_alone(log: None) -> None:
    own = uuid4()
    audit.record("setting.changed", actor="beat", organization_id=own, note="Of Ada Lovelace")
    assert audited.erase(ADA, own) == {"audit_logs": {"found": 1, "redacted": 1}}
    assert third().facts["note"] == "From Ada Lovelace"


@pytest.mark.parametrize("statement", ["DELETE FROM audit_logs", "TRUNCATE audit_logs"])
def test_the_database_lets_nothing_but_a_redaction_pass(log: None, statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL koppel.audit_redaction = 'on'")
    refused = pytest.raises(DatabaseError, match="audit_logs is append-only")
    with connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute(statement)


def test_the_door_is_shut_again_after_a_redaction(log: None) -> None:
    audited.erase(ADA, None)
    refused = pytest.raises(DatabaseError, match="audit_logs is append-only")
    with connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute("UPDATE audit_logs SET action = 'x'")
