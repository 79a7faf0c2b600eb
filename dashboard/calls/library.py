"""The list of calls: cut to what a person may see and asks for, a page at a time, in a fixed number of queries."""

import re
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.safestring import SafeString

from calls import recordings, search, states, suggesting
from calls.access import calls_for
from calls.models import Call
from core.models import User
from crm import access
from crm.models import Lead
from dashboard.calls.forms import LENGTHS, CallFilter, after, first_moment
from dashboard.paging import Page, newest_by

CALLS_A_PAGE, RECENT_CALLS = 50, 5
# A list of reps to choose from stays one that can be read.
MOST_REPS: Final = 500
# The outcomes to choose from are those of so many newest calls: all of them would be read for the same few words.
OUTCOMES_OF: Final = 1000
# What was found is counted so far: nobody reads on to the thousandth call.
COUNTED_TO: Final = 1000
# Of one call, so many places are shown under its title.
PLACES_SHOWN: Final = 2
MARKDOWN: Final = re.compile(r"\]\(\S*|\S*://\S*|[*_#`\[]+")


@dataclass(frozen=True)
class Row:
    """One call in a list, with where the words were found in it."""

    call: Call
    title: SafeString | None = None
    places: tuple[SafeString, ...] = ()


def library(user: User, scope: UUID | None, query: QueryDict) -> dict[str, Any]:
    """One page of the calls that this person may see."""
    calls = calls_for(user, scope)
    reps = list(access.reps_for(user, scope).order_by("name", "pk").values_list("pk", "name")[:MOST_REPS])
    form = CallFilter(query, reps, _outcomes(calls, query.get("outcome", "")))
    if len(reps) < 2 and not query.get("rep"):
        del form.fields["rep"]
    chosen = form.chosen()
    words = chosen.pop("search", "")
    among = filtered(calls, user, scope, chosen)
    found = search.matching(among, words)
    page = listed(found, query)
    return {
        "filters": form,
        "page": page,
        "rows": rows(page, words),
        "words": words,
        "filtered": bool(chosen or words),
        **(_looked_for(found, among, scope, query, words) if words else {}),
    }


def _looked_for(
    found: QuerySet[Call], among: QuerySet[Call], scope: UUID | None, query: QueryDict, words: str
) -> dict[str, Any]:
    """How many were found; and of none the words that may have been meant, with the address that looks for those."""
    number = found[: COUNTED_TO + 1].count()
    meant = "" if number else suggesting.suggestion(among, words, scope)
    again = query.copy()
    again["search"] = meant
    return {
        "found": min(number, COUNTED_TO),
        "found_more": number > COUNTED_TO,
        "meant": meant,
        "meant_query": again.urlencode(),
    }


def listed(calls: QuerySet[Call], query: QueryDict) -> Page[Call]:
    """One page of these calls, newest first, with all that a row shows and none of the long texts."""
    together = calls.select_related("rep", "lead", "organization").prefetch_related(recordings.with_recordings())
    narrow = together.defer("data", "summary", "action_items")
    before, newer = query.get("before", ""), query.get("after", "")
    return newest_by("happened_at", narrow, before=before, after=newer, size=CALLS_A_PAGE)


def recent(user: User, scope: UUID | None) -> list[Row]:
    """The newest few that have begun, for the overview."""
    calls = calls_for(user, scope).exclude(status=Call.Status.PENDING).select_related("rep", "lead", "organization")
    newest = calls.prefetch_related(recordings.with_recordings()).defer("data", "summary", "action_items")
    return [Row(call) for call in newest.order_by("-happened_at", "-pk")[:RECENT_CALLS]]


def rows(page: Page[Call], words: str = "") -> list[Row]:
    """The page's calls, with the places of the words for those alone."""
    found = search.places([call.pk for call in page.items], words)
    return [_row(call, found.get(call.pk, [])) for call in page.items]


def _row(call: Call, places: list[search.Place]) -> Row:
    titles = [search.marked(place) for place in places if place["field"] == "title"]
    others = [search.marked(_plain(place)) for place in places if place["field"] != "title"]
    return Row(call, titles[0] if titles else None, tuple(others[:PLACES_SHOWN]))


def _plain(place: search.Place) -> search.Place:
    """A stretch of a summary without the signs of its Markdown, and without the addresses behind its links."""
    if place["field"] != "summary":
        return place
    parts: list[search.Part] = [{"text": MARKDOWN.sub("", part["text"]), "hit": part["hit"]} for part in place["parts"]]
    return {"field": place["field"], "parts": parts}


def filtered(calls: QuerySet[Call], user: User, scope: UUID | None, chosen: dict[str, Any]) -> QuerySet[Call]:
    """Those for which all of what was chosen is true, whatever their words."""
    asked = [condition(chosen[name]) for name, condition in _CONDITIONS.items() if name in chosen]
    calls = calls.filter(*asked)
    if "lead" in chosen:
        leads = Lead.objects.filter(name__icontains=chosen["lead"])
        calls = calls.filter(lead_id__in=(leads if scope is None else leads.filter(organization_id=scope)).values("pk"))
    return calls


def _length(name: str) -> Q:
    least, below = LENGTHS[name]
    return Q(duration_seconds__gte=least) & (Q() if below is None else Q(duration_seconds__lt=below))


_CONDITIONS: Final[dict[str, Any]] = {
    "rep": lambda key: Q(rep_id=key),
    "source": lambda source: Q(source=source),
    "state": lambda name: states.in_state(name, timezone.now()),
    "outcome": lambda outcome: Q(outcome=outcome),
    "length": _length,
    "since": lambda day: Q(happened_at__gte=first_moment(day)),
    "until": lambda day: Q(happened_at__lt=after(day)),
}


def _outcomes(calls: QuerySet[Call], asked: str) -> list[str]:
    newest = calls.order_by("-happened_at", "-pk").values_list("outcome", flat=True)[:OUTCOMES_OF]
    # What an address asks for is among them, however long ago that was.
    return sorted({*newest, asked[:100]} - {""}, key=str.casefold)
