"""E-mail accounts, as the API lists them, as events tell them, and as warm-up counts them."""

from datetime import date
from typing import Any, Final

from sandbox.vendors.email_bison.cast import Company
from sandbox.vendors.email_bison.dice import dice
from sandbox.vendors.email_bison.tables import Row
from sandbox.vendors.email_bison.times import BEFORE_ALL

TAGS: Final = ("Google", "Outlook", "Warm", "Batch A", "Batch B")
STATUSES: Final = ("Connected",) * 12 + ("Not connected", "Pending move", "Pending deletion")
_TYPES: Final = ("google_workspace_oauth", "microsoft_oauth", "Inbox")
_FIRST: Final = (
    "Ada",
    "Bram",
    "Cleo",
    "Dina",
    "Elif",
    "Finn",
    "Gwen",
    "Hugo",
    "Ida",
    "Joris",
    "Kim",
    "Léa",
)
_LAST: Final = ("Archer", "Bakker", "Carlier", "Dumont", "Evers", "Fontaine", "Grant", "Hoekstra")
_COUNTERS: Final = {
    "emails_sent_count": 900, "total_replied_count": 40, "total_opened_count": 200,
    "unsubscribed_count": 6, "bounced_count": 12, "unique_replied_count": 30,
    "unique_opened_count": 150, "total_leads_contacted_count": 500, "interested_leads_count": 9,
}  # fmt: skip


def tags_of(company: Company) -> list[Row]:
    """Make the tags of a workspace, the vendor's three defaults first."""
    names = ("Interested", "Meeting Booked", "Out of Office", *TAGS)
    return [
        {
            "id": company.id * 100 + place, "name": name, "default": place < 3,
            "created_at": BEFORE_ALL, "updated_at": BEFORE_ALL,
        }
        for place, name in enumerate(names)
    ]  # fmt: skip


def account(seed: int, slug: str, company: Company, place: int, tags: list[Row]) -> Row:
    """Make the account at a place of a workspace's list."""
    chance = dice("account", seed, slug, company.id, place)
    first, last = chance.choice(_FIRST), chance.choice(_LAST)
    kind = chance.choice(_TYPES)
    own_server = kind == "Inbox"
    chosen = chance.sample(tags[3:], chance.randint(0, 2)) if len(tags) > 3 else []
    return {
        "id": company.id * 10_000 + place + 1,
        "name": f"{first} {last}",
        "email": f"{first}.{last}{place}@{company.domain}".lower().replace("é", "e"),
        "email_signature": f"<p>{first} {last}<br>{company.name}</p>"
        if chance.random() < 0.8
        else None,
        "imap_server": f"imap.{company.domain}" if own_server else None,
        "imap_port": 993 if own_server else None,
        "smtp_server": f"smtp.{company.domain}" if own_server else None,
        "smtp_port": 587 if own_server else None,
        "daily_limit": chance.choice((5, 10, 15, 20, 25)),
        "type": kind,
        "status": chance.choice(STATUSES),
        "warmup_enabled": chance.random() < 0.7,
        **{name: chance.randint(0, most) for name, most in _COUNTERS.items()},
        "created_at": BEFORE_ALL,
        "updated_at": "2025-11-18T12:53:32.000000Z",
        "tags": [{name: tag[name] for name in ("id", "name", "default")} for tag in chosen],
    }


def in_event(row: Row) -> Row:
    """Tell an account as an event does: other names, the status in lower case."""
    names = {
        "emails_sent": "emails_sent_count", "replied": "total_replied_count",
        "opened": "total_opened_count", "unsubscribed": "unsubscribed_count",
        "bounced": "bounced_count", "unique_replies": "unique_replied_count",
        "unique_opens": "unique_opened_count",
        "total_leads_contacted": "total_leads_contacted_count",
        "interested": "interested_leads_count",
    }  # fmt: skip
    kept = {
        name: row[name]
        for name in ("id", "name", "email", "type", "daily_limit", "created_at", "updated_at")
    }
    counted = {name: row[source] for name, source in names.items()}
    return kept | {"status": row["status"].lower()} | counted


def warmup(row: Row, first: date, last: date) -> dict[str, Any]:
    """Count the warm-up of an account between two days."""
    chance = dice("warmup", row["id"])
    days = max(0, (last - first).days + 1) if row["warmup_enabled"] else 0
    return {
        "id": row["id"], "email": row["email"], "name": row["name"],
        "domain": row["email"].rpartition("@")[2], "tags": row["tags"],
        "warmup_emails_sent": days * chance.randint(2, 10),
        "warmup_replies_received": days * chance.randint(0, 4),
        "warmup_emails_saved_from_spam": days * chance.randint(0, 1),
        "warmup_score": chance.randint(60, 100) if row["warmup_enabled"] else 0,
        "warmup_bounces_received_count": chance.randint(0, 2),
        "warmup_bounces_caused_count": chance.randint(0, 1),
        "warmup_disabled_for_bouncing_count": 0,
        "warmup_enabled": row["warmup_enabled"],
    }  # fmt: skip
