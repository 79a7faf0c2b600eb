"""What calls have to tell of a lead: for their timeline, and for the brief before the next one."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.db.models import Q, QuerySet

from calls.access import calls_for
from calls.models import Call
from core.models import User
from crm import brief, timeline
from crm.models import Lead
from crm.timeline import Entry

# A line of a summary; all of it in the brief.
LINE: Final = 200
SUMMARY: Final = 1500
SIGNS: Final = re.compile(r"\]\(\S*|\S*://\S*|[*_#`\[]+")
SHOWN: Final = ("title", "status", "source", "outcome", "summary", "happened_at", "duration_seconds", "rep__name")


def calls(user: User, lead: Lead, older: Q, size: int) -> list[Entry]:
    """Tell of the calls with a lead that were held or are; a meeting stands for the one to come."""
    rows = _calls(user, lead).filter(older).order_by("-happened_at", "-pk")[:size]
    return [_entry(row, line(row.summary)) for row in rows]


def last_call(user: User, lead: Lead) -> Entry | None:
    """Return the last call with a lead, with what of it is still to be done."""
    over = _calls(user, lead).filter(status=Call.Status.COMPLETED)
    row = over.only(*SHOWN, "action_items").order_by("-happened_at", "-pk").first()
    if row is None:
        return None
    return _entry(row, plain(row.summary)[:SUMMARY], tuple(open_items(row.action_items)))


def open_items(items: Iterable[Any]) -> Iterator[str]:
    """Yield what is to be done and not ticked off, however the call's source wrote it."""
    for item in items:
        facts = item if isinstance(item, dict) else {"description": item}
        text = str(facts.get("description") or facts.get("text") or "").strip()
        if text and not facts.get("completed"):
            yield text


def line(summary: str) -> str:
    """Return the first words of a summary that say something: no heading, no sign of Markdown."""
    lines = (plain(text) for text in summary.splitlines() if not text.lstrip().startswith("#"))
    found = next((text for text in lines if text), "")
    if len(found) > LINE:
        return f"{found[: LINE - 1].rstrip()}…"
    return found


def plain(text: str) -> str:
    """Return words without the signs of Markdown, and without the addresses behind links."""
    return SIGNS.sub("", text).strip().removeprefix("- ")


def _calls(user: User, lead: Lead) -> QuerySet[Call]:
    rows = calls_for(user, lead.organization_id).filter(lead_id=lead.pk).exclude(status=Call.Status.PENDING)
    return rows.select_related("rep").only(*SHOWN)


def _entry(row: Call, text: str, items: tuple[str, ...] = ()) -> Entry:
    return Entry(
        timeline.CALL,
        row.pk,
        row.happened_at,
        row.title,
        text,
        f"call.{row.status}",
        row.outcome,
        row.source,
        row.rep.name if row.rep else "",
        row.duration_seconds,
        items,
    )


def declare() -> None:
    """Have calls told of."""
    timeline.declare(timeline.CALL, "happened_at", calls)
    brief.declare("last_call", last_call)
