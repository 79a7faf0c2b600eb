"""What calls have to tell of a lead: for their timeline, and for the brief before the next one."""

import re
from typing import Final

from django.db.models import Q, QuerySet

from calls.access import calls_for
from calls.models import Call, CallAction
from core.models import User
from crm import brief, timeline
from crm.models import Lead
from crm.timeline import Entry

# A line of a summary; all of it in the brief.
LINE: Final = 200
SUMMARY: Final = 1500
SIGNS: Final = re.compile(r"\]\(\S*|\S*://\S*|[*_#`\[]+")
SHOWN: Final = (
    "title",
    "status",
    "source",
    "outcome",
    "summary",
    "happened_at",
    "duration_seconds",
    "rep__name",
)


def calls(user: User, lead: Lead, older: Q, size: int) -> list[Entry]:
    """Tell of the calls with a lead that were held or are; a meeting stands for the one to come."""
    rows = _calls(user, lead).filter(older).order_by("-happened_at", "-pk")[:size]
    return [_entry(row, line(row.summary)) for row in rows]


def last_call(user: User, lead: Lead) -> Entry | None:
    """Return the last call with a lead, with what of it is still to be done."""
    over = _calls(user, lead).filter(status=Call.Status.COMPLETED)
    row = over.order_by("-happened_at", "-pk").first()
    if row is None:
        return None
    # As people left them: a tick of theirs counts, and so does what they added.
    items = CallAction.objects.filter(call=row, is_done=False).values_list("text", flat=True)
    return _entry(row, plain(row.summary)[:SUMMARY], tuple(items))


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
    rows = (
        calls_for(user, lead.organization_id)
        .filter(lead_id=lead.pk)
        .exclude(status=Call.Status.PENDING)
    )
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
