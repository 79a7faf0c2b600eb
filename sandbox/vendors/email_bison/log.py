"""The events of a workspace: the last ten days, and what hooks are sent of a new event."""

from datetime import datetime, timedelta
from typing import Final

from sandbox.vendors.email_bison import events
from sandbox.vendors.email_bison.deliveries import Delivery
from sandbox.vendors.email_bison.dice import identity, mixed
from sandbox.vendors.email_bison.instance import Instance
from sandbox.vendors.email_bison.tables import Row
from sandbox.vendors.email_bison.times import read, stamp
from sandbox.vendors.email_bison.workspace import Workspace

KEPT: Final = timedelta(days=10)
_MOST_SENT: Final = 20


def newest(instance: Instance, workspace: Workspace) -> list[Row]:
    """Return what the log still has, the newest first."""
    since = stamp(instance.world.now - KEPT)
    return [row for row in reversed(_log(instance, workspace)) if row["created_at"] >= since]


def record(
    instance: Instance, workspace: Workspace, kind: str, data: events.Data, *, quiet: bool = False
) -> Row:
    """Write a new event down and send it to every hook that asked for its kind.

    `quiet`: it is in the log alone.
    """
    row = _row(instance, workspace, instance.next(), kind, data, instance.world.now)
    _log(instance, workspace).append(row)
    for hook in [] if quiet else workspace.hooks.all():
        if kind in hook["events"]:
            _deliver(instance, row, hook)
    return row


def _deliver(instance: Instance, row: Row, hook: Row) -> None:
    """Send an event to a hook, unless it is among those that get lost."""
    switched = instance.world.switched
    if mixed("drop", row["id"], hook["id"]) % 100 < float(switched["drop_deliveries"]):
        return
    delivery = Delivery(
        hook["url"], row["payload"], hook["id"], row["id"], row["webhook_deliveries"]
    )
    instance.deliveries.append(delivery)
    pauses, repeats = switched["delivery_pauses"], int(switched["delivery_repeats"])
    delivery.begin(instance.world.over, pauses, float(switched["delivery_timeout"]), repeats)


def _row(
    instance: Instance,
    workspace: Workspace,
    number: int,
    kind: str,
    data: events.Data,
    moment: datetime,
) -> Row:
    address = instance.address if instance.world.switched["instance_url"] else ""
    payload = events.envelope(kind, (workspace.id, workspace.name), data, address)
    return {
        "id": number, "uuid": identity("event", instance.slug, number), "created_at": stamp(moment),
        "updated_at": stamp(moment), "webhook_deliveries": [], "payload": payload,
    }  # fmt: skip


def _log(instance: Instance, workspace: Workspace) -> list[Row]:
    if workspace.log is None:
        past = sorted(_past(instance, workspace), key=lambda each: each[0])
        base = workspace.id * 1_000_000
        workspace.log = [
            _row(instance, workspace, base + place, kind, data, moment)
            for place, (moment, kind, data) in enumerate(past)
        ]
    return workspace.log


def _past(instance: Instance, workspace: Workspace) -> list[tuple[datetime, str, events.Data]]:
    """Tell ten days again: every reply, some mails, and a kind that cannot be subscribed to."""
    contents, now = workspace.contents, instance.world.now
    found: list[tuple[datetime, str, events.Data]] = []
    for reply in contents.replies.all():
        moment = read(reply["date_received"])
        lead, campaign = (
            contents.leads.get(reply["lead_id"]),
            contents.campaigns.get(reply["campaign_id"]),
        )
        if moment < now - KEPT or lead is None or campaign is None:
            continue
        sender = contents.accounts.get(reply["sender_email_id"] or 0)
        found += replied(reply, lead, campaign, sender, moment, first=True)
    leads, campaigns = contents.leads.all(), contents.campaigns.all()
    for place, lead in enumerate(leads[-_MOST_SENT:] if campaigns else []):
        moment = now - timedelta(hours=11 * place + 1)
        data = events.mailed(lead["id"], "sent", lead, campaigns[0], None, moment)
        found.append((moment, "email_sent" if place else "email_send_failed", data))
    return found


def replied(
    reply: Row, lead: Row, campaign: Row, sender: Row | None, moment: datetime, *, first: bool
) -> list[tuple[datetime, str, events.Data]]:
    """Return the events of a reply: it came, and, the first time, that its lead is interested."""
    data = events.mailed(reply["id"], "replied", lead, campaign, sender, moment)
    found = [(moment, "lead_replied", data | {"reply": events.reply(reply)})]
    if reply["interested"] and first:
        found.append((moment, "lead_interested", interested(reply, lead, campaign, sender)))
    return found


def interested(reply: Row, lead: Row, campaign: Row, sender: Row | None) -> events.Data:
    return {"reply": events.reply(reply), **events.people(lead, campaign, sender)}
