"""The pipeline: a workspace's campaigns, and the replies to them,
of which the interested become leads.

Without a span the interested replies alone are asked for, which are few. A filter may be passed
over without a word: so whether a reply is interested is read in the reply itself, and what else is
listed is kept too.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison import lists
from bison.models import Campaign, Reply, Workspace
from bison.session import Session
from bison.syncs import reading, replies
from bison.syncs.parts import Found, Span
from core import locks
from core.bulk import Upsert
from core.words.sayings import Saying

TRIES: Final = 3
CHANGED: Final = _(
    "The list of campaigns or replies changed while it was read, %(times)d times. Try again later."
)
INTERESTED: Final = {"status": "interested"}
OUTSIDE: Final = "outside_span"
SENT: Final = "sent_by_us"


def sync(at: Session, span: Span) -> Found:
    """Store the campaigns and the replies of the session's workspace."""
    campaigns = _campaigns(at)
    answered = _replies(at, span)
    outcomes = Counter(campaigns.outcomes)
    outcomes.update(answered.outcomes)
    at_vendor = None
    if campaigns.at_vendor is not None and answered.at_vendor is not None:
        at_vendor = campaigns.at_vendor + answered.at_vendor
    in_koppel = campaigns.in_koppel + answered.in_koppel
    return Found(
        at_vendor, in_koppel, answered.left_out, outcomes, campaigns.reason or answered.reason
    )


def _campaigns(at: Session) -> Found:
    for _try in range(TRIES):
        began = timezone.now()
        piece = lists.everything(at, "/campaigns")
        listed = {
            number: item for item in piece.items if (number := reading.number_of(item)) is not None
        }
        is_whole = piece.is_steady and piece.total == len(listed)
        if is_whole:
            break
    outcomes = _store_campaigns(at.workspace, listed, began, is_whole=is_whole)
    in_koppel = Campaign.objects.filter(workspace=at.workspace, gone_at=None).count()
    return Found(piece.total, in_koppel, outcomes=outcomes, reason=_changed(is_whole=is_whole))


def _changed(*, is_whole: bool) -> Saying | None:
    if is_whole:
        return None
    return Saying(CHANGED, {"times": TRIES})


def _store_campaigns(
    workspace: Workspace,
    listed: Mapping[int, Mapping[str, Any]],
    began: datetime,
    *,
    is_whole: bool,
) -> dict[str, int]:
    rows = [
        {
            "workspace_id": str(workspace.pk),
            "vendor_id": str(number),
            "name": reading.text(item.get("name"), 500),
            "status": reading.text(item.get("status"), 60).casefold()[:60],
            "raw": item,
        }
        for number, item in listed.items()
    ]
    with transaction.atomic():
        locks.hold("bison.campaigns", workspace.pk)
        _WRITE.run(rows, as_of=began)
        gone = 0
        if is_whole:
            unlisted = Campaign.objects.filter(workspace=workspace, gone_at=None, seen_at__lt=began)
            gone = unlisted.update(gone_at=began)
    return {"campaigns": len(rows), "campaigns_gone": gone}


def _replies(at: Session, span: Span) -> Found:
    """Store replies piece by piece: there can be many, and each piece is confirmed."""
    params: dict[str, str] = {}
    if span == Span():
        params = INTERESTED
    outcomes: Counter[str] = Counter()
    for _try in range(TRIES):
        walk = _Walk(at, span)
        is_whole = walk.whole(params)
        outcomes.update(walk.outcomes)
        if is_whole:
            break
    in_koppel = Reply.objects.filter(workspace=at.workspace, vendor_id__in=list(walk.kept)).count()
    left_out = {OUTSIDE: len(walk.outside), SENT: len(walk.sent)}
    found = {reason: count for reason, count in left_out.items() if count}
    return Found(walk.total, in_koppel, found, +outcomes, _changed(is_whole=is_whole))


class _Walk:
    """One reading of the list of replies: which numbers were listed, and what became of them."""

    def __init__(self, at: Session, span: Span) -> None:
        self.at, self.span = at, span
        self.kept: set[str] = set()
        self.outside: set[str] = set()
        self.sent: set[str] = set()
        self.outcomes: Counter[str] = Counter()
        self.total: int | None = None

    def whole(self, params: Mapping[str, str]) -> bool:
        """Walk it; tell whether all of it was seen."""
        totals = set()
        is_steady = True
        asked_at = timezone.now()
        for piece in lists.pieces(self.at, "/replies", params):
            self._store(piece.items, asked_at)
            asked_at = timezone.now()
            self.total = piece.total
            totals.add(piece.total)
            is_steady = is_steady and piece.is_steady
        if not is_steady or len(totals) != 1:
            return False
        return len(self.kept | self.outside | self.sent) == self.total

    def _store(self, items: Any, asked_at: datetime) -> None:
        incoming = []
        for item in items:
            reply = replies.read(item, asked_at)
            number = reading.number_of(item)
            if reply is None and number is not None:
                self.sent.add(str(number))
            elif reply is not None and self.span.has(reply.received_at.date()):
                incoming.append(reply)
            elif reply is not None:
                self.outside.add(reply.vendor_id)
        stored = replies.store(
            self.at.workspace, incoming, source=Reply.Source.SYNC, as_of=asked_at
        )
        self.kept |= stored.numbers
        self.outcomes.update(stored.outcomes)


_WRITE: Final = Upsert(
    "bison_campaigns",
    {"workspace_id": "uuid", "vendor_id": "text", "name": "text", "status": "text", "raw": "jsonb"},
    made={"id": "gen_random_uuid()", "first_seen_at": "now()", "seen_at": "%(as_of)s"},
    unique=("workspace_id", "vendor_id"),
    changes={
        "name": "EXCLUDED.name",
        "status": "EXCLUDED.status",
        "raw": "EXCLUDED.raw",
        "seen_at": "GREATEST(stored.seen_at, EXCLUDED.seen_at)",
        "gone_at": "NULL",
    },
    order=("vendor_id",),
)
