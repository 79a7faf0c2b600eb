"""Campaigns with their counts, and what of each is sent, answered and due."""

from datetime import date, timedelta
from typing import Any, Final

from sandbox.vendors.email_bison import counts, filters, mail, refusals
from sandbox.vendors.email_bison.routes import Call, route
from sandbox.vendors.email_bison.tables import Row
from sandbox.vendors.email_bison.times import DAYS
from sandbox.vendors.email_bison.workspace import Workspace
from sandbox.vendors.frame import Reply

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LATER: Final = {"today": 0, "tomorrow": 1, "day_after_tomorrow": 2}


def shown(workspace: Workspace, campaign: Row) -> dict[str, Any]:
    """Add a campaign's counts over all days; some are texts, as they come."""
    today = workspace.world.now.date()
    found = counts.total(workspace, [campaign], today - timedelta(days=DAYS), today)
    leads = sum(campaign["id"] in _campaigns(lead) for lead in workspace.contents.leads.all())
    lower = workspace.world.switched["lower_statuses"]
    return campaign | {
        "status": campaign["status"].lower() if lower else campaign["status"],
        "emails_sent": found["sent"], "opened": str(found["opened"]),
        "unique_opens": str(found["opened"]), "replied": found["replied"],
        "unique_replies": found["replied"], "bounced": str(found["bounced"]),
        "unsubscribed": found["unsubscribed"], "interested": found["interested"],
        "total_leads_contacted": leads, "total_leads": leads,
    }  # fmt: skip


def _campaigns(lead: Row) -> set[int]:
    return {each["campaign_id"] for each in lead["lead_campaign_data"]}


@route("GET", "/campaigns")
def listed(call: Call) -> Reply:
    """List by what the query says, or the body: the vendor documents a body for this GET."""
    body = call.body()
    status = str(call.request.argument("status") or body.get("status") or "").casefold()
    rows = filters.keep(
        call.contents.campaigns.all(),
        [
            filters.search(call.request, "name"),
            (lambda row: row["status"].casefold() == status) if status else None,
            *filters.tagged(call.request),
        ],
    )
    return call.page([shown(call.workspace, row) for row in rows])


@route("GET", "/campaigns/sending-schedules")
def sending_schedules(call: Call) -> Reply:
    """Tell how many mails each campaign has due on a day."""
    day = _day(call)
    return call.page([_due(call, row, day) for row in call.contents.campaigns.all()])


@route("GET", "/campaigns/{campaign_id}/sending-schedule")
def sending_schedule(call: Call, campaign_id: str) -> Reply:
    return Reply(200, {"data": _due(call, call.row("campaigns", campaign_id), _day(call))})


def _day(call: Call) -> date:
    word = call.request.argument("day") or str(call.body().get("day", ""))
    if word not in _LATER:
        raise refusals.invalid(day="The selected day is invalid.")
    return call.now.date() + timedelta(days=_LATER[word])


def _due(call: Call, campaign: Row, day: date) -> dict[str, Any]:
    """Tell what a campaign has left to send on a day; its status is a number, as nowhere else."""
    made = call.workspace.campaign_day(campaign, day)
    left = made.scheduled - made.sent if campaign["status"] == "Active" else 0
    return {
        "emails_being_sent": left,
        "campaign_id": campaign["id"],
        "campaign": campaign | {"status": 2},
    }


@route("GET", "/campaigns/{campaign_id}")
def details(call: Call, campaign_id: str) -> Reply:
    return Reply(200, {"data": shown(call.workspace, call.row("campaigns", campaign_id))})


@route("GET", "/campaigns/{campaign_id}/replies")
def replies(call: Call, campaign_id: str) -> Reply:
    campaign = call.row("campaigns", campaign_id)
    own = [row for row in call.contents.replies.all() if row["campaign_id"] == campaign["id"]]
    return call.page(filters.keep(reversed(own), filters.of_reply(call.request)))


@route("GET", "/campaigns/{campaign_id}/leads")
def leads(call: Call, campaign_id: str) -> Reply:
    campaign = call.row("campaigns", campaign_id)
    own = [row for row in call.contents.leads.all() if campaign["id"] in _campaigns(row)]
    return call.page(filters.keep(own, filters.of_lead(call.request)))


@route("GET", "/campaigns/{campaign_id}/sender-emails")
def sender_emails(call: Call, campaign_id: str) -> Reply:
    call.row("campaigns", campaign_id)
    return call.page(call.contents.accounts.all())


@route("GET", "/campaigns/{campaign_id}/schedule")
def schedule(call: Call, campaign_id: str) -> Reply:
    """Tell on which days of the week a campaign sends."""
    campaign = call.row("campaigns", campaign_id)
    days = {name: place < 5 for place, name in enumerate(_WEEKDAYS)}
    hours = {"start_time": "08:00", "end_time": "17:00", "timezone": "America/New_York"}
    made = {name: campaign[name] for name in ("created_at", "updated_at")}
    return Reply(
        200, {"data": {"id": campaign["id"], "type": "Generated", **days, **hours, **made}}
    )


@route("GET", "/campaigns/v1.1/{campaign_id}/sequence-steps")
def sequence_steps(call: Call, campaign_id: str) -> Reply:
    """List the mails of a campaign; figures come as texts, as they do,
    and one mail has a variant.
    """
    campaign = call.row("campaigns", campaign_id)
    steps = [
        {
            "id": campaign["id"] * 10 + place, "email_subject": f"Step {place}",
            "order": str(place), "email_body": f"Step {place} body", "wait_in_days": str(wait),
            "variant": False, "variant_from_step_id": None, "attachments": [],
            "thread_reply": place > 1,
        }
        for place, wait in enumerate(mail.waits_of(campaign), 1)
    ]  # fmt: skip
    steps.append(
        steps[0]
        | {"id": campaign["id"] * 10 + 9, "variant": True, "variant_from_step_id": steps[0]["id"]}
    )
    return Reply(200, {"data": {"sequence_id": campaign["id"], "sequence_steps": steps}})
