"""Calls as rows of a home: those that still need an outcome, those worth hearing,
and what the last was about.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Left
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from calls.models import Call
from core.quick import quickly
from dashboard.calls import library, words
from dashboard.home.needs import SHOWN, Need
from dashboard.home.weeks import HELD, LOST

# How far back a call still waits for its outcome, and how far back one is worth hearing.
WAITS: Final = timedelta(days=14)
FRESH: Final = timedelta(days=7)
LOST_SHOWN, HEARD_SHOWN = 3, 5
# A short call teaches nothing.
LONG: Final = 15 * 60
LINK: Final = re.compile(r"\[([^\]]*)\]\([^)]*\)")
READ_OF_A_SUMMARY, SHOWN_OF_A_SUMMARY = 1200, 320
ROW: Final = (
    *("organization_id", "source", "title", "status", "happened_at", "duration_seconds", "outcome"),
    *("rep__name", "lead__name"),
)


@dataclass(frozen=True)
class Heard:
    """A call that somebody should listen to, and why."""

    call: Call
    why: str | Promise

    @property
    def title(self) -> str:
        return words.title(self.call)

    @property
    def rep(self) -> str:
        if self.call.rep is None:
            return ""
        return self.call.rep.name

    @property
    def length(self) -> str:
        return words.length(self.call.duration_seconds)


@dataclass(frozen=True)
class Last:
    """The last call with a lead: what it was about, in a few lines."""

    call_id: UUID
    when: datetime
    summary: str


def without_outcome(calls: QuerySet[Call], now: datetime, *, names_rep: bool = False) -> list[Need]:
    """Return the newest calls of which nobody has said what came of them."""
    waiting = calls.filter(HELD, outcome="", happened_at__gte=now - WAITS, happened_at__lte=now)
    newest = _narrow(waiting).order_by("-happened_at", "-pk")[: SHOWN + 1]
    return [_need(call, names_rep=names_rep) for call in quickly(newest)]


def _need(call: Call, *, names_rep: bool) -> Need:
    text = _("No outcome yet")
    if names_rep and call.rep is not None:
        text = _("No outcome from %(rep)s yet") % {"rep": call.rep.name}
    address = reverse("dashboard:call", args=[call.pk])
    return Need(
        state="incomplete",
        title=words.title(call),
        text=text,
        when=call.happened_at,
        href=address,
        act=_("Set outcome"),
        act_href=address,
    )


def worth_hearing(calls: QuerySet[Call], now: datetime) -> list[Heard]:
    """Return what a week teaches: the newest that were lost, then the longest."""
    recent = _narrow(calls.filter(HELD, happened_at__gte=now - FRESH, happened_at__lte=now))
    lost = list(quickly(recent.filter(LOST).order_by("-happened_at", "-pk")[:LOST_SHOWN]))
    longest = quickly(
        recent.filter(duration_seconds__gte=LONG).order_by("-duration_seconds", "-pk")[:HEARD_SHOWN]
    )
    return _once(
        [*(Heard(call, _("Lost")) for call in lost), *(Heard(call, _("Long")) for call in longest)]
    )


def _once(rows: Iterable[Heard]) -> list[Heard]:
    by_call: dict[UUID, Heard] = {}
    for row in rows:
        by_call.setdefault(row.call.pk, row)
    return list(by_call.values())[:HEARD_SHOWN]


def last_with(calls: QuerySet[Call], lead_id: UUID) -> Last | None:
    """Return what was last talked about with a lead, in a call that this person sees."""
    found = calls.filter(HELD, lead_id=lead_id).exclude(summary="").order_by("-happened_at", "-pk")
    row = found.annotate(beginning=Left("summary", READ_OF_A_SUMMARY)).values_list(
        "pk", "happened_at", "beginning"
    )
    newest = row.first()
    if newest is None:
        return None
    key, when, beginning = newest
    return Last(key, when, excerpt(beginning))


def excerpt(summary: str) -> str:
    """Return the beginning of a summary as plain words, ended at a word."""
    lines = (
        library.MARKDOWN.sub("", LINK.sub(r"\1", line)).strip(" -\t")
        for line in summary.splitlines()
    )
    text = " ".join(" ".join(lines).split())
    if len(text) <= SHOWN_OF_A_SUMMARY:
        return text
    return f"{text[:SHOWN_OF_A_SUMMARY].rpartition(' ')[0]}…"


def _narrow(calls: QuerySet[Call]) -> QuerySet[Call]:
    return calls.select_related("rep", "lead").only(*ROW)
