"""What the vendor says of a workspace's campaigns and senders, as a forecast takes it.

Filters that the vendor does not understand are passed over silently, and the whole list comes. So
the leads of a campaign are counted by each status, and only where these add up to all of its leads
are they known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from bison import lists
from bison.client import VENDOR, Odd, data_of
from bison.counting import count, number
from bison.runway.domains import Sums
from bison.runway.forecasting import Campaign
from bison.session import Session
from core.errors import Rejected
from core.http import Answer
from core.words.sayings import Saying

STATUSES: Final = (
    "never_contacted",
    "in_sequence",
    "sequence_finished",
    "sequence_stopped",
    "replied",
)
SENDING: Final = frozenset({"active", "launching", "queued"})
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CONNECTED: Final = "connected"
DOWN: Final = frozenset({"not connected", "disconnected"})
# More mails than any sequence has: what comes after is not asked for.
MOST_STEPS: Final = 12
LONGEST_DOMAIN: Final = 255
NOT_COUNTED: Final = _(
    "The leads of “%(campaign)s” could not be counted: the vendor's figures do not add up."
)
NO_CAMPAIGN: Final = _("No campaign is sending.")


@dataclass(frozen=True, slots=True)
class Senders:
    """The mailboxes of a workspace. `capacity`: what the connected ones may send in a day."""

    connected: int
    down: int
    capacity: int
    domains: Mapping[str, Sums]


@dataclass(frozen=True, slots=True)
class Found:
    """What a forecast is made from; `unknown` says why there can be none."""

    senders: Senders
    campaigns: Sequence[Campaign]
    unknown: Saying | None = None
    # A campaign's leads could not be counted: how many are left in all is not known.
    is_uncounted: bool = False


def read(session: Session) -> Found:
    """Read one workspace."""
    senders = senders_of(lists.gathered(session, "/sender-emails", _as_it_is))
    campaigns: list[Campaign] = []
    unknown, is_uncounted = None, False
    for row in lists.gathered(session, "/campaigns", _as_it_is):
        if not isinstance(row, Mapping) or not isinstance(row.get("id"), int):
            raise Odd(VENDOR)
        if str(row.get("status") or "").casefold() not in SENDING:
            continue
        campaign = campaign_of(session, row)
        if campaign is None:
            is_uncounted = True
            unknown = unknown or Saying(NOT_COUNTED, {"campaign": str(row.get("name"))[:200]})
            continue
        campaigns.append(campaign)
    if not campaigns and unknown is None:
        unknown = Saying(NO_CAMPAIGN)
    return Found(senders, campaigns, unknown, is_uncounted)


def _as_it_is(row: Any) -> Any:
    return row


def senders_of(rows: Sequence[Any]) -> Senders:
    """Count the mailboxes, and sum up those of each domain."""
    connected = down = capacity = 0
    domains: dict[str, Sums] = {}
    for row in rows:
        if not isinstance(row, Mapping):
            raise Odd(VENDOR)
        status = str(row.get("status") or "").casefold().replace("_", " ")
        if status == CONNECTED:
            connected += 1
            capacity += number(row.get("daily_limit")) or 0
        down += status in DOWN
        domain = str(row.get("email") or "").rpartition("@")[2].casefold()[:LONGEST_DOMAIN]
        known = domains.get(domain, Sums())
        domains[domain] = Sums(
            known.senders + 1,
            known.sent + (number(row.get("emails_sent_count")) or 0),
            known.bounced + (number(row.get("bounced_count")) or 0),
            known.replied + (number(row.get("unique_replied_count")) or 0),
        )
    return Senders(connected, down, capacity, domains)


def campaign_of(session: Session, row: Mapping[str, Any]) -> Campaign | None:
    """Return what a campaign has left; None where its leads cannot be counted."""
    path = f"/campaigns/{row['id']}"
    by_status = {name: _leads(session, path, name) for name in STATUSES}
    if sum(by_status.values()) != count(session, f"{path}/leads"):
        return None
    waits = _waits(session, path)
    had = [_leads(session, path, "in_sequence", had=step) for step in range(1, len(waits) + 1)]
    # Those who had more mails than this campaign has, of another one too, wait for its last.
    rest = by_status["in_sequence"] - sum(had)
    if rest > 0 and had:
        had[-1] += rest
    most_new = number(row.get("max_new_leads_per_day"))
    most = number(row.get("max_emails_per_day"))
    return Campaign(
        waiting=by_status["never_contacted"] + (rest if rest > 0 and not had else 0),
        in_sequence=had,
        waits=waits,
        weekdays=_weekdays(session, path),
        most_a_day=float("inf") if most is None else most,
        most_new_a_day=float("inf") if most_new is None else most_new,
        new_first=str(row.get("sequence_prioritization") or "").casefold() == "new_leads",
        leaving=leaving(row),
        key=str(row["id"]),
    )


def leaving(row: Mapping[str, Any]) -> float:
    """Return the share of leads that leave after a mail, as the campaign has seen it so far."""
    sent = number(row.get("emails_sent")) or 0
    gone = sum(number(row.get(name)) or 0 for name in ("unique_replies", "bounced", "unsubscribed"))
    if not sent:
        return 0.0
    return min(0.5, gone / sent)


def _leads(session: Session, path: str, status: str, *, had: int = 0) -> int:
    params = {"filters[lead_campaign_status]": status}
    if had:
        params |= {"filters[emails_sent][criteria]": "=", "filters[emails_sent][value]": str(had)}
    return count(session, f"{path}/leads", params)


def _waits(session: Session, path: str) -> list[int]:
    """Return the days between each mail of a sequence and the next;
    variants of a mail are no mails.
    """
    data = data_of(
        _get(session, f"/campaigns/v1.1{path.removeprefix('/campaigns')}/sequence-steps")
    )
    steps = data.get("sequence_steps") if isinstance(data, Mapping) else None
    if not isinstance(steps, list):
        raise Odd(VENDOR)
    own = [step for step in steps if isinstance(step, Mapping) and not step.get("variant")]
    own.sort(key=lambda step: number(step.get("order")) or 0)
    return [number(step.get("wait_in_days")) or 1 for step in own[:-1]][: MOST_STEPS - 1]


def _weekdays(session: Session, path: str) -> frozenset[int]:
    """Return the days of the week on which a campaign sends; without a schedule, all of them."""
    try:
        data = data_of(_get(session, f"{path}/schedule"))
    except Rejected:
        return frozenset(range(7))
    if not isinstance(data, Mapping):
        raise Odd(VENDOR)
    chosen = frozenset(place for place, name in enumerate(DAYS) if data.get(name) is True)
    return chosen or frozenset(range(7))


def _get(session: Session, path: str) -> Answer:
    return session.confirmed(lambda at: at.get(path))
