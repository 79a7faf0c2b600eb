"""Leads of the workspace, and those who leave."""

from typing import Final

from sandbox.vendors.email_bison import filters, happenings, refusals
from sandbox.vendors.email_bison.answers.lists import blacklist
from sandbox.vendors.email_bison.routes import Call, route
from sandbox.vendors.email_bison.times import stamp
from sandbox.vendors.frame import Reply

STATUSES: Final = {"verified", "unverified", "unknown", "risky", "inactive"}


@route("GET", "/leads")
def listed(call: Call) -> Reply:
    return call.page(filters.keep(call.contents.leads.all(), filters.of_lead(call.request)))


@route("GET", "/leads/{lead_id}")
def details(call: Call, lead_id: str) -> Reply:
    return Reply(200, {"data": call.row("leads", lead_id)})


@route("GET", "/leads/{lead_id}/replies")
def replies(call: Call, lead_id: str) -> Reply:
    lead = call.row("leads", lead_id)
    own = [row for row in call.contents.replies.all() if row["lead_id"] == lead["id"]]
    return call.page(filters.keep(reversed(own), filters.of_reply(call.request)))


@route("PATCH", "/leads/{lead_id}/unsubscribe")
def unsubscribe(call: Call, lead_id: str) -> Reply:
    """Let a lead leave. The list of blacklisted addresses is not told of it."""
    lead = call.row("leads", lead_id)
    return Reply(200, {"data": happenings.unsubscribe(call.instance, call.workspace, lead)})


@route("PATCH", "/leads/{lead_id}/update-status")
def update_status(call: Call, lead_id: str) -> Reply:
    """Give a lead another status; one that had left is written to again."""
    lead, body = call.row("leads", lead_id), call.body()
    refusals.required(body, "status")
    if body["status"] not in STATUSES:
        raise refusals.invalid(status="The selected status is invalid.")
    lead |= {"status": body["status"], "updated_at": stamp(call.now)}
    return Reply(200, {"data": lead})


@route("POST", "/leads/{lead_id}/blacklist")
def add_to_blacklist(call: Call, lead_id: str) -> Reply:
    """Blacklist a lead's address. The lead's own status stays as it was."""
    address = call.row("leads", lead_id)["email"]
    if any(row["email"] == address for row in call.contents.emails.all()):
        raise refusals.wrapped(400, "Lead is already blacklisted")
    return Reply(200, {"data": blacklist(call, "emails", address)})
