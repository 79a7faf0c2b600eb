"""What Fathom lists against what we hold, per rep and day.

Two sides that know nothing of each other: what the last check of a day saw Fathom list
(`ListedDay`), and the rows of `FathomMeeting`. A meeting that was listed and has no row is missing;
one that has a row and was not listed is gone, or stands apart where an earlier key alone has listed
it. A meeting that several accounts list is counted once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection, transaction

from core import locks
from fathom_sync import accounts
from fathom_sync.ledger import listing
from fathom_sync.ledger.listing import Walked
from fathom_sync.models import FathomAccount


def _days(table: str) -> str:
    return (
        f"{table}.day BETWEEN %(first)s AND %(last)s AND (%(only)s::date[] IS NULL OR {table}.day "
        "= ANY(%(only)s))"
    )


# A call that was deleted here is neither here nor missing: it was ours to delete.
_BECAME: Final = (
    "CASE WHEN m.outcome = 'imported' AND m.call_id IS NULL THEN 'skipped' ELSE "
    "m.outcome END AS became"
)
_WHY: Final = (
    "CASE WHEN m.outcome = 'imported' AND m.call_id IS NULL THEN 'deleted' ELSE m.reason END AS why"
)
_ASKED: Final = (
    "(m.accounts <@ ARRAY[%(account)s]::uuid[] AND m.recorder = ANY(%(addresses)s::text[]))"
)
# Fathom's side: each day's list of each account. One that has no key any more is asked no more:
# its list is of old.
_LISTS: Final = f"""
lists AS MATERIALIZED (
    SELECT l.account_id, a.organization_id AS owner, l.day, l.names, l.gone, l.earlier, l.walked_at,
        l.account_id = ANY(%(serving)s::uuid[]) AS serves
    FROM fathom_sync_listedday l JOIN fathom_sync_fathomaccount a ON a.id = l.account_id
    WHERE {_days("l")}
), named AS MATERIALIZED (
    SELECT account_id, owner, day, unnest(names) AS name,
        CASE WHEN serves THEN 'listed' ELSE 'earlier' END AS how
    FROM lists
    UNION ALL SELECT account_id, owner, day, unnest(gone),
        CASE WHEN serves THEN 'gone' ELSE 'earlier' END FROM lists
    UNION ALL SELECT account_id, owner, day, unnest(earlier), 'earlier' FROM lists
)
"""  # noqa: S608  the constants above
# Our side, each row held against the lists of its day. A row that no list could show yet (a
# delivery brought it since the last check) is no part of the ledger before the next one. `walked`:
# since when the account's list is known.
_ROWS: Final = f"""
held AS (
    SELECT m.id, m.recording_id, m.organization_id, m.rep_id, m.day, m.as_of, {_BECAME}, {_WHY},
        m.healed_at IS NOT NULL AS healed, {_ASKED} AS asked,
        bool_or(coalesce(n.how = 'listed', false)) AS listed,
        bool_or(coalesce(n.how = 'earlier', false)) AS earlier,
        bool_or(coalesce(n.how = 'gone', false)
            OR coalesce(l.serves AND l.account_id = ANY(m.accounts)
            AND l.walked_at > m.first_seen AND m.created_at IS NOT NULL, false)) AS looked_for,
        min(coalesce(l.walked_at, '-infinity'))
            FILTER (WHERE l.serves
                AND (l.account_id = ANY(m.accounts) OR n.how = 'listed')) AS walked
    FROM fathom_sync_fathommeeting m
    JOIN lists l ON l.day = m.day
        AND (l.account_id = ANY(m.accounts) OR l.owner = m.organization_id)
    LEFT JOIN named n ON n.account_id = l.account_id AND n.day = m.day AND n.name = m.recording_id
    WHERE {_days("m")}
    GROUP BY m.id
), ranked AS (
    SELECT *, row_number() OVER (
        PARTITION BY recording_id ORDER BY
            CASE WHEN listed THEN 1 WHEN earlier THEN 2 WHEN looked_for THEN 3 END,
            became <> 'imported', organization_id NULLS LAST
    ) > 1 AS again
    FROM held
), lost AS (
    SELECT n.owner, n.day, count(DISTINCT n.name) AS number,
        min(coalesce(l.walked_at, '-infinity')) AS walked
    FROM named n JOIN lists l ON l.account_id = n.account_id AND l.day = n.day
    WHERE n.how = 'listed' AND NOT EXISTS (
        SELECT FROM fathom_sync_fathommeeting m WHERE m.recording_id = n.name
        AND (m.accounts @> ARRAY[n.account_id] OR m.organization_id = n.owner)
    )
    GROUP BY 1, 2
)
"""  # noqa: S608  the constants above
# What is nobody's is left out where an organization has the same meeting: one meeting is one.
_SUMS: Final = """
reasons AS (
    SELECT organization_id, rep_id, day, became, why,
        count(*) FILTER (WHERE listed) AS listed,
        count(*) FILTER (WHERE listed AND again) AS again,
        count(*) FILTER (WHERE NOT listed AND earlier) AS earlier,
        count(*) FILTER (WHERE NOT listed AND earlier AND again) AS earlier_again,
        count(*) FILTER (WHERE NOT listed AND NOT earlier AND looked_for) AS gone,
        count(*) FILTER (WHERE NOT listed AND NOT earlier AND looked_for AND again) AS gone_again,
        count(*) FILTER (WHERE healed) AS healed,
        bool_and(asked) AS asked, min(walked) AS walked, min(as_of) AS as_of
    FROM ranked WHERE NOT (again AND organization_id IS NULL)
    GROUP BY 1, 2, 3, 4, 5
    UNION ALL
    SELECT owner, NULL, day, 'missing', 'not_fetched', number, 0, 0, 0, 0, 0, 0, false, walked, NULL
    FROM lost
), days AS (
    SELECT organization_id, rep_id, day,
        sum(listed)::integer AS at_vendor,
        coalesce(sum(listed) FILTER (WHERE became = 'imported'), 0)::integer AS here,
        coalesce(jsonb_object_agg(why, listed) FILTER (WHERE became = 'skipped' AND listed > 0),
            '{}') AS skipped,
        coalesce(jsonb_object_agg(why, listed) FILTER (WHERE became = 'error' AND listed > 0),
            '{}') AS errors,
        coalesce(sum(listed) FILTER (WHERE became = 'missing'), 0)::integer AS missing,
        sum(healed)::integer AS healed, sum(gone)::integer AS gone,
        sum(earlier)::integer AS earlier_key,
        coalesce(jsonb_object_agg(
            CASE became WHEN 'imported' THEN 'here' WHEN 'missing' THEN 'missing' ELSE why END,
            again
        ) FILTER (WHERE again > 0), '{}') || jsonb_strip_nulls(jsonb_build_object(
            'gone', nullif(sum(gone_again), 0), 'earlier_key', nullif(sum(earlier_again), 0)
        )) AS doubled,
        nullif(min(walked), '-infinity') AS walked, bool_and(asked) AS asked, min(as_of) AS as_of
    FROM reasons GROUP BY 1, 2, 3
    HAVING sum(listed) + sum(healed) + sum(gone) + sum(earlier) > 0
)
"""
_NUMBERS: Final = "at_vendor, here, skipped, errors, missing, healed, gone, earlier_key, doubled"
_NEW: Final = ", ".join(f"EXCLUDED.{name}" for name in [*_NUMBERS.split(", "), "checked_at"])
_OLD: Final = _NEW.replace("EXCLUDED", "l")
# A day is as old as the oldest list that it comes from;
# one that was asked for by addresses is as new as that.
_WRITE: Final = f"""
WITH {_LISTS}, {_ROWS}, {_SUMS}, written AS (
    SELECT d.*, coalesce(
        greatest(l.checked_at,
            CASE WHEN %(addresses)s::text[] IS NULL THEN d.walked WHEN d.asked THEN %(began)s END),
        d.walked, d.as_of, now()) AS checked_at
    FROM days d LEFT JOIN fathom_sync_ledgerday l ON l.day = d.day
        AND l.rep_id IS NOT DISTINCT FROM d.rep_id
        AND l.organization_id IS NOT DISTINCT FROM d.organization_id
), put AS (
    INSERT INTO fathom_sync_ledgerday AS l (id, organization_id, rep_id, day, {_NUMBERS},
        checked_at)
    SELECT gen_random_uuid(), organization_id, rep_id, day, {_NUMBERS}, checked_at FROM written
    ON CONFLICT (day, organization_id, rep_id) DO UPDATE SET ({_NUMBERS}, checked_at) = ({_NEW})
    WHERE ({_OLD}) IS DISTINCT FROM ({_NEW})
)
DELETE FROM fathom_sync_ledgerday l WHERE {_days("l")} AND NOT EXISTS (
    SELECT FROM days d WHERE d.day = l.day
        AND d.organization_id IS NOT DISTINCT FROM l.organization_id
    AND d.rep_id IS NOT DISTINCT FROM l.rep_id
)
"""  # noqa: S608  the constants above
# What one walk saw of the days that it went through, and what became of that here.
# Where it was for one organization, what is another's by now is nothing of theirs.
_SUM: Final = f"""
SELECT count(*), count(*) FILTER (WHERE became = 'imported'),
    count(*) FILTER (WHERE became = 'skipped'), count(*) FILTER (WHERE became = 'error'),
    count(*) FILTER (WHERE coalesce(became, 'missing') = 'missing'),
    count(*) FILTER (WHERE healed)
