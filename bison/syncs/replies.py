"""Replies into rows: once for each, whether a webhook told of it, a sync listed it,
or the ledger found it missing.

A webhook may come a day late: what it says is added to what is known, and takes nothing back.
A list is what the vendor says now, so what it says stands, unless something newer is known already.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import orjson
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.utils import timezone
from django.utils.html import strip_tags

from bison.models import Reply, Workspace
from bison.syncs import leads, reading
from core.bulk import Upsert
from core.words import moments
from crm.privacy import returning

Source = Reply.Source
SENT: Final = "sent"
# What is kept of a reply of somebody who was erased: a number.
_EMPTY: Final[dict[str, Any]] = {
    "vendor_lead_id": "",
    "from_email": "",
    "from_name": "",
    "subject": "",
    "text": "",
    "company": "",
    "raw": {},
}
NO_ID: Final = "no_id"


@dataclass(frozen=True, slots=True)
class Incoming:
    """What is known of a reply, whichever way it came. `company` is not
    the reply's, but its lead's.
    """

    vendor_id: str
    vendor_lead_id: str
    vendor_campaign_id: str
    from_email: str
    from_name: str
    subject: str
    text: str
    is_interested: bool
    is_automated: bool
    received_at: datetime
    company: str = ""
    raw: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of some replies: by outcome, and which of their numbers have a row now."""

    outcomes: Counter[str] = field(default_factory=Counter)
    numbers: frozenset[str] = frozenset()


def read(payload: Any, now: datetime, *, interested: bool = False) -> Incoming | None:
    """Return what a reply says, as the API lists it or as a webhook's `data` tells it;
    None for what is no reply.

    `interested`: the event itself says so.
    """
    whole = reading.mapping(payload)
    lead = reading.mapping(whole.get("lead"))
    campaign = reading.mapping(whole.get("campaign"))
    reply = reading.mapping(whole.get("reply")) or whole
    number = reading.name_of(reply.get("id"))
    if not number or _is_sent_by_us(reply):
        return None
    words = reading.text(reply.get("text_body")) or _words_of(reading.text(reply.get("html_body")))
    person = f"{reading.text(lead.get('first_name'))} {reading.text(lead.get('last_name'))}".strip()
    return Incoming(
        vendor_id=number,
        vendor_lead_id=reading.name_of(reply.get("lead_id")) or reading.name_of(lead.get("id")),
        vendor_campaign_id=reading.name_of(reply.get("campaign_id"))
        or reading.name_of(campaign.get("id")),
        from_email=(
            reading.text(reply.get("from_email_address")) or reading.text(lead.get("email"))
        )[:320],
        from_name=(reading.text(reply.get("from_name")) or person)[:300],
        subject=(reading.text(reply.get("subject")) or reading.text(reply.get("email_subject")))[
            :1000
        ],
        text=words,
        is_interested=interested or reading.flag(reply.get("interested")),
        is_automated=reading.flag(reply.get("automated_reply")),
        received_at=moment_of(reply) or now,
        company=reading.text(lead.get("company"), 200),
        raw=dict(whole),
    )


def moment_of(reply: Mapping[str, Any]) -> datetime | None:
    """Return when a reply came; None where the vendor says neither that nor when it stored it."""
    return moments.read(reply.get("date_received")) or moments.read(reply.get("created_at"))


def _words_of(page: str) -> str:
    """Return what a web page says; as it came where it is none: anybody may write one."""
    try:
        return strip_tags(page)
    except SuspiciousOperation:
        return page


def _is_sent_by_us(reply: Mapping[str, Any]) -> bool:
    return reading.text(reply.get("folder")).casefold() == SENT


def store_reply(
    workspace: Workspace,
    payload: Any,
    *,
    source: Source | str,
    interested: bool = False,
    as_of: datetime | None = None,
) -> Stored:
    """Keep one reply, and give an interested one its lead; the same again changes nothing.

    `payload` is a reply of the API's list, or the `data` of a webhook.
    `interested`: the event says so.
    """
    now = timezone.now()
    incoming = read(payload, now, interested=interested)
    if incoming is None:
        return Stored(Counter({f"left_out_{NO_ID}": 1}))
    return store(workspace, [incoming], source=source, as_of=as_of or now)


