"""Counts of a day and of a period, of a campaign or of the workspace."""

from sandbox.vendors.email_bison import counts, filters, refusals
from sandbox.vendors.email_bison.answers.accounts import period, read_days
from sandbox.vendors.email_bison.routes import Call, route
from sandbox.vendors.frame import Reply


@route("POST", "/campaigns/{campaign_id}/stats")
def campaign_summary(call: Call, campaign_id: str) -> Reply:
    campaign = call.row("campaigns", campaign_id)
    body = call.body()
    refusals.required(body, "start_date", "end_date")
    days = read_days({name: str(body[name]) for name in ("start_date", "end_date")})
    found = counts.total(call.workspace, [campaign], *days)
    step = {
        "sequence_step_id": campaign["id"] * 10, "email_subject": campaign["name"],
        "sent": found["sent"], "leads_contacted": found["sent"] // 2,
        "unique_opens": found["unique_opens"], "unique_replies": found["replied"],
        "unsubscribed": found["unsubscribed"], "bounced": found["bounced"],
        "interested": found["interested"],
    }  # fmt: skip
    return Reply(200, {"data": counts.summary(found) | {"sequence_step_stats": [step]}})


@route("GET", "/campaigns/{campaign_id}/line-area-chart-stats")
def campaign_chart(call: Call, campaign_id: str) -> Reply:
    campaign = call.row("campaigns", campaign_id)
    return Reply(
        200, {"data": counts.chart(counts.by_day(call.workspace, [campaign], *period(call)))}
    )


@route("GET", "/campaign-events/stats")
def events(call: Call) -> Reply:
    """Count by day; campaigns can be chosen, sender e-mails are passed over."""
    wanted = filters.numbers(call.request, "campaign_ids")
    chosen = [row for row in call.contents.campaigns.all() if not wanted or row["id"] in wanted]
    return Reply(200, {"data": counts.chart(counts.by_day(call.workspace, chosen, *period(call)))})


@route("GET", "/workspaces/v1.1/stats")
def workspace_summary(call: Call) -> Reply:
    found = counts.total(call.workspace, call.contents.campaigns.all(), *period(call))
    return Reply(200, {"data": counts.summary(found)})


@route("GET", "/workspaces/v1.1/line-area-chart-stats")
def workspace_chart(call: Call) -> Reply:
    days = counts.by_day(call.workspace, call.contents.campaigns.all(), *period(call))
    return Reply(200, {"data": counts.chart(days)})
