"""What Fathom lists against what we hold, per account, rep and day: counted from the rows of `FathomMeeting`, each of
which Fathom has listed, never from what a sync believes that it did.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from fathom_sync.models import FathomAccount

# A meeting that two whole listings in a row were without is no longer at Fathom. A call that was deleted here is
# neither here nor missing: it was ours to delete.
_COUNT: Final = """
WITH reasons AS (
    SELECT organization_id, rep_id, day,
        CASE WHEN outcome = 'imported' AND call_id IS NULL THEN 'skipped' ELSE outcome END AS became,
        CASE WHEN outcome = 'imported' AND call_id IS NULL THEN 'deleted' ELSE reason END AS why,
        count(*) FILTER (WHERE unlisted < 2) AS listed,
        count(*) FILTER (WHERE unlisted >= 2) AS gone,
        count(*) FILTER (WHERE healed_at IS NOT NULL) AS healed
    FROM fathom_sync_fathommeeting
    WHERE day BETWEEN %(first)s AND %(last)s AND accounts @> ARRAY[%(account)s]::uuid[]
    GROUP BY 1, 2, 3, 4, 5
), days AS (
    SELECT organization_id, rep_id, day,
        sum(listed) AS at_vendor,
        coalesce(sum(listed) FILTER (WHERE became = 'imported'), 0) AS here,
        coalesce(jsonb_object_agg(why, listed) FILTER (WHERE became = 'skipped' AND listed > 0), '{}') AS skipped,
        coalesce(jsonb_object_agg(why, listed) FILTER (WHERE became = 'error' AND listed > 0), '{}') AS errors,
        coalesce(sum(listed) FILTER (WHERE became = 'missing'), 0) AS missing,
        sum(healed) AS healed, sum(gone) AS gone
    FROM reasons GROUP BY 1, 2, 3
)
INSERT INTO fathom_sync_ledgerday AS l (id, account_id, organization_id, rep_id, day, at_vendor, here, skipped, errors,
    missing, healed, gone, checked_at)
SELECT gen_random_uuid(), %(account)s, organization_id, rep_id, day, at_vendor, here, skipped, errors, missing, healed,
    gone, %(now)s FROM days
ON CONFLICT (account_id, day, organization_id, rep_id) DO UPDATE SET
    at_vendor = EXCLUDED.at_vendor, here = EXCLUDED.here, skipped = EXCLUDED.skipped, errors = EXCLUDED.errors,
    missing = EXCLUDED.missing, healed = EXCLUDED.healed, gone = EXCLUDED.gone,
    checked_at = CASE WHEN l.day = ANY(%(half)s::date[]) THEN l.checked_at ELSE EXCLUDED.checked_at END
"""
_FORGET: Final = """
DELETE FROM fathom_sync_ledgerday l WHERE account_id = %(account)s AND day BETWEEN %(first)s AND %(last)s
AND NOT EXISTS (
    SELECT FROM fathom_sync_fathommeeting m WHERE m.day = l.day AND m.accounts @> ARRAY[%(account)s]::uuid[]
    AND m.organization_id IS NOT DISTINCT FROM l.organization_id AND m.rep_id IS NOT DISTINCT FROM l.rep_id
)
"""
_SUM: Final = """
SELECT coalesce(sum(at_vendor), 0), coalesce(sum(here), 0), coalesce(sum(missing), 0), coalesce(sum(healed), 0),
    coalesce(sum((SELECT sum(n::int) FROM jsonb_each_text(skipped) AS s(reason, n))), 0),
    coalesce(sum((SELECT sum(n::int) FROM jsonb_each_text(errors) AS e(reason, n))), 0)
FROM fathom_sync_ledgerday WHERE account_id = %(account)s AND day BETWEEN %(first)s AND %(last)s
"""
_BEGINNING: Final = date(1900, 1, 1)


def count(account: FathomAccount, after: datetime | None, before: datetime) -> dict[str, int]:
    """Count the days of this span anew, after Fathom's list of it was read; what they sum up to.

    A first day that was listed in part is counted, and stays as old as it was.
    """
    first = after.astimezone(UTC).date() if after else _BEGINNING
    span: dict[str, Any] = {
        "account": account.pk,
        "first": first,
        # Where a meeting has no time of its making, or a clock is ahead.
        "last": before.astimezone(UTC).date() + timedelta(days=1),
        "now": timezone.now(),
        "half": [first] if after else [],
    }
    with transaction.atomic():
        _lock(account.pk)
        _run(_COUNT, span)
        _run(_FORGET, span)
        at_vendor, here, missing, healed, skipped, errors = _run(_SUM, span)[0]
    return {
        "at_vendor": int(at_vendor),
        "here": int(here),
        "skipped": int(skipped),
        "errors": int(errors),
        "missing": int(missing),
        "healed": int(healed),
    }


def _lock(account_id: UUID) -> None:
    """Two counts of one account's days at once would lock each other out: one waits."""
    _run("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"fathom ledger {account_id}"])


def _run(statement: str, parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
