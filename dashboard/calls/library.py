"""The list of calls: cut to what a person may see and asks for, a page at a time,
in a fixed number of queries.
"""

import re
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calls import recordings, search, states, suggesting
from calls.access import calls_for, of_team
from calls.models import Call
from core.models import User
from crm import access
from crm.models import Lead
from dashboard import counts, periods
from dashboard.calls import rep_choice, tables, team_choice
from dashboard.calls.forms import LENGTHS, CallFilter
from dashboard.calls.rows import Row
from dashboard.calls.team_choice import NONE
from dashboard.navigation import OWNERS, Shell
from dashboard.paging import Page, newest_by
from dashboard.periods import Period
from dashboard.tables import Empty, Table, ordering_of, with_query

CALLS_A_PAGE = 50
# The outcomes to choose from are those of so many newest calls:
# all of them would be read for the same few words.
OUTCOMES_OF: Final = 1000
# Of one call, so many places are shown under its title.
PLACES_SHOWN: Final = 2
# What a row shows of a call, and of what it points to.
SHOWN: Final = (
    *(
        "organization_id",
        "source",
        "title",
        "status",
        "scheduled_start",
        "scheduled_end",
        "happened_at",
    ),
    *("duration_seconds", "outcome", "url", "rep__name", "lead__name", "organization__name"),
)
NEWEST_FIRST: Final = "-when"
PAGES: Final = gettext_lazy("Pages of calls")
# The part of an address that is the period.
PERIOD: Final = ("period", "since", "until")
MARKDOWN: Final = re.compile(r"\]\(\S*|\S*://\S*|[*_#`\[]+")


def library(user: User, shell: Shell, request: HttpRequest) -> dict[str, Any]:
    """Return one page of the calls that this person may see."""
    query, scope = request.GET, shell.scope
    asked = cut(user, scope, query)
    found = search.matching(asked.among, asked.words)
    ordering = ordering_of(query.get("ordering", ""), ("when",), NEWEST_FIRST)
    page = listed(found, query, oldest_first=ordering == "when")
    shown = rows(page, asked.words)
    table = tables.calls(
        shown,
        caption=_("Calls"),
        empty=_empty(asked, page, request),
        opened_from=kept(query),
        with_organization=scope is None,
        sorts=True,
        ordering=ordering,
        page=page,
        pages=PAGES,
        count=_count(found, page, asked, everything=scope is None and shell.is_staff),
        csv=f"{reverse('dashboard:call_export')}?{query.urlencode()}"
        if may_export(user, shell)
        else "",
        has_density=True,
    )
    found_words = {"words": asked.words, "filters": asked.form, "period": asked.period}
    return {"page": page, "rows": shown, "table": table, **found_words}


def kept(query: QueryDict) -> str:
    """Return the part of an address that says what the list was cut to."""
    names = {*CallFilter.base_fields, *PERIOD}
    chosen = QueryDict(mutable=True)
    for name in query:
        if name in names and (value := query.get(name)):
            chosen[name] = str(value)
    return chosen.urlencode()


def may_export(user: User, shell: Shell) -> bool:
    """Tell whether they may take calls along: who owns the organization may;
    of staff, whoever may change them.
    """
    if shell.is_staff:
        return user.has_perm("calls.change_call")
    return shell.role in OWNERS


def export(user: User, scope: UUID | None, query: QueryDict) -> tuple[Table[Row], QuerySet[Call]]:
    """Return all calls of an address, and the table whose columns they are written by."""
    asked = cut(user, scope, query)
    table = tables.calls([], caption=_("Calls"), with_organization=scope is None)
    found = _narrow(search.matching(asked.among, asked.words))
    return table, found.prefetch_related(recordings.with_recordings())


@dataclass(frozen=True)
class Cut:
    """What an address asks for: the calls that are cut so, whatever their words, and the words."""

    scope: UUID | None
    form: CallFilter
    period: Period
    among: QuerySet[Call]
    words: str

    @property
    def is_cut(self) -> bool:
        return bool(self.form.chosen()) or not self.period.is_any


def cut(user: User, scope: UUID | None, query: QueryDict) -> Cut:
    """Read what an address asks for; what it does not name cuts nothing."""
    calls = calls_for(user, scope)
    reps = rep_choice.choice(access.reps_for(user, scope), query.get("rep", ""))
    teams = team_choice.choice(user, scope, query.get("team", ""))
    form = CallFilter(query, reps, _outcomes(calls, query.get("outcome", "")), teams)
    period = periods.asked(query)
    chosen = form.chosen()
    words = chosen.pop("search", "")
    among = within(filtered(calls, scope, chosen), period)
    return Cut(scope, form, period, among, words)


