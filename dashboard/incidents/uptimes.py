"""The tab of uptime: a strip of days and a share for each source, workspace and integration
that a person sees.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from django import forms
from django.http import HttpRequest
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.incidents import subjects, uptime
from core.incidents.subjects import Subject
from core.incidents.uptime import Day, Uptime
from core.models import User
from core.words.markup import markup
from dashboard.navigation import Shell
from dashboard.paging import Page
from dashboard.tables import Column, Empty, Table

A_PAGE: Final = 12
NONE: Final = Empty(
    gettext_lazy("Nothing is connected yet"),
    gettext_lazy("What is connected has a square here for each day: well, down, or not checked."),
    "activity",
)
NO_MATCH: Final = Empty(
    gettext_lazy("Nothing matches"), gettext_lazy("Choose other filters, or clear them.")
)
WORDS: Final = {
    "up": gettext_lazy("well"),
    "unchecked": gettext_lazy("not checked"),
}
CSS: Final = {"up": "day-up", "down": "day-down", "unchecked": "day-unchecked"}


class UptimeFilter(forms.Form):
    search = forms.CharField(
        label=gettext_lazy("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search"}),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Of"), required=False)
    days = forms.ChoiceField(
        label=gettext_lazy("Days"),
        required=False,
        choices=[("", gettext_lazy("30 days")), ("90", gettext_lazy("90 days"))],
    )

    def __init__(self, data: Any, found: list[Subject]) -> None:
        super().__init__(data)
        kinds = dict.fromkeys(subject.kind for subject in found)
        choices = [("", _("All")), *((kind, subjects.word_of(kind)) for kind in kinds)]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]


def page(request: HttpRequest, user: User, shell: Shell) -> dict[str, Any]:
    """Return the strips of one page of subjects."""
    found = [
        subject
        for kind in subjects.declared()
        if kind.checked is not None
        for subject in kind.find(user)
        if shell.scope is None or subject.organization_id in (None, shell.scope)
    ]
    form = UptimeFilter(request.GET, found)
    form.is_valid()
    wanted = getattr(form, "cleaned_data", {})
    chosen = _chosen(found, wanted)
    days = int(wanted.get("days") or uptime.PERIODS[0])
    shown = _page(chosen, request.GET.get("before", ""), request.GET.get("after", ""))
    page: Page[Any] = Page(uptime.of(shown.items, days), shown.newer, shown.older, by_name=True)
    table = Table(
        _("Uptime"),
        _columns(days, _in_words(page.items)),
        page.items,
        NO_MATCH if found else NONE,
        count=_("%(number)d in all") % {"number": len(chosen)},
        page=page,
        pages=_("Pages of uptime"),
    )
    return {"filters": form, "table": table, "days": days}


def _chosen(found: list[Subject], wanted: dict[str, Any]) -> list[Subject]:
    kind, words = wanted.get("kind", ""), str(wanted.get("search", "")).casefold().split()
    if kind:
        found = [subject for subject in found if subject.kind == kind]
    return [subject for subject in found if all(word in subject.name.casefold() for word in words)]


def _page(found: list[Subject], before: str, after: str) -> Page[Any]:
    """Return the subjects of one page: those after a place in the list, or before it."""
    begin = 0
    if after.isascii() and after.isdecimal():
        begin = min(int(after[:6]), len(found))
    elif before.isascii() and before.isdecimal():
        begin = max(int(before[:6]) - A_PAGE, 0)
    end = begin + A_PAGE
    following = str(end) if end < len(found) else ""
    return Page(found[begin:end], following, str(begin) if begin else "")


def _in_words(rows: Iterable[Uptime]) -> dict[date, str]:
    """Return how each day is written; all strips have the same ones."""
    return {day: date_format(day, "j M") for day in {each.day for row in rows for each in row.days}}


def _columns(days: int, in_words: Mapping[date, str]) -> list[Column[Uptime]]:
    return [
        Column("name", _("Name"), lambda row: row.subject.name, names_row=True),
        Column("kind", _("Of"), lambda row: subjects.word_of(row.subject.kind), hide_on_phone=True),
        Column("days", _("Last %(days)d days") % {"days": days}, lambda row: strip(row, in_words)),
        Column("uptime", _("Uptime"), percent, numeric=True, css="nowrap"),
        Column(
            "checked",
            _("Days checked"),
            lambda row: f"{row.checked} / {len(row.days)}",
            numeric=True,
        ),
    ]


def percent(row: Uptime) -> str:
    """Return the share in words; it is never rounded up to all."""
    share = row.percent
    if share is None:
        return _("not checked")
    if share == 100:
        return "100 %"
    return f"{number_format(min(share, 99.99), 2)} %"


def strip(row: Uptime, in_words: Mapping[date, str]) -> SafeString:
    """Write a square for each day. Read aloud it is one sentence;
    who points at a square reads its day.
    """
    down = sum(day.state == "down" for day in row.days)
    words = ngettext("%(count)d day with an outage", "%(count)d days with an outage", down) % {
        "count": down
    }
    unchecked = len(row.days) - row.checked
    more = ngettext("%(count)d day not checked", "%(count)d days not checked", unchecked) % {
        "count": unchecked
    }
    squares = SafeString("".join(_square(day, in_words[day.day]) for day in row.days))
    return markup(
        '<span class="uptime" role="img" aria-label="{}, {}">{}</span>', words, more, squares
    )


def _square(day: Day, name: str) -> SafeString:
    words = WORDS.get(day.state) or _down(day)
    return markup('<i class="{}" title="{}: {}"></i>', CSS[day.state], name, words)


def _down(day: Day) -> str:
    minutes = max(round(day.down / 60), 1)
    if minutes < 60:
        return _("down for %(minutes)d min") % {"minutes": minutes}
    return _("down for %(hours)d h %(minutes)d min") % {
        "hours": minutes // 60,
        "minutes": minutes % 60,
    }
