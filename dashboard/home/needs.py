"""What waits for a person: a few rows, each with its button."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.words.states import Look, look
from dashboard.remedies import Advice

Words = str | Promise
# More is no list of what to do now.
SHOWN: Final = 5


@dataclass(frozen=True)
class Need:
    """One row: what it is, a line about it, and the button that deals with it."""

    state: str
    title: Words
    text: Words = ""
    when: datetime | None = None
    href: str = ""
    act: Words = ""
    act_href: str = ""

    @property
    def look(self) -> Look:
        return look(self.state)


@dataclass(frozen=True)
class Needs:
    """The rows that are shown, and whether there are more."""

    rows: Sequence[Need]
    has_more: bool

    @property
    def leading(self) -> Need | None:
        """Return the first one that has a button: the one thing to do,
        where a home has no other.
        """
        return next((need for need in self.rows if need.act), None)

    def __bool__(self) -> bool:
        return bool(self.rows)


def first(*kinds: Callable[[], Iterable[Need]]) -> Needs:
    """Take the first rows, those of the first kind before those of the second;
    what finds no place is not read.
    """
    rows: list[Need] = []
    for kind in kinds:
        rows += kind()
        if len(rows) > SHOWN:
            break
    return Needs(rows[:SHOWN], len(rows) > SHOWN)


def of_incidents(advice: Iterable[Advice], *, acts: bool = True) -> list[Need]:
    """Write incidents as rows; without `acts` none has a button."""
    return [_of_incident(each, acts=acts) for each in advice]


def _of_incident(advice: Advice, *, acts: bool) -> Need:
    incident = advice.incident
    page = reverse("dashboard:incident", args=[incident.pk])
    # Whoever cannot put it right can still say that they see it.
    remedy, address = advice.remedy or _("See incident"), advice.href or page
    return Need(
        state=incident.severity,
        title=incident.headline,
        text=advice.text,
        when=incident.opened_at,
        href=page,
        act=remedy if acts else "",
        act_href=address,
    )
