"""Campaigns, what was sent of them on each day, and the leads who replied or did not."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sandbox.vendors.email_bison.cast import Company
from sandbox.vendors.email_bison.dice import dice, identity
from sandbox.vendors.email_bison.tables import Row
from sandbox.vendors.email_bison.times import BEFORE_ALL, stamp

CAMPAIGN_STATUSES: Final = ("Active", "Active", "Active", "Paused", "Completed", "Launching")
QUIET_LEADS: Final = 60
_FIRST_DAY: Final = date(2024, 1, 1)
_IDEAS: Final = (
    "Founders",
    "Payroll heads",
    "Operations leads",
    "Clinics",
    "Retail chains",
    "Second touch",
)
_FIRST: Final = (
    "Amir",
    "Bea",
    "Carlos",
    "Daphne",
    "Emre",
    "Freya",
    "Gus",
    "Hana",
    "Ilse",
    "Jonah",
    "Kaya",
)
_LAST: Final = (
    "Abbott",
    "Berg",
    "Costa",
    "Dekker",
    "Estrada",
    "Faber",
    "Gallo",
    "Hughes",
    "Ivanov",
    "Jansen",
)
_FIRMS: Final = (
    "Alder Works",
    "Brook Mills",
    "Crest Foods",
    "Dune Travel",
    "Elm Optics",
    "Fjord Paper",
)
_YES: Final = (
    "Sounds good, send me a time.",
    "Interested. What does it cost?",
    "Yes, call me on Tuesday.",
)
_NO: Final = (
    "Not for us, thanks.",
    "Please take me off your list.",
    "We have somebody for this already.",
)
AWAY: Final = "I am out of the office until Monday."


@dataclass(frozen=True)
class Day:
    """What a campaign did on a day; replies and interested are counted by their rows."""

    scheduled: int = 0
    sent: int = 0
    opened: int = 0
    bounced: int = 0


def campaigns_of(seed: int, slug: str, company: Company) -> list[Row]:
    """Make the campaigns of a workspace, two to six; counts are added when they are listed."""
    chance = dice("campaigns", seed, slug, company.id)
    return [
        {
            "id": company.id * 100 + place + 1,
            "uuid": identity("campaign", slug, company.id, place),
            "name": f"{_IDEAS[place]} {company.name}",
            "type": "outbound",
            "status": chance.choice(CAMPAIGN_STATUSES) if place else "Active",
            "completion_percentage": round(chance.uniform(5, 95), 2),
            "max_emails_per_day": 1000,
            "max_new_leads_per_day": 100,
            "plain_text": True,
            "open_tracking": False,
            "sequence_prioritization": "followups",
            "can_unsubscribe": True,
            "unsubscribe_text": "Unsubscribe",
            "created_at": BEFORE_ALL,
            "updated_at": BEFORE_ALL,
            "tags": [],
        }
        for place in range(chance.randint(2, 6))
    ]


def waits_of(campaign: Row) -> tuple[int, ...]:
    """Return the days that each mail of a campaign is followed by;
    the last one is followed by none.
    """
    return ((3, 4, 5, 1), (2, 3, 1), (4, 1))[campaign["id"] % 3]


def day_of(seed: int, slug: str, campaign: Row, day: date, now: datetime) -> Day:
    """Count what a campaign sent on a day; of today, what has been sent by now."""
    chance = dice("day", seed, slug, campaign["id"], day)
    scheduled = chance.randint(20, 80)
    opened, bounced = chance.randint(0, 12), chance.randint(0, 2)
    if day.weekday() > 4 or campaign["status"] == "Launching":
        return Day()
    share = 1.0
    if day >= now.date():
        share = (now.hour * 60 + now.minute) / 1440 if day == now.date() else 0.0
    return Day(scheduled, int(scheduled * share), int(opened * share), int(bounced * share))


def number_of(company: Company, day: date, campaign: Row, place: int) -> int:
    """Return the id of a day's reply and of its lead: the same whenever the data is made."""
    days = (day - _FIRST_DAY).days % 9000
    return company.id * 10_000_000 + days * 1000 + campaign["id"] % 100 * 10 + place


def lead(
    seed: int, slug: str, number: int, campaign: Row, created: str, status: str = "verified"
) -> Row:
    """Make a lead; counters come as texts for some, as they do."""
    chance = dice("lead", seed, slug, number)
    first, last, firm = chance.choice(_FIRST), chance.choice(_LAST), chance.choice(_FIRMS)
    domain = firm.lower().replace(" ", "")
    stats: dict[str, Any] = {"emails_sent": chance.randint(1, 4), "opens": 0, "replies": 0}
    stats |= {"unique_replies": 0, "unique_opens": 0}
    if number % 3 == 0:
        stats = {name: str(value) for name, value in stats.items()}
    return {
        "id": number, "first_name": first, "last_name": last,
        "email": f"{first}.{last}.{number}@{domain}.example".lower(),
        "title": chance.choice(("CEO", "Head of Sales", "Office manager")), "company": firm,
        "notes": None, "status": status,
        "custom_variables": [{"name": "phone number", "value": "+3225550100"}],
        "lead_campaign_data": [{"campaign_id": campaign["id"], "status": "in_sequence"}],
        "overall_stats": stats, "tags": [],
        "created_at": created, "updated_at": created,
    }  # fmt: skip


def replies_on(
    seed: int, slug: str, company: Company, campaign: Row, day: date
) -> list[tuple[int, datetime, bool]]:
    """Return the id, the moment and the interest of each reply to a campaign on a day."""
    if day.weekday() > 4 or campaign["status"] == "Launching":
        return []
    chance = dice("replies", seed, slug, campaign["id"], day)
    start = datetime.combine(day, time(6), UTC)
    return [
        (
            number_of(company, day, campaign, place),
            start + timedelta(seconds=chance.randint(0, 14 * 3600)),
            chance.random() < 0.25,
        )
        for place in range(chance.choice((0, 0, 1, 1, 2)))
    ]


def reply(
    lead_row: Row, campaign: Row | None, account: Row | None, number: int, moment: datetime
) -> Row:
    """Make a reply that is neither interested nor read; the caller says what differs."""
    received = stamp(moment)
    to = account["email"] if account else "team@outpost.example"
    text = _NO[number % 3]
    return {
        "id": number, "uuid": identity("reply", number), "folder": "Inbox",
        "subject": f"Re: {campaign['name'] if campaign else 'Hello'}",
        "read": False, "interested": False, "automated_reply": False,
        "html_body": f"<div>{text}</div>", "text_body": text, "raw_body": None, "headers": None,
        "date_received": received,
        "type": "Tracked Reply" if campaign else "Untracked Reply",
        "tracked_reply": campaign is not None,
        "scheduled_email_id": number + 1 if campaign else None,
        "campaign_id": campaign["id"] if campaign else None,
        "lead_id": lead_row["id"] if campaign else None,
        "sender_email_id": account["id"] if account else None,
        "raw_message_id": f"<{number}@mail.example>",
        "from_name": f"{lead_row['first_name']} {lead_row['last_name']}",
        "from_email_address": lead_row["email"], "primary_to_email_address": to,
        "to": [{"name": "", "address": to}], "cc": None, "bcc": None, "parent_id": None,
        "attachments": [], "created_at": received, "updated_at": received,
    }  # fmt: skip


def make_interested(row: Row) -> Row:
    """Turn a reply into an interested one, its words too."""
    text = _YES[row["id"] % 3]
    return row | {"interested": True, "text_body": text, "html_body": f"<div>{text}</div>"}
