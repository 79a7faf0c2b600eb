"""What Fathom lists against what we hold, per rep and day: counted from the rows of `FathomMeeting`, each of which
Fathom has listed, never from what a sync believes that it did. A meeting that several accounts show is counted once.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from fathom_sync import parsing
from fathom_sync.models import FathomAccount

# A meeting that two whole listings in a row were without is no longer at Fathom. A call that was deleted here is
# neither here nor missing: it was ours to delete.
_BECAME: Final = "CASE WHEN outcome = 'imported' AND call_id IS NULL THEN 'skipped' ELSE outcome END"
_MINE: Final = "accounts @> ARRAY[%(account)s]::uuid[]"
_DAYS: Final = "day BETWEEN %(first)s AND %(last)s AND (%(only)s::date[] IS NULL OR day = ANY(%(only)s))"
_ASKED: Final = "(%(addresses)s::text[] IS NULL OR recorder = ANY(%(addresses)s))"
# Each meeting of these days counts, whatever account lists it. Checked are only the days of those that this account
# lists and was asked for; another's day is written where its numbers are other ones now.
_COUNT: Final = f"""
WITH reasons AS (
    SELECT organization_id, rep_id, day, {_BECAME} AS became,
        CASE WHEN outcome = 'imported' AND call_id IS NULL THEN 'deleted' ELSE reason END AS why,
        count(*) FILTER (WHERE unlisted < 2) AS listed,
        count(*) FILTER (WHERE unlisted >= 2) AS gone,
        count(*) FILTER (WHERE healed_at IS NOT NULL) AS healed,
        bool_or({_MINE}) AS mine, bool_and({_ASKED} OR NOT {_MINE}) AS whole, min(as_of) AS as_of
    FROM fathom_sync_fathommeeting WHERE {_DAYS}
    GROUP BY 1, 2, 3, 4, 5
), days AS (
    SELECT organization_id, rep_id, day, bool_or(mine) AND bool_and(whole) AS asked, min(as_of) AS as_of,
        sum(listed)::integer AS at_vendor,
        coalesce(sum(listed) FILTER (WHERE became = 'imported'), 0)::integer AS here,
        coalesce(jsonb_object_agg(why, listed) FILTER (WHERE became = 'skipped' AND listed > 0), '{{}}') AS skipped,
        coalesce(jsonb_object_agg(why, listed) FILTER (WHERE became = 'error' AND listed > 0), '{{}}') AS errors,
        coalesce(sum(listed) FILTER (WHERE became = 'missing'), 0)::integer AS missing,
        sum(healed)::integer AS healed, sum(gone)::integer AS gone
    FROM reasons GROUP BY 1, 2, 3
)
INSERT INTO fathom_sync_ledgerday (id, organization_id, rep_id, day, at_vendor, here, skipped, errors, missing, healed,
    gone, checked_at)
SELECT gen_random_uuid(), d.organization_id, d.rep_id, d.day, d.at_vendor, d.here, d.skipped, d.errors, d.missing,
    d.healed, d.gone,
    CASE WHEN d.asked AND NOT d.day = ANY(%(half)s::date[]) THEN %(now)s ELSE coalesce(l.checked_at, d.as_of) END
FROM days d LEFT JOIN fathom_sync_ledgerday l ON l.day = d.day AND l.rep_id IS NOT DISTINCT FROM d.rep_id
    AND l.organization_id IS NOT DISTINCT FROM d.organization_id
WHERE d.asked OR (d.at_vendor, d.here, d.skipped, d.errors, d.missing, d.healed, d.gone)
    IS DISTINCT FROM (l.at_vendor, l.here, l.skipped, l.errors, l.missing, l.healed, l.gone)
ON CONFLICT (day, organization_id, rep_id) DO UPDATE SET
    at_vendor = EXCLUDED.at_vendor, here = EXCLUDED.here, skipped = EXCLUDED.skipped, errors = EXCLUDED.errors,
    missing = EXCLUDED.missing, healed = EXCLUDED.healed, gone = EXCLUDED.gone, checked_at = EXCLUDED.checked_at
"""  # noqa: S608  the constants above
_FORGET: Final = f"""
DELETE FROM fathom_sync_ledgerday l WHERE {_DAYS} AND NOT EXISTS (
    SELECT FROM fathom_sync_fathommeeting m WHERE m.day = l.day
    AND m.organization_id IS NOT DISTINCT FROM l.organization_id AND m.rep_id IS NOT DISTINCT FROM l.rep_id
)
"""  # noqa: S608  the constants above
# What this account alone lists, of what it was asked for.
_SUM: Final = f"""
SELECT count(*) FILTER (WHERE listed), count(*) FILTER (WHERE listed AND became = 'imported'),
    count(*) FILTER (WHERE listed AND became = 'missing'), count(*) FILTER (WHERE healed),
    count(*) FILTER (WHERE listed AND became = 'skipped'), count(*) FILTER (WHERE listed AND became = 'error')
FROM (
    SELECT {_BECAME} AS became, unlisted < 2 AS listed, healed_at IS NOT NULL AS healed
    FROM fathom_sync_fathommeeting WHERE {_DAYS} AND {_MINE} AND {_ASKED}
    AND (%(organization)s::uuid IS NULL OR organization_id IS NULL OR organization_id = %(organization)s)
) AS mine
"""  # noqa: S608  the constants above
_BEGINNING: Final = date(1900, 1, 1)
# Any number, always this one.
_LOCK: Final = 0x6C6564676572


def count(
    account: FathomAccount,
    after: datetime | None,
    before: datetime,
    *,
    addresses: Sequence[str] | None = None,
    organization_id: UUID | None = None,
) -> dict[str, int]:
    """Count the days of this span anew, after Fathom's list of it was read; what this account's sum up to.

    `addresses`: whose meetings were asked for, where not everybody's; of those the sum says what is this
    organization's. A first day that was listed in part is counted, and stays as old as it was.
    """
    first = after.astimezone(UTC).date() if after else _BEGINNING
    span: dict[str, Any] = {
        "account": account.pk,
        "first": first,
        # Where a meeting has no time of its making, or a clock is ahead.
        "last": before.astimezone(UTC).date() + timedelta(days=1),
        "only": None,
        "half": [first] if after else [],
        "addresses": None if addresses is None else [parsing.address(one) for one in addresses],
        "organization": organization_id if addresses is not None else None,
    }
    with transaction.atomic():
        _write(span)
        at_vendor, here, missing, healed, skipped, errors = _run(_SUM, span)[0]
    return {
        "at_vendor": int(at_vendor),
        "here": int(here),
        "skipped": int(skipped),
        "errors": int(errors),
        "missing": int(missing),
        "healed": int(healed),
    }


def recount(days: Collection[date]) -> None:
    """After meetings changed hands: other numbers, and nothing is newly checked."""
    if not days:
        return
    span = {"account": None, "first": min(days), "last": max(days), "only": list(days), "half": [], "addresses": None}
    with transaction.atomic():
        _write(span)


def _write(span: dict[str, Any]) -> None:
    # Two counts of the same days at once would lock each other out: one waits.
    _run("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    _run(_COUNT, {**span, "now": timezone.now()})
    _run(_FORGET, span)


def _run(statement: str, parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