FROM (
    SELECT DISTINCT unnest(names) AS name FROM fathom_sync_seenday
    WHERE run_id = %(run)s AND day BETWEEN %(first)s AND %(last)s
) AS seen
LEFT JOIN LATERAL (
    SELECT {_BECAME}, m.healed_at IS NOT NULL AS healed, m.organization_id
    FROM fathom_sync_fathommeeting m
    WHERE m.recording_id = seen.name
        AND (m.accounts @> ARRAY[%(account)s]::uuid[] OR m.organization_id = %(owner)s)
    ORDER BY m.call_id IS NULL, m.id LIMIT 1
) AS row ON true
WHERE %(organization)s::uuid IS NULL OR row.organization_id IS NULL
    OR row.organization_id = %(organization)s
"""  # noqa: S608  the constants above
# What this account has shown on these days and its list does not show now:
# gone, or of an earlier key.
_NOT_SEEN: Final = """
WITH mine AS MATERIALIZED (
    SELECT * FROM fathom_sync_listedday WHERE account_id = %(account)s
        AND day BETWEEN %(first)s AND %(last)s
), known AS (
    SELECT day, unnest(names || earlier) AS name, false AS is_gone FROM mine
    UNION ALL SELECT day, unnest(gone), true FROM mine
)
SELECT (
    SELECT count(DISTINCT m.recording_id)
    FROM mine l JOIN fathom_sync_fathommeeting m ON m.day = l.day
        AND m.accounts @> ARRAY[%(account)s]::uuid[]
    LEFT JOIN known k ON k.day = m.day AND k.name = m.recording_id
    WHERE coalesce(k.is_gone, m.created_at IS NOT NULL AND m.first_seen < l.walked_at)
    AND (%(addresses)s::text[] IS NULL OR m.recorder = ANY(%(addresses)s))
    AND (%(organization)s::uuid IS NULL OR m.organization_id IS NULL
        OR m.organization_id = %(organization)s)
), (SELECT count(DISTINCT name) FROM mine, unnest(earlier) AS name
    WHERE %(addresses)s::text[] IS NULL)
