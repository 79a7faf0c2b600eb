"""Replies of the workspace, the newest first, and who of their leads is interested."""

from sandbox.vendors.email_bison import filters, happenings
from sandbox.vendors.email_bison.routes import Call, route
from sandbox.vendors.email_bison.times import stamp
from sandbox.vendors.frame import Reply


@route("GET", "/replies")
def listed(call: Call) -> Reply:
    rows = sorted(
        call.contents.replies.all(), key=lambda row: (row["date_received"], row["id"]), reverse=True
    )
    return call.page(filters.keep(rows, filters.of_reply(call.request)))


@route("GET", "/replies/{reply_id}")
def details(call: Call, reply_id: str) -> Reply:
    return Reply(200, {"data": call.row("replies", reply_id)})


@route("PATCH", "/replies/{reply_id}/mark-as-interested")
def interested(call: Call, reply_id: str) -> Reply:
    return _mark(call, reply_id, interested=True)


@route("PATCH", "/replies/{reply_id}/mark-as-not-interested")
def not_interested(call: Call, reply_id: str) -> Reply:
    return _mark(call, reply_id, interested=False)


def _mark(call: Call, reply_id: str, *, interested: bool) -> Reply:
    row, quiet = call.row("replies", reply_id), bool(call.body().get("skip_webhooks"))
    marked = happenings.mark(call.instance, call.workspace, row, interested=interested, quiet=quiet)
    return Reply(200, {"data": marked})


@route("PATCH", "/replies/{reply_id}/mark-as-read-or-unread")
def read(call: Call, reply_id: str) -> Reply:
    row = call.row("replies", reply_id)
    row |= {"read": bool(call.body().get("read")), "updated_at": stamp(call.now)}
    return Reply(200, {"data": row})


@route("DELETE", "/replies/{reply_id}")
def delete(call: Call, reply_id: str) -> Reply:
    row = call.row("replies", reply_id)
    call.contents.replies.remove(row["id"], call.queued())
    return Reply(200, {"data": {"success": True, "message": "Reply successfully deleted"}})
