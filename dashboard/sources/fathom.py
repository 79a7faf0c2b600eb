"""The page of Fathom: its proof in large, the accounts that bring the calls, and its runs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.connections import Connection
from core.models import User
from core.words.states import Look, look
from dashboard.fathom import sync
from dashboard.fathom import tables as tables_of_syncs
from dashboard.navigation import Item, Shell
from dashboard.proofs import Proof
from dashboard.sources import evidence, rows, tables
from fathom_sync import access, accounts
from fathom_sync.models import FathomAccount

MOST_ACCOUNTS: Final = 50
TABS: Final = ("source", "source_fathom_days", "source_fathom_queue", "source_fathom_trying")
# What each account's own list has of the last days, against the rows that there are of it:
# of an account that serves all organizations those of the one that is looked at alone.
_OF_ACCOUNTS: Final = """
SELECT l.account_id, count(DISTINCT n.name),
    count(DISTINCT n.name) FILTER (WHERE m.outcome = 'imported' AND m.call_id IS NOT NULL),
    count(DISTINCT n.name) FILTER (WHERE m.id IS NULL OR m.outcome = 'missing'),
    min(l.walked_at)
FROM fathom_sync_listedday l
JOIN fathom_sync_fathomaccount a ON a.id = l.account_id
CROSS JOIN LATERAL unnest(l.names) AS n(name)
LEFT JOIN LATERAL (
    SELECT id, outcome, call_id FROM fathom_sync_fathommeeting m
    WHERE m.recording_id = n.name
    AND (m.accounts @> ARRAY[l.account_id]::uuid[] OR m.organization_id = a.organization_id)
    AND (%(scope)s::uuid IS NULL OR m.organization_id = %(scope)s OR a.organization_id = %(scope)s)
    ORDER BY m.outcome <> 'imported' LIMIT 1
) m ON true
WHERE l.account_id = ANY(%(accounts)s::uuid[]) AND l.day >= %(since)s
AND (m.id IS NOT NULL OR %(scope)s::uuid IS NULL OR a.organization_id = %(scope)s)
GROUP BY l.account_id
"""


@dataclass(frozen=True)
class AccountRow:
    """One account that brings these calls."""

    account: FathomAccount
    name: str
    look: Look
    proof: Proof
    connection: str = ""
    """What keeps checks from being made; '' where nothing does."""


def tabs(user: User, scope: UUID | None, current: str) -> list[Item]:
    """Return the pages of Fathom, with how many calls wait."""
    waiting = rows.count_waiting(user, scope)
    words = {
        "source": _("Overview"),
        "source_fathom_days": _("Days"),
        "source_fathom_queue": _("Left out (%(count)d)") % {"count": waiting},
        "source_fathom_trying": _("Matching"),
    }
    urls = {name: reverse(f"dashboard:{name}") for name in TABS[1:]}
    urls["source"] = reverse("dashboard:source", args=[rows.FATHOM])
    return [Item(words[name], urls[name], "", name == current) for name in TABS]


def page(user: User, shell: Shell) -> dict[str, Any]:
    """Return what the overview shows."""
    serving = accounts.serving(shell.scope)
    found = evidence.evidence(user, shell.scope, serving)
    live = sync.live(user, shell)
    return {
        **live,
        "evidence": found,
        "serving": serving,
        "accounts_table": tables.accounts(_several(serving, shell.scope)),
        "history_table": tables_of_syncs.history(live["history"]),
        "may_link": access.may_change_account(user, None if shell.is_staff else shell.current),
        "tabs": tabs(user, shell.scope, "source"),
    }


def of_several(scope: UUID | None) -> list[AccountRow]:
    """Return the accounts that bring the calls, where there are several."""
    return _several(accounts.serving(scope), scope)


def _several(serving: list[FathomAccount], scope: UUID | None) -> list[AccountRow]:
    if len(serving) <= 1:
        return []
    return _accounts(serving[:MOST_ACCOUNTS], scope)


def _accounts(serving: Iterable[FathomAccount], scope: UUID | None) -> list[AccountRow]:
    listing = list(serving)
    since = timezone.now().astimezone(UTC).date() - timedelta(days=evidence.PROVED_DAYS - 1)
    with connection.cursor() as cursor:
        values = {"accounts": [account.pk for account in listing], "scope": scope, "since": since}
        cursor.execute(_OF_ACCOUNTS, values)
        found = {row[0]: row[1:] for row in cursor.fetchall()}
    states = accounts.states(listing)
    return [
        AccountRow(
            account,
            _name(account),
            look(states[account.pk].state.value),
            _proof(account, found.get(account.pk, (0, 0, 0, None)), states[account.pk].state),
            rows.ERROR if states[account.pk].state is Connection.ERROR else "",
        )
        for account in listing
    ]


def _name(account: FathomAccount) -> str:
    if account.organization_id is None:
        return _("Shared by all organizations")
    return str(account)


def _proof(
    account: FathomAccount, counted: tuple[int, int, int, datetime | None], state: Connection
) -> Proof:
    at_vendor, present, missing, walked_at = counted
    left_out = at_vendor - present - missing
    is_whole = account.watermark is not None and state is not Connection.ERROR
    return Proof(at_vendor, present, left_out, missing, walked_at, account.failing_since, is_whole)