"""


@dataclass(frozen=True, slots=True)
class DayCount:
    """What a walk saw listed, and what became of that: each a number of meetings."""

    at_vendor: int
    imported: int
    skipped: int
    errors: int
    missing: int
    healed: int
    gone: int
    earlier_key: int


def begin(account: FathomAccount) -> None:
    """Set apart what an earlier key listed: it is no part any more of what is at Fathom.

    To be called when a list begins to be read, after `accounts.lists_with`.
    """
    listing.forget_ended(account)
    if not listing.has_other_keys(account):
        return
    with transaction.atomic():
        _take_turns()
        recount(listing.set_apart(account))


def count(account: FathomAccount, walked: Walked) -> DayCount | None:
    """Take what the walk saw for proof of the days that it went through from their beginning,
    and count those anew.

    What it saw of them, and what became of that here; nothing where it went through no day from
    its beginning, or where another key lists by now. Done again for the same walk it says and
    changes the same.
    """
    is_of_today = FathomAccount.objects.filter(pk=account.pk, listing_key=walked.key).exists()
    if not walked.has_whole_days or not is_of_today:
        return None
    span: dict[str, Any] = {
        "account": account.pk,
        "owner": account.organization_id,
        "run": walked.run_id,
        "first": walked.first,
        "last": walked.last,
        "began": walked.began,
        "addresses": listing.spelled(walked.addresses),
        "organization": walked.organization_id,
    }
    with transaction.atomic():
        _take_turns()
        listing.prove(account, walked)
        _write(span)
        at_vendor, in_library, skipped, errors, missing, healed = _run(_SUM, span)[0]
        gone, earlier_key = _run(_NOT_SEEN, span)[0]
    return DayCount(
        at_vendor=at_vendor,
        imported=in_library,
        skipped=skipped,
        errors=errors,
        missing=missing,
        healed=healed,
        gone=gone,
        earlier_key=earlier_key,
    )


def recount(days: Collection[date]) -> None:
    """Count days anew after meetings changed hands: other numbers, and nothing is newly checked."""
    if not days:
        return
    span = {"first": min(days), "last": max(days), "only": list(days)}
    with transaction.atomic():
        _take_turns()
        _write({**span, "account": None, "addresses": None, "began": None})


def _take_turns() -> None:
    """Let one of two counts of the same days wait: at once they would lock each other out."""
    locks.hold("fathom.ledger")


def _write(span: dict[str, Any]) -> None:
    _run(
        _WRITE, {"only": None, **span, "serving": [account.pk for account in accounts.configured()]}
    )


def _run(statement: str, parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        if not cursor.description:
            return []
        return cursor.fetchall()
