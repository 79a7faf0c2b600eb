"""Bodies of events: the parts that each kind carries, under names that differ from the API's."""

from datetime import datetime, timedelta
from typing import Any

from sandbox.vendors.email_bison import accounts
from sandbox.vendors.email_bison.names import NAMES
from sandbox.vendors.email_bison.tables import Row
from sandbox.vendors.email_bison.times import stamp

Data = dict[str, Any]
_REPLY = (
    "id", "uuid", "folder", "type", "read", "interested", "automated_reply", "html_body",
    "text_body", "raw_body", "headers", "date_received", "raw_message_id", "from_name",
    "from_email_address", "primary_to_email_address", "to", "cc", "bcc", "parent_id", "attachments",
    "created_at", "updated_at",
)  # fmt: skip


def envelope(kind: str, workspace: tuple[int, str], data: Data, address: str = "") -> Data:
    """Wrap the data of an event, `kind` in the lower case that is subscribed to."""
    event: Data = {"type": kind.upper(), "name": NAMES.get(kind, kind.replace("_", " ").title())}
    if address:
        event["instance_url"] = address
    event |= {"workspace_id": workspace[0], "workspace_name": workspace[1]}
    return {"event": event, "data": data}


def lead(row: Row) -> Data:
    names = (
        "id",
        "email",
        "first_name",
        "last_name",
        "status",
        "title",
        "company",
        "custom_variables",
    )
    stats = {name: int(value) for name, value in row["overall_stats"].items()}
    return {name: row[name] for name in names} | stats | {"bounces": 0}


def reply(row: Row) -> Data:
    return {name: row[name] for name in _REPLY} | {"email_subject": row["subject"]}


def scheduled(
    number: int, lead_row: Row, campaign: Row, moment: datetime, status: str = "sent"
) -> Data:
    """Tell of the mail that went out. Its local times end in Z too, five hours off."""
    local = stamp(moment - timedelta(hours=5))
    return {
        "id": number, "lead_id": lead_row["id"], "sequence_step_id": campaign["id"] * 10,
        "sequence_step_order": 1, "sequence_step_variant": None, "email_subject": campaign["name"],
        "email_body": f"<p>Hello {lead_row['first_name']}</p>", "status": status,
        "scheduled_date_est": local, "scheduled_date_local": local,
        "local_timezone": "America/New_York", "sent_at": stamp(moment), "opens": 0, "replies": 0,
        "unique_opens": 0, "unique_replies": 0, "interested": None,
        "raw_message_id": f"<{number}@mail.example>",
    }  # fmt: skip


def campaign_event(number: int, kind: str, moment: datetime) -> Data:
    return {
        "id": number, "type": kind, "created_at_local": stamp(moment - timedelta(hours=5)),
        "local_timezone": "America/New_York", "created_at": stamp(moment),
    }  # fmt: skip


def people(lead_row: Row, campaign: Row, sender: Row | None) -> Data:
    """Return the three parts of everything that a lead and a campaign have to do with."""
    found: Data = {
        "lead": lead(lead_row),
        "campaign": {"id": campaign["id"], "name": campaign["name"]},
    }
    if sender is not None:
        found["sender_email"] = accounts.in_event(sender)
    return found


def mailed(
    number: int, kind: str, lead_row: Row, campaign: Row, sender: Row | None, moment: datetime
) -> Data:
    """Return the data of a mail that was sent, answered or bounced."""
    status = "bounced" if kind == "bounce" else "sent"
    return {
        "scheduled_email": scheduled(number, lead_row, campaign, moment, status),
        "campaign_event": campaign_event(number, kind, moment),
        **people(lead_row, campaign, sender),
    }