def store(
    workspace: Workspace, incoming: Sequence[Incoming], *, source: Source | str, as_of: datetime
) -> Stored:
    """Keep these replies, and give the interested ones their leads, in one transaction.

    `as_of`: when the vendor said so.
    """
    by_number = {each.vendor_id: each for each in incoming}
    if not by_number:
        return Stored()
    write = _FROM_LIST
    if source == Source.WEBHOOK:
        write = _FROM_WEBHOOK
    with transaction.atomic():
        by_number, gone = _without_erased(workspace, by_number)
        rows = [_row(each, workspace, source) for each in by_number.values()]
        written = write.run(rows, as_of=as_of)
        new = sum(1 for _id, is_new in written if is_new)
        outcomes = Counter({"replies_new": new, "replies_known": len(written) - new})
        outcomes[f"left_out_{leads.ERASED}"] += len(gone)
        outcomes.update(
            _give_leads(
                workspace, {name: each for name, each in by_number.items() if name not in gone}
            )
        )
    return Stored(+outcomes, frozenset(by_number))


def _without_erased(
    workspace: Workspace, by_number: Mapping[str, Incoming]
) -> tuple[dict[str, Incoming], frozenset[str]]:
    """Empty the replies that name somebody who was erased; return all, and the numbers of those."""
    if not returning.begin():
        return dict(by_number), frozenset()
    found = {}
    for number, each in by_number.items():
        text = orjson.dumps([each.from_email, each.text, each.raw], default=str).decode()
        found[number] = each
        if returning.mentioned(workspace.organization_id, text):
            found[number] = replace(each, **_EMPTY)
    return found, frozenset(
        number for number, each in found.items() if each is not by_number[number]
    )


def _give_leads(workspace: Workspace, by_number: Mapping[str, Incoming]) -> Counter[str]:
    """Give each interested reply that has none its lead, and count what became of them."""
    waiting = list(
        Reply.objects.select_for_update()
        .filter(workspace=workspace, vendor_id__in=list(by_number), is_interested=True, lead=None)
        .order_by("vendor_id")
    )
    # It had a lead, and somebody deleted that.
    gone = [
        reply for reply in waiting if reply.no_lead_reason in {"", leads.DELETED} and reply.had_lead
    ]
    for reply in gone:
        reply.no_lead_reason = leads.DELETED
    wanted = [reply for reply in waiting if reply not in gone]
    companies = {number: each.company for number, each in by_number.items()}
    given = leads.give(workspace, wanted, companies)
    for reply in wanted:
        reply.had_lead = reply.lead is not None
    Reply.objects.bulk_update(waiting, ["lead", "no_lead_reason", "had_lead"])
    found = Counter(
        {"leads_new": given.new, "leads_known": given.known, "left_out_deleted": len(gone)}
    )
    found.update(f"left_out_{reason}" for reason in given.left_out)
    return found


def _row(incoming: Incoming, workspace: Workspace, source: Source | str) -> dict[str, Any]:
    row = asdict(replace(incoming, raw=None))
    del row["company"]
    return {**row, "raw": incoming.raw, "workspace_id": str(workspace.pk), "source": str(source)}


_COLUMNS: Final = {
    "workspace_id": "uuid",
    "vendor_id": "text",
    "vendor_lead_id": "text",
    "vendor_campaign_id": "text",
    "from_email": "text",
    "from_name": "text",
    "subject": "text",
    "text": "text",
    "is_interested": "boolean",
    "is_automated": "boolean",
    "received_at": "timestamptz",
    "source": "text",
    "raw": "jsonb",
}
_STAYS: Final = {"workspace_id", "vendor_id", "source", "received_at"}
_NEWER: Final = {
    name: (
        f"CASE WHEN EXCLUDED.seen_at >= stored.seen_at THEN EXCLUDED.{name} ELSE stored.{name} END"
    )
    for name in _COLUMNS
    if name not in _STAYS
}
_SEEN: Final = {"seen_at": "GREATEST(stored.seen_at, EXCLUDED.seen_at)"}
_FROM_LIST: Final = Upsert(
    "bison_replies",
    _COLUMNS,
    made={
        "id": "gen_random_uuid()",
        "no_lead_reason": "''",
        "had_lead": "false",
        "first_seen_at": "now()",
        "seen_at": "%(as_of)s",
    },
    unique=("workspace_id", "vendor_id"),
    changes={**_NEWER, **_SEEN},
    order=("vendor_id",),
    returning=("id", "xmax = 0"),
)
_FROM_WEBHOOK: Final = replace(
    _FROM_LIST,
    changes={"is_interested": "stored.is_interested OR EXCLUDED.is_interested", **_SEEN},
)
