"""What was walked, held against what came in and what is in Koppel."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from django.utils import timezone

from bison.ledger import walking
from bison.models import Reply, Workspace
from bison.session import Session
from bison.syncs import replies
from bison.syncs.replies import Incoming
from bison.webhooks import events, receiving
from core.inbox import arrived
from core.words import moments

KEPT: Final = events.REPLIES - {"email_bounced"}
# A delivery that is younger may still be on its way: it is fetched, and not yet called lost.
SETTLED: Final = timedelta(minutes=10)
_AT_ONCE: Final = 2000


@dataclass(slots=True)
class Walk:
    """A workspace's days as the vendor has them. Names are the vendor's numbers of replies."""

    first: date
    last: date
    began_at: datetime
    # What makes each event the same one, and its day.
    events: dict[str, date] = field(default_factory=dict)
    interested: dict[str, datetime] = field(default_factory=dict)
    # Replies that are not in Koppel, or not as interested ones.
    missing: dict[str, Incoming] = field(default_factory=dict)
    calls_itself: set[str] = field(default_factory=set)


def walk(at: Session, workspace: Workspace, *, first: date, last: date) -> Walk:
    """Walk the vendor's log and its interested replies, back to the first day."""
    found = Walk(first, last, timezone.now())
    wanted = wanted_kinds(workspace)
    for rows in walking.event_log(at, first):
        heard: list[Incoming] = []
        for row in rows.items:
            kind = events.type_of(row)
            moment = moments.read(row.get("created_at"))
            if kind in wanted and moment is not None:
                found.events[events.identity(row)] = moment.date()
            if kind in KEPT:
                heard += _reply(
                    events.part(row, "data"), rows.asked_at, interested=kind == "lead_interested"
                )
            found.calls_itself.add(
                receiving.place_of(events.part(row, "event").get("instance_url"))
            )
        _note_missing(workspace, found, heard)
    for rows in walking.interested(at, first):
        listed = [
            reply for row in rows.items for reply in _reply(row, rows.asked_at, interested=True)
        ]
        found.interested |= {reply.vendor_id: reply.received_at for reply in listed}
        _note_missing(workspace, found, listed)
    _believe_the_list(found)
    return found


def wanted_kinds(workspace: Workspace) -> frozenset[str]:
    """Return the kinds of events that a workspace's webhook asks for, or would."""
    return frozenset(workspace.bison_webhook_events or events.USUAL)


def came_in(workspace: Workspace, found: Walk) -> set[str]:
    """Return those of the events of which a delivery has come in."""
    return _arrived(workspace, list(found.events))


def undelivered(workspace: Workspace, found: Walk) -> set[str]:
    """Return the interested replies that our webhook should have brought by now, and did not."""
    kinds = wanted_kinds(workspace) & KEPT
    if not workspace.bison_webhook_enabled or not kinds:
        return set()
    since, until = workspace.webhook_since, found.began_at - SETTLED
    due = [name for name, moment in found.interested.items() if moment < until]
    if since is not None:
        due = [name for name in due if found.interested[name] >= since]
    number = workspace.bison_workspace_id
    identities = {f"{number}:{kind}:reply:{name}": name for name in due for kind in kinds}
    brought = {identities[identity] for identity in _arrived(workspace, list(identities))}
    return set(due) - brought


def _reply(payload: object, now: datetime, *, interested: bool) -> list[Incoming]:
    incoming = replies.read(payload, now, interested=interested)
    return [] if incoming is None else [incoming]


def _note_missing(workspace: Workspace, found: Walk, heard: Iterable[Incoming]) -> None:
    """Keep of these what is not in Koppel; what an event told of a reply is more than
    what the list does.
    """
    by_name = {each.vendor_id: each for each in heard}
    rows = Reply.objects.filter(workspace=workspace, vendor_id__in=list(by_name))
    known = dict(rows.values_list("vendor_id", "is_interested"))
    for name, incoming in by_name.items():
        earlier = found.missing.get(name)
        if earlier is not None:
            found.missing[name] = replace(
                earlier, is_interested=earlier.is_interested or incoming.is_interested
            )
            continue
        says_more = incoming.is_interested and not known.get(name)
        if name not in known or says_more:
            found.missing[name] = incoming


def _believe_the_list(found: Walk) -> None:
    """Let a reply of the walked days be interested where the list says so now,
    whatever an event said then.
    """
    for name, incoming in found.missing.items():
        if incoming.received_at.date() >= found.first:
            found.missing[name] = replace(incoming, is_interested=name in found.interested)


def _arrived(workspace: Workspace, identities: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(identities), _AT_ONCE):
        part = identities[start : start + _AT_ONCE]
        found |= arrived(receiving.SOURCE_NAME, str(workspace.pk), part)
    return found