def _count(found: QuerySet[Call], page: Page[Call], cut: Cut, *, everything: bool) -> str:
    if cut.words:
        if not page.items:
            return ""
        return counts.limited(found, tables.calls_in_words)
    return counts.in_words(
        found, page, tables.calls_in_words, is_everything=everything and not cut.is_cut
    )


def _empty(cut: Cut, page: Page[Call], request: HttpRequest) -> Empty:
    """Return what stands in the list when it has none; of words that are in no call,
    those that may have been meant.
    """
    if page.items or not cut.is_cut:
        return tables.NO_CALLS
    if not cut.words:
        return tables.NONE_MATCH
    none = tables.NONE_HAS_THE_WORDS
    meant = suggesting.suggestion(cut.among, cut.words, cut.scope)
    if not meant:
        return none
    again = with_query(request, search=meant, before=None, after=None)
    return Empty(
        none.title,
        none.text,
        none.icon,
        _("Did you mean “%(meant)s”?") % {"meant": meant},
        again,
        "search",
    )


def listed(calls: QuerySet[Call], query: QueryDict, *, oldest_first: bool = False) -> Page[Call]:
    """Return one page of these calls, newest first, with all that a row shows and none
    of the long texts.
    """
    before, newer = query.get("before", ""), query.get("after", "")
    page = newest_by(
        "happened_at",
        _narrow(calls),
        before=before,
        after=newer,
        size=CALLS_A_PAGE,
        oldest_first=oldest_first,
    )
    recordings.read_recordings(page.items)
    return page


def _narrow(calls: QuerySet[Call]) -> QuerySet[Call]:
    """Return calls with what a row shows, and nothing else."""
    return calls.select_related("rep", "lead", "organization").only(*SHOWN)


def rows(page: Page[Call], words: str = "") -> list[Row]:
    """Return the page's calls, with the places of the words for those alone."""
    found = search.places([call.pk for call in page.items], words)
    return [_row(call, found.get(call.pk, [])) for call in page.items]


def _row(call: Call, places: list[search.Place]) -> Row:
    titles = [search.marked(place) for place in places if place["field"] == "title"]
    others = [search.marked(_plain(place)) for place in places if place["field"] != "title"]
    return Row(call, next(iter(titles), None), tuple(others[:PLACES_SHOWN]))


def _plain(place: search.Place) -> search.Place:
    """Return a stretch of a summary without the signs of its Markdown, and without the addresses
    behind its links.
    """
    if place["field"] != "summary":
        return place
    parts: list[search.Part] = [
        {"text": MARKDOWN.sub("", part["text"]), "hit": part["hit"]} for part in place["parts"]
    ]
    return {"field": place["field"], "parts": parts}


def filtered(calls: QuerySet[Call], scope: UUID | None, chosen: dict[str, Any]) -> QuerySet[Call]:
    """Return those for which all of what was chosen is true, whatever their words."""
    asked = [condition(chosen[name]) for name, condition in _CONDITIONS.items() if name in chosen]
    calls = calls.filter(*asked)
    if "lead" in chosen:
        leads = Lead.objects.filter(name__icontains=chosen["lead"])
        if scope is not None:
            leads = leads.filter(organization_id=scope)
        calls = calls.filter(lead_id__in=leads.values("pk"))
    return calls


def within(calls: QuerySet[Call], period: Period) -> QuerySet[Call]:
    """Return those of the period; all where it has no end on a side."""
    if period.since:
        calls = calls.filter(happened_at__gte=period.since)
    if period.until:
        return calls.filter(happened_at__lt=period.until)
    return calls


def of_length(name: str) -> Q:
    """Find the calls of a length that the filter offers."""
    least, below = LENGTHS[name]
    at_least = Q(duration_seconds__gte=least)
    if below is None:
        return at_least
    return at_least & Q(duration_seconds__lt=below)


def _of_reps(keys: Any) -> Q:
    if keys == NONE:
        return Q(rep_id=None)
    if len(keys) > 1:
        return Q(rep_id__in=keys)
    return Q(rep_id=keys[0])


_CONDITIONS: Final[dict[str, Any]] = {
    "rep": _of_reps,
    "team": lambda team: of_team(None if team == NONE else UUID(team)),
    "source": lambda source: Q(source=source),
    "state": lambda name: states.in_state(name, timezone.now()),
    "outcome": lambda outcome: Q(outcome="" if outcome == NONE else outcome),
    "length": of_length,
}


def _outcomes(calls: QuerySet[Call], asked: str) -> list[str]:
    newest = calls.order_by("-happened_at", "-pk").values_list("outcome", flat=True)[:OUTCOMES_OF]
    # What an address asks for is among them, however long ago that was.
    return sorted({*newest, asked[:100]} - {"", NONE}, key=str.casefold)
