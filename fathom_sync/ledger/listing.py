"""The vendor's side of the ledger: which meetings each account's list showed, day by day.

What a walk sees is noted with each page (`SeenDay`). Only when it ends does it become proof
(`ListedDay`), and only of the days that it went through from their beginning: of a day that was
walked in part nothing is known. What an earlier key of the account listed is set apart when another
key begins to list, as this one may not show it.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.utils import timezone

from core.models import Run
from core.words import moments
from fathom_sync.meetings import parsing
from fathom_sync.meetings.pages import Item
from fathom_sync.models import FathomAccount, ListedDay, SeenDay

# So many days back an empty day is written down too: a page that shows days tells "nothing"
# from "not looked at".
EMPTY_DAYS: Final = 100
ONE_DAY: Final = timedelta(days=1)

# A meeting's day is the one that its row has: of one without a date the list says none.
_NOTE: Final = """
INSERT INTO fathom_sync_seenday AS s (id, run_id, day, names)
SELECT gen_random_uuid(), %(run)s, seen.day, array_agg(DISTINCT seen.name)
FROM (
    SELECT k.name, coalesce(
        (SELECT m.day FROM fathom_sync_fathommeeting m
         WHERE m.recording_id = k.name
             AND (m.accounts @> ARRAY[%(account)s]::uuid[] OR m.organization_id = %(owner)s)
         ORDER BY m.accounts @> ARRAY[%(account)s]::uuid[] DESC LIMIT 1),
        k.day) AS day
    FROM unnest(%(names)s::text[], %(days)s::date[]) AS k(name, day)
) AS seen
GROUP BY seen.day
ON CONFLICT (run_id, day)
DO UPDATE SET names = ARRAY(SELECT DISTINCT unnest(s.names || EXCLUDED.names))
"""
_SET_APART: Final = """
UPDATE fathom_sync_listedday
SET earlier = ARRAY(SELECT DISTINCT unnest(names || gone || earlier)), names = '{}', gone = '{}',
    walked_at = NULL,
    key = %(key)s
WHERE account_id = %(account)s AND key <> %(key)s
RETURNING day
"""
# Of the names that stood there before stay: of a walk of some people's meetings those of all
# others, what was made after the walk began, and what has no date, unless all there is was walked.
# A walk that began before the one that proved a day says nothing of it.
_PROVE: Final = """
WITH seen AS (
    SELECT day, unnest(names) AS name FROM fathom_sync_seenday
    WHERE run_id = %(run)s AND day BETWEEN %(first)s AND %(last)s
), kept AS (
    SELECT l.day, old.name
    FROM fathom_sync_listedday l CROSS JOIN unnest(l.names) AS old(name)
    LEFT JOIN fathom_sync_fathommeeting m
        ON m.recording_id = old.name AND m.accounts @> ARRAY[%(account)s]::uuid[]
    WHERE l.account_id = %(account)s AND l.day BETWEEN %(first)s AND %(last)s AND (
        m.created_at >= %(began)s
        OR (m.id IS NOT NULL AND m.created_at IS NULL AND NOT %(everything)s)
        OR (%(addresses)s::text[] IS NOT NULL
            AND (m.id IS NULL OR m.recorder <> ALL(%(addresses)s)))
    )
), shown AS (
    SELECT day, array_agg(DISTINCT name) AS names
    FROM (TABLE seen UNION ALL TABLE kept) AS both_of_them GROUP BY day
), days AS (
    SELECT day FROM shown
    UNION SELECT day FROM fathom_sync_listedday
        WHERE account_id = %(account)s AND day BETWEEN %(first)s AND %(last)s
    UNION SELECT generate_series(%(fill)s::date, %(today)s::date, '1 day')::date
        WHERE %(addresses)s::text[] IS NULL
)
INSERT INTO fathom_sync_listedday AS l (id, account_id, day, key, names, gone, earlier, walked_at)
SELECT gen_random_uuid(), %(account)s, d.day, %(key)s, coalesce(s.names, '{}'),
    ARRAY(SELECT unnest(o.names || o.gone) EXCEPT SELECT unnest(s.names)),
    ARRAY(SELECT unnest(o.earlier) EXCEPT SELECT unnest(s.names)),
    CASE WHEN %(addresses)s::text[] IS NULL THEN %(began)s ELSE o.walked_at END
FROM days d LEFT JOIN shown s ON s.day = d.day
LEFT JOIN fathom_sync_listedday o ON o.account_id = %(account)s AND o.day = d.day
ORDER BY d.day
ON CONFLICT (account_id, day) DO UPDATE
SET key = EXCLUDED.key, names = EXCLUDED.names, gone = EXCLUDED.gone, earlier = EXCLUDED.earlier,
    walked_at = EXCLUDED.walked_at
