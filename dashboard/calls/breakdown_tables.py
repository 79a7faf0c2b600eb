"""The tables of statistics: a row for each rep, team, source or outcome,
and each leads to exactly its calls.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from calls import grouping, outcomes
from calls.breakdowns import Group
from calls.outcomes import Meetings
from core.words.markup import markup
from core.words.states import look
from dashboard import signs
from dashboard.calls import words
from dashboard.calls.statistics_filter import Asked
from dashboard.calls.team_choice import NONE
from dashboard.tables import Column, Empty, Table, link

Cell = Callable[[Group], Any]
# Of fewer a rate says more about chance than about people.
FEW: Final = 5
# The others are in the CSV.
ROWS_SHOWN: Final = 20
TITLES: Final = {
    grouping.REP: gettext_lazy("By rep"),
    grouping.TEAM: gettext_lazy("By team"),
    grouping.SOURCE: gettext_lazy("By source"),
    grouping.OUTCOME: gettext_lazy("By outcome"),
}
HEADS: Final = {
    grouping.REP: gettext_lazy("Rep"),
    grouping.TEAM: gettext_lazy("Team"),
    grouping.SOURCE: gettext_lazy("Source"),
    grouping.OUTCOME: gettext_lazy("Outcome"),
}
WITHOUT: Final = {
    grouping.REP: gettext_lazy("Not assigned"),
    grouping.TEAM: gettext_lazy("No team"),
    grouping.OUTCOME: gettext_lazy("No outcome yet"),
}
NOTHING: Final = Empty(gettext_lazy("No calls in this time"), "", "chart-column")


def table(by: str, groups: Sequence[Group], asked: Asked, *, csv: bool) -> Table[Group]:
    """Declare the table of one breakdown."""
    return Table(
        TITLES[by],
        _columns(by, asked),
        groups[:ROWS_SHOWN],
        NOTHING,
        count=_count(len(groups)),
        csv=asked.export(by) if csv else "",
    )


def _columns(by: str, asked: Asked) -> list[Column[Group]]:
    columns: list[Column[Group]] = [
        Column(
            "name",
            HEADS[by],
            _name(by, asked),
            names_row=True,
            text=lambda group: plain_name(by, group),
        ),
        _amount("calls", _("Calls"), lambda group: group.calls),
        _amount("before", _("Before"), lambda group: group.calls_before or 0),
        Column(
            "length",
            _("Average length"),
            _length,
            numeric=True,
            text=lambda group: group.average_duration_seconds,
        ),
    ]
    if by in (grouping.REP, grouping.TEAM):
        columns += [
            _of_meetings("completed", _("Held"), outcomes.COMPLETED, by, asked),
            _of_meetings("no-shows", _("No-shows"), outcomes.NO_SHOW, by, asked),
            _of_meetings("cancelled", _("Cancelled"), outcomes.CANCELLED, by, asked),
            _rate(
                "show-rate",
                _("Show rate"),
                lambda group: (_meetings(group).completed, _meetings(group).shown_of),
            ),
        ]
    if by != grouping.OUTCOME:
        columns += [
            _amount("won", _("Leads won"), lambda group: group.leads.won),
            _rate("win-rate", _("Win rate"), lambda group: (group.leads.won, group.leads.decided)),
        ]
    return columns


def _amount(key: str, label: str, count: Cell) -> Column[Group]:
    return Column(key, label, lambda group: words.number(count(group)), numeric=True, text=count)


def _of_meetings(key: str, label: str, became: str, by: str, asked: Asked) -> Column[Group]:
    """Declare the number of meetings that became this; each leads to its meetings."""

    def count(group: Group) -> int:
        return int(getattr(_meetings(group), became))

    def shown(group: Group) -> Any:
        number = count(group)
        if not number or not group.key:
            return words.number(number)
        return markup(
            '<a href="{}">{}</a>', asked.meetings(became, **{by: group.key}), words.number(number)
        )

    return Column(key, label, shown, numeric=True, text=count)


def _rate(key: str, label: str, counts: Callable[[Group], tuple[int, int]]) -> Column[Group]:
    return Column(
        key,
        label,
        lambda group: rate_in_words(*counts(group)),
        numeric=True,
        css="nowrap",
        text=lambda group: _as_text(*counts(group)),
    )


def rate_in_words(part: int, whole: int) -> str:
    """Write a rate with of how many it is; of too few the numbers alone."""
    if not whole:
        return ""
    numbers = {"part": words.number(part), "whole": words.number(whole)}
    if whole < FEW:
        return _("%(part)s of %(whole)s") % numbers
    return _("%(share)s of %(whole)s") % {**numbers, "share": words.share(part / whole)}


def _as_text(part: int, whole: int) -> str:
    if not whole:
        return ""
    return f"{part}/{whole}"


def _meetings(group: Group) -> Meetings:
    return group.meetings or Meetings()


def _length(group: Group) -> str:
    if not group.average_duration_seconds:
        return ""
    return words.length(group.average_duration_seconds)


def plain_name(by: str, group: Group) -> str:
    """Return what a group is called."""
    if not group.key:
        return str(WITHOUT[by])
    if by == grouping.SOURCE:
        return str(look(f"source.{group.key}").word)
    if by == grouping.OUTCOME:
        return str(words.outcome(group.key))
    return group.name


def _name(by: str, asked: Asked) -> Cell:
    def write(group: Group) -> Any:
        shown: Any = plain_name(by, group)
        if by == grouping.SOURCE:
            shown = signs.source(group.key)
        if by == grouping.OUTCOME and group.key:
            shown = signs.outcome(group.key)
        if not group.calls:
            return shown
        return link(asked.calls(**{by: group.key or NONE}), shown)

    return write


def _count(total: int) -> str:
    if total <= ROWS_SHOWN:
        return ""
    return _("The %(count)d with the most calls") % {"count": ROWS_SHOWN}
