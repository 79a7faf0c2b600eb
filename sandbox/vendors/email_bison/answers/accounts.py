"""Sender e-mails of the workspace that the token acts in now, and their warm-up."""

from datetime import date, timedelta
from typing import Final

from sandbox.vendors.email_bison import accounts, filters, pages, refusals
from sandbox.vendors.email_bison.answers.campaigns import shown
from sandbox.vendors.email_bison.routes import Call, route
from sandbox.vendors.frame import Reply

_LONGEST: Final = timedelta(days=3660)


@route("GET", "/sender-emails")
def listed(call: Call) -> Reply:
    _disturb(call)
    return call.page(filters.keep(call.contents.accounts.all(), filters.of_account(call.request)))


def _disturb(call: Call) -> None:
    """Let accounts go, or move to another workspace, before each later page."""
    if pages.number_of(call.request) < 2:
        return
    table = call.contents.accounts
    for row in table.all()[: int(call.switched["accounts_shrink"])]:
        table.remove(row["id"])
    move(call, int(call.switched["accounts_move"]))


def move(call: Call, count: int) -> None:
    others = [each for each in call.instance.all().values() if each.id != call.workspace.id]
    target = min(others, key=lambda each: (each.id - call.workspace.id) % 1000).contents.accounts
    table = call.contents.accounts
    for row in table.all()[:count]:
        table.remove(row["id"])
        target.add(row)


@route("GET", "/sender-emails/{number}")
def details(call: Call, number: str) -> Reply:
    return Reply(200, {"data": call.row("accounts", number)})


@route("DELETE", "/sender-emails/{number}")
def delete(call: Call, number: str) -> Reply:
    """Queue the deletion; while it is queued the answer has nothing in it."""
    row = call.row("accounts", number)
    call.contents.accounts.remove(row["id"], call.queued())
    if call.queued():
        return Reply(200, {"data": []})
    return Reply(200, {"data": {"success": True, "message": "Email account successfully deleted"}})


@route("GET", "/sender-emails/{number}/campaigns")
def campaigns(call: Call, number: str) -> Reply:
    call.row("accounts", number)
    return call.page([shown(call.workspace, row) for row in call.contents.campaigns.all()])


@route("GET", "/sender-emails/{number}/replies")
def replies(call: Call, number: str) -> Reply:
    row = call.row("accounts", number)
    own = [each for each in call.contents.replies.all() if each["sender_email_id"] == row["id"]]
    return call.page(filters.keep(reversed(own), filters.of_reply(call.request)))


@route("GET", "/warmup/sender-emails")
def warmup(call: Call) -> Reply:
    first, last = period(call)
    wished = filters.keep(
        call.contents.accounts.all(),
        [filters.search(call.request, "name", "email"), *filters.tagged(call.request)],
    )
    return call.page([accounts.warmup(row, first, last) for row in wished])


@route("GET", "/warmup/sender-emails/{number}")
def warmup_of(call: Call, number: str) -> Reply:
    return Reply(200, {"data": accounts.warmup(call.row("accounts", number), *period(call))})


def period(call: Call) -> tuple[date, date]:
    """Read the days of a query; Stop with 422 where they are none."""
    texts = {name: call.request.argument(name) for name in ("start_date", "end_date")}
    refusals.required(texts, "start_date", "end_date")
    return read_days(texts)


def read_days(texts: dict[str, str]) -> tuple[date, date]:
    try:
        first, last = date.fromisoformat(texts["start_date"]), date.fromisoformat(texts["end_date"])
    except ValueError as error:
        raise refusals.invalid(
            start_date="The start date field must match the format Y-m-d."
        ) from error
    if last - first > _LONGEST:
        raise refusals.invalid(end_date="The period is too long.")
    return first, last