WHERE l.walked_at IS NULL OR l.walked_at <= %(began)s
"""
_COUNT: Final = """
SELECT count(DISTINCT name) FROM fathom_sync_listedday, unnest(names) AS name
WHERE account_id = %s AND key = %s
"""


@dataclass(frozen=True, slots=True)
class Walked:
    """A walk that came to its end: the list of everything made from `after` (None:
    of all there is) until `began`.

    `addresses`: by these people alone; None: by everybody.
    `organization_id`: for which organization, where for one.
    """

    run_id: UUID
    key: str
    after: datetime | None
    began: datetime
    addresses: Sequence[str] | None = None
    organization_id: UUID | None = None

    @property
    def first(self) -> date:
        """Return the first day that it went through from its beginning."""
        if self.after is None:
            return date(1900, 1, 1)
        after = self.after.astimezone(UTC)
        if after.time() == time.min:
            return after.date()
        return after.date() + ONE_DAY

    @property
    def last(self) -> date:
        """Today, as far as it has come; and tomorrow for what has no date and was first
        seen after midnight.
        """
        return self.began.astimezone(UTC).date() + ONE_DAY

    @property
    def has_whole_days(self) -> bool:
        return self.first < self.last


def forget_ended(account: FathomAccount) -> None:
    """Forget what walks of this account saw that are over: it was proof, or never will be.

    Not sooner, as a walk whose worker dies at its very end is ended by another one.
    """
    over = Run.objects.filter(subject_id=account.pk).exclude(state__in=Run.OPEN)
    SeenDay.objects.filter(run__in=over).delete()


def has_other_keys(account: FathomAccount) -> bool:
    """Tell whether another key of the account than the one that lists now has listed something."""
    return ListedDay.objects.filter(account=account).exclude(key=account.listing_key).exists()


def set_apart(account: FathomAccount) -> set[date]:
    """Return what other keys of the account than the one that lists now have listed,
    and the days of that.
    """
    return {day for (day,) in _run(_SET_APART, {"account": account.pk, "key": account.listing_key})}


def note(account: FathomAccount, run_id: UUID, items: Sequence[Item]) -> None:
    """Note what a page showed; to be called in the transaction that stores it, after that."""
    days: dict[str, date] = defaultdict(_today)
    for item in items:
        made = moments.read(item.made)
        days[item.name] = made.astimezone(UTC).date() if made else days[item.name]
    if days:
        values = {
            "names": list(days),
            "days": list(days.values()),
            "owner": account.organization_id,
        }
        _run(_NOTE, {"run": run_id, "account": account.pk, **values})


def start_over(run_id: UUID) -> None:
    """Forget what this walk has seen: it begins anew."""
    SeenDay.objects.filter(run_id=run_id).delete()


def prove(account: FathomAccount, walked: Walked) -> None:
    """Take what the walk saw for the list of the days that it went through,
    in the caller's transaction.
    """
    today = walked.began.astimezone(UTC).date()
    _run(
        _PROVE,
        {
            "run": walked.run_id,
            "account": account.pk,
            "key": walked.key,
            "first": walked.first,
            "last": walked.last,
            "fill": max(walked.first, today - EMPTY_DAYS * ONE_DAY),
            "today": today,
            "began": walked.began,
            "everything": walked.after is None,
            "addresses": spelled(walked.addresses),
        },
    )


def spelled(addresses: Sequence[str] | None) -> list[str] | None:
    """Return them as meetings' rows have them."""
    if addresses is None:
        return None
    return [parsing.address(address) for address in addresses]


def count_listed(account: FathomAccount, key: str) -> int:
    """Return how many meetings this key has listed, by the last check of each day;
    0 where it has listed nothing.
    """
    return int(_run(_COUNT, [account.pk, key])[0][0])


def proved_since(accounts: Sequence[FathomAccount], since: date) -> dict[UUID, datetime | None]:
    """Return for each account as of when every day since then is proved;
    None where one of them is not.

    Days after that moment need no proof: it does not speak of them.
    """
    days: dict[UUID, dict[date, datetime]] = {account.pk: {} for account in accounts}
    found = ListedDay.objects.filter(account__in=accounts, day__gte=since, walked_at__isnull=False)
    for account_id, day, walked_at in found.values_list("account_id", "day", "walked_at"):
        if walked_at is not None:
            days[account_id][day] = walked_at
    return {account_id: _as_of(walked, since) for account_id, walked in days.items()}


def _as_of(walked: dict[date, datetime], since: date) -> datetime | None:
    if not walked:
        return None
    as_of = min(walked.values())
    wanted = (as_of.astimezone(UTC).date() - since).days + 1
    if not all(since + ago * ONE_DAY in walked for ago in range(wanted)):
        return None
    return as_of


def walked_days(accounts: Sequence[FathomAccount], first: date, last: date) -> set[date]:
    """Return days of this span that each of these accounts has proved."""
    found: dict[date, int] = defaultdict(int)
    walked = ListedDay.objects.filter(
        account__in=accounts, day__range=(first, last), walked_at__isnull=False
    )
    for day in walked.values_list("day", flat=True):
        found[day] += 1
    return {day for day, number in found.items() if number == len(accounts)}


def _today() -> date:
    return timezone.now().astimezone(UTC).date()


def _run(statement: str, parameters: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        if not cursor.description:
            return []
        return cursor.fetchall()
