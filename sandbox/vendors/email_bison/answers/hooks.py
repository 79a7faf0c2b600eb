"""Webhooks of a workspace, the kinds of their events, samples of them, and the log."""

from typing import Any

from sandbox.vendors.email_bison import log, refusals
from sandbox.vendors.email_bison.deliveries import Delivery
from sandbox.vendors.email_bison.names import LISTED, NAMES
from sandbox.vendors.email_bison.routes import Call, route
from sandbox.vendors.email_bison.samples import sample
from sandbox.vendors.email_bison.tables import Row
from sandbox.vendors.email_bison.times import stamp
from sandbox.vendors.frame import Reply


@route("GET", "/webhook-url")
def listed(call: Call) -> Reply:
    return call.page(call.workspace.hooks.all())


@route("POST", "/webhook-url")
def create(call: Call) -> Reply:
    """Make a hook. The same address may be registered again and again."""
    wished = _wished(call)
    now = stamp(call.now)
    row = {"id": call.instance.next(), **wished, "created_at": now, "updated_at": now}
    return Reply(201, {"data": call.workspace.hooks.add(row)})


@route("GET", "/webhook-url/{number}")
def details(call: Call, number: str) -> Reply:
    return Reply(200, {"data": _hook(call, number)})


@route("PUT", "/webhook-url/{number}")
def update(call: Call, number: str) -> Reply:
    """Replace a hook: events that are not listed are switched off."""
    row = _hook(call, number)
    row |= _wished(call) | {"updated_at": stamp(call.now)}
    return Reply(200, {"data": row})


@route("DELETE", "/webhook-url/{number}")
def delete(call: Call, number: str) -> Reply:
    row = _hook(call, number)
    call.workspace.hooks.remove(row["id"], call.queued())
    message = f"{row['name']} webhook url was successfully deleted"
    return Reply(200, {"data": {"success": True, "message": message}})


def _hook(call: Call, number: str) -> Row:
    wanted = int(number) if number.isdecimal() else 0
    if (row := call.workspace.hooks.get(wanted)) is not None:
        return row
    if any(each.hooks.get(wanted) for each in call.instance.all().values()):
        raise refusals.forbidden()
    raise refusals.missing("webhook url", number)


def _wished(call: Call) -> dict[str, Any]:
    body = call.body()
    refusals.required(body, "name", "url", "events")
    if not str(body["url"]).startswith(("https://", "http://")):
        raise refusals.invalid(url="The url field must be a valid URL.")
    names = body["events"]
    if not isinstance(names, list):
        raise refusals.invalid(events="The events field must be an array.")
    wrong = {f"events.{place}": f"The selected events.{place} is invalid." for place,
             name in enumerate(names)
             if not isinstance(name, str) or name not in NAMES}  # fmt: skip
    if wrong:
        raise refusals.invalid(**wrong)
    return {"name": body["name"], "url": body["url"], "events": names}


@route("GET", "/webhook-events/event-types")
def event_types(_call: Call) -> Reply:
    return Reply(200, {"data": [{"id": kind, "name": NAMES[kind]} for kind in LISTED]})


@route("GET", "/webhook-events/sample-payload")
def sample_payload(call: Call) -> Reply:
    """Show a sample; the kind comes in the body of this GET, or in the query."""
    return Reply(200, {"data": sample(_kind(call))})


@route("POST", "/webhook-events/test-event")
def test_event(call: Call) -> Reply:
    """Send the sample to any address: it looks real, but its workspace is nobody's."""
    kind, body = _kind(call), call.body()
    refusals.required(body, "event_type", "url")
    payload = sample(kind)
    delivery = Delivery(str(body["url"]), payload)
    call.instance.deliveries.append(delivery)
    delivery.begin(call.instance.world.over, (), float(call.switched["delivery_timeout"]))
    done = {"success": True, "message": "Successfully sent test webhook", "payload": payload}
    return Reply(200, {"data": done})


def _kind(call: Call) -> str:
    kind = call.request.argument("event_type") or str(call.body().get("event_type") or "")
    refusals.required({"event_type": kind}, "event_type")
    if kind not in LISTED:
        raise refusals.invalid(event_type="The selected event type is invalid.")
    return kind


@route("GET", "/events")
def events(call: Call) -> Reply:
    rows = log.newest(call.instance, call.workspace)
    return call.by_cursor(rows)
