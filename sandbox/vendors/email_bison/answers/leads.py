"""Leads of the workspace, and those who leave."""

from sandbox.vendors.email_bison import filters, happenings, refusals
from sandbox.vendors.email_bison.answers.lists import blacklist
from sandbox.vendors.email_bison.routes import Call, route
from sandbox.vendors.frame import Reply


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


@route("POST", "/leads/{lead_id}/blacklist")
def add_to_blacklist(call: Call, lead_id: str) -> Reply:
    """Blacklist a lead's address. The lead's own status stays as it was."""
    address = call.row("leads", lead_id)["email"]
    if any(row["email"] == address for row in call.contents.emails.all()):
        raise refusals.wrapped(400, "Lead is already blacklisted")
    return Reply(200, {"data": blacklist(call, "emails", address)})
