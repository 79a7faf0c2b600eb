"""What happens to a workspace from outside: replies, mails, bounces, accounts that come and go."""

from datetime import date, timedelta
from typing import Any, Final

from sandbox.vendors.email_bison import accounts, events, log, mail
from sandbox.vendors.email_bison.instance import Instance
from sandbox.vendors.email_bison.tables import Row
from sandbox.vendors.email_bison.times import stamp
from sandbox.vendors.email_bison.workspace import Workspace

ACCOUNT_STATUSES: Final = {"disconnected": "Not connected", "reconnected": "Connected"}


def reply(
    instance: Instance,
    workspace: Workspace,
    *,
    campaign: int = 0,
    lead: int = 0,
    interested: bool = False,
    automated: bool = False,
    untracked: bool = False,
    seconds_ago: int = 0,
    quiet: bool = False,
    **changes: Any,
) -> Row:
    """Let a reply come in, of a new lead or of a lead that there is; `changes` are fields of it."""
    contents, number = workspace.contents, instance.next()
    moment = instance.world.now - timedelta(seconds=seconds_ago)
    chosen = campaign_of(workspace, campaign)
    person = contents.leads.get(lead) if lead else None
    person = person or _new_lead(workspace, instance.next(), chosen)
    sender = sender_of(workspace, number)
    row = workspace.reply(
        person, None if untracked else chosen, sender, number, moment, interested=interested
    )
    if unknown := set(changes) - set(row):
        raise ValueError(f"A reply has no {sorted(unknown)}")
    row |= {"automated_reply": automated} | changes
    first = not is_interested(workspace, person["id"], chosen["id"])
    contents.replies.add(row)
    if untracked:
        data: events.Data = {"reply": events.reply(row)}
        if sender:
            data["sender_email"] = accounts.in_event(sender)
        log.record(instance, workspace, "untracked_reply_received", data, quiet=quiet)
        return row
    contents.leads.add(person)
    for _moment, kind, data in log.replied(row, person, chosen, sender, moment, first=first):
        log.record(instance, workspace, kind, data, quiet=quiet)
    return row


def grow(instance: Instance) -> None:
    """Let come in what came in since, at every workspace that anyone watches."""
    for workspace in instance.all().values():
        for row, lead, campaign in workspace.grow() if workspace.is_watched else ():
            sender = workspace.contents.accounts.get(row["sender_email_id"] or 0)
            for _moment, kind, data in log.replied(
                row, lead, campaign, sender, instance.world.now, first=True
            ):
                log.record(instance, workspace, kind, data)


def is_interested(workspace: Workspace, lead: int, campaign: int) -> bool:
    rows = workspace.contents.replies.all()
    return any(
        row["interested"] and (row["lead_id"], row["campaign_id"]) == (lead,
            campaign) for row in rows
    )  # fmt: skip


def mark(
    instance: Instance, workspace: Workspace, row: Row, *, interested: bool, quiet: bool = False
) -> Row:
    """Mark a reply; only the first mark of a lead in a campaign is an event."""
    contents = workspace.contents
    first = interested and not is_interested(workspace, row["lead_id"], row["campaign_id"])
    if row["interested"] != interested:
        row |= {"interested": interested, "updated_at": stamp(instance.world.now)}
    lead, campaign = (
        contents.leads.get(row["lead_id"] or 0),
        contents.campaigns.get(row["campaign_id"] or 0),
    )
    if first and lead and campaign:
        sender = contents.accounts.get(row["sender_email_id"] or 0)
        data = log.interested(row, lead, campaign, sender)
        log.record(instance, workspace, "lead_interested", data, quiet=quiet)
    return row


def mailed(
    instance: Instance,
    workspace: Workspace,
    *,
    bounced: bool,
    campaign: int = 0,
    quiet: bool = False,
) -> Row:
    """Let a mail go out, or come back; counts of the day follow."""
    number, chosen, moment = instance.next(), campaign_of(workspace, campaign), instance.world.now
    lead = workspace.contents.leads.all()[-1]
    count(workspace, chosen["id"], moment.date(), "bounced" if bounced else "sent")
    sender = sender_of(workspace, number)
    data = events.mailed(number, "bounce" if bounced else "sent", lead, chosen, sender, moment)
    if bounced:
        row = workspace.reply(lead, chosen, sender, number, moment, interested=False)
        row |= {"folder": "Bounced", "type": "Bounced"}
        workspace.contents.replies.add(row)
        data["reply"] = events.reply(row)
    return log.record(
        instance, workspace, "email_bounced" if bounced else "email_sent", data, quiet=quiet
    )


def count(workspace: Workspace, campaign: int, day: date, kind: str) -> None:
    counted = workspace.contents.extra.setdefault((campaign, day), {})
    counted[kind] = counted.get(kind, 0) + 1


def account(
    instance: Instance, workspace: Workspace, what: str, number: int = 0, *, quiet: bool = False
) -> Row:
    """Add, remove, disconnect or reconnect an account: the newest, where none is named."""
    contents = workspace.contents
    if what == "added":
        place = instance.next() - workspace.id * 10_000 - 1
        row = accounts.account(
            workspace.world.seed, workspace.slug, workspace.company, place, contents.tags.all()
        )
        contents.accounts.add(row)
    else:
        found = (
            contents.accounts.get(number)
            if number
            else next(iter(contents.accounts.all()[-1:]), None)
        )
        if found is None:
            raise ValueError(f"{workspace.name} has no such account")
        row = found
    if what == "removed":
        contents.accounts.remove(row["id"])
    elif what in ACCOUNT_STATUSES:
        row["status"] = ACCOUNT_STATUSES[what]
    data = {"sender_email": accounts.in_event(row)}
    log.record(instance, workspace, f"email_account_{what}", data, quiet=quiet)
    return row


def unsubscribe(instance: Instance, workspace: Workspace, lead: Row, *, quiet: bool = False) -> Row:
    lead |= {"status": "unsubscribed", "updated_at": stamp(instance.world.now)}
    numbers = [each["campaign_id"] for each in lead["lead_campaign_data"]]
    campaign = workspace.contents.campaigns.get(numbers[0]) if numbers else None
    if campaign:
        data = events.people(lead, campaign, None)
        log.record(instance, workspace, "lead_unsubscribed", data, quiet=quiet)
    return lead


def uploaded(
    instance: Instance, workspace: Workspace, campaign: Row, status: str, emails_sent: int
) -> Row:
    """Add a lead who has not replied."""
    row = mail.lead(
        workspace.world.seed, workspace.slug, instance.next(), campaign, stamp(instance.world.now)
    )
    row["overall_stats"] |= {"emails_sent": emails_sent}
    row["lead_campaign_data"] = [{"campaign_id": campaign["id"], "status": status}]
    return workspace.contents.leads.add(row)


def campaign_of(workspace: Workspace, number: int) -> Row:
    rows = workspace.contents.campaigns.all()
    found = workspace.contents.campaigns.get(number) if number else next(iter(rows), None)
    if found is None:
        raise ValueError(f"{workspace.name} has no such campaign")
    return found


def sender_of(workspace: Workspace, number: int) -> Row | None:
    rows = workspace.contents.accounts.all()
    return rows[number % len(rows)] if rows else None


def _new_lead(workspace: Workspace, number: int, campaign: Row) -> Row:
    row = mail.lead(
        workspace.world.seed, workspace.slug, number, campaign, stamp(workspace.world.now)
    )
    row["overall_stats"] |= {"replies": 1, "unique_replies": 1}
    return row
