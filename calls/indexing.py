"""The words by which calls are found: read from title, summary and transcript, in SQL.

Whoever changes one of the three calls `index` (at once) or `wait` (later, for many) in the same
transaction; what waits is filled by `index_waiting`, which the timetable calls too, so that nothing
stays unfound.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

BATCH: Final = 500

_INDEX = """
WITH read AS (
    INSERT INTO calls_callsearch (call_id, vector)
    SELECT c.id, calls_vector(c.title, c.summary, t.text)
    FROM calls_call c LEFT JOIN calls_transcript t ON t.call_id = c.id
    WHERE c.id = ANY(%s::uuid[])
    ON CONFLICT (call_id) DO UPDATE SET vector = EXCLUDED.vector
    RETURNING call_id
)
INSERT INTO calls_unlearnedcall (call_id) SELECT call_id FROM read ON CONFLICT DO NOTHING
"""
_WAIT = """
INSERT INTO calls_callsearch (call_id, vector) SELECT unnest(%s::uuid[]), NULL
ON CONFLICT (call_id) DO UPDATE SET vector = NULL
"""
# The first finds those that were put off, the second those that nobody named.
_WAITING = """
SELECT call_id FROM calls_callsearch WHERE vector IS NULL LIMIT %s FOR UPDATE SKIP LOCKED
"""
_UNKNOWN = """
SELECT c.id FROM calls_call c
WHERE NOT EXISTS (SELECT FROM calls_callsearch s WHERE s.call_id = c.id)
LIMIT %s FOR NO KEY UPDATE OF c SKIP LOCKED
"""
# The rows are sorted, in a transaction that writes nothing else, so that two at once wait for each
# other and never in a circle. Numbers, addresses and what is too short to be like anything are not
# learned.
_LEARN = """
WITH taken AS (
    DELETE FROM calls_unlearnedcall
    WHERE call_id IN (SELECT call_id FROM calls_unlearnedcall LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING call_id
), words AS (
    SELECT DISTINCT c.organization_id, word
    FROM taken
    JOIN calls_call c ON c.id = taken.call_id
    JOIN calls_callsearch s ON s.call_id = taken.call_id
    CROSS JOIN LATERAL unnest(tsvector_to_array(s.vector)) AS word
    WHERE length(word) BETWEEN 4 AND 40 AND word !~ '[0-9./:@_-]'
), learned AS (
    INSERT INTO calls_searchedword (organization_id, word)
    SELECT organization_id, word FROM words w
    WHERE NOT EXISTS (
        SELECT FROM calls_searchedword k
        WHERE k.organization_id = w.organization_id AND k.word = w.word
    )
    ORDER BY organization_id, word
    ON CONFLICT DO NOTHING
)
SELECT call_id FROM taken
"""


def index(call_ids: Sequence[UUID]) -> None:
    """Read the words of these calls now."""
    _run(_INDEX, list(call_ids))


def wait(call_ids: Sequence[UUID]) -> None:
    """Leave these calls unfound until `index_waiting` has read them."""
    _run(_WAIT, list(call_ids))


def index_waiting(limit: int = 100_000) -> int:
    """Read what waits, a batch in a transaction, and return how many. Two at once share the
    work.
    """
    done = 0
    for question in (_WAITING, _UNKNOWN):
        while done < limit:
            with transaction.atomic():
                found = [row[0] for row in _run(question, min(BATCH, limit - done))]
                index(found)
            done += len(found)
            if not found:
                break
    return done


def learn_waiting(limit: int = 100_000) -> int:
    """Make the words of newly read calls known to whoever mistypes one; return of how many
    calls.
    """
    done = 0
    while done < limit:
        learned = len(_run(_LEARN, min(BATCH, limit - done)))
        done += learned
        if not learned:
            break
    return done


def _run(statement: str, parameter: Any) -> list[Any]:
    if parameter == []:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statement, [parameter])
        if not cursor.description:
            return []
        return cursor.fetchall()
