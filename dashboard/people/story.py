"""What happened with a lead, in words: each entry of the timeline with its sign
and where it leads.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core import signing
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.audit import ACTIONS
from core.models import User
from core.words import times
from core.words.icons import icon
from core.words.markup import markup
from core.words.sayings import Text
from core.words.states import look
from crm import timeline
from crm.models import Lead
from crm.timeline import Entry, Place
from dashboard import signs
from dashboard.calls import words
from dashboard.people import labels

ENTRIES_A_PAGE: Final = 50
ICONS: Final = {
    timeline.MEETING: "calendar-days",
    timeline.CALL: "phone",
    timeline.REPLY: "reply",
    timeline.MERGED: "users",
    timeline.CHANGED: "activity",
}
KINDS: Final = {
    timeline.MEETING: gettext_lazy("Meeting"),
    timeline.CALL: gettext_lazy("Call"),
    timeline.REPLY: gettext_lazy("Reply"),
    timeline.MERGED: gettext_lazy("Merged"),
    timeline.CHANGED: gettext_lazy("Changed"),
}
LINE: Final = (
    '<li class="story-line{}"><span class="story-icon">{}</span><div class="story-body"><p '
    'class="story-title"><span class="visually-hidden">{}:</span>{}{}</p>{}<p '
    'class="story-about">{}{}</p></div></li>'
)
_signer = signing.Signer(salt="koppel.person")


@dataclass(frozen=True, slots=True)
class Line:
    """One entry as it is shown."""

    entry: Entry
    icon: str
    kind: Text
    title: Text
    href: str = ""
    about: Text = ""

    @property
    def is_ahead(self) -> bool:
        return self.entry.kind == timeline.MEETING and self.entry.state == "meeting.scheduled"


def page(user: User, lead: Lead, before: str) -> dict[str, Any]:
    """Return the newest lines before a place, and the place where the next page begins."""
    entries, following = timeline.page(user, lead, before=_place(before), size=ENTRIES_A_PAGE)
    older = ""
    if following is not None:
        older = _signer.sign_object([following.at.isoformat(), str(following.id)])
    found = lines(entries)
    return {"lines": found, "story": written(found), "older": older, "is_older": bool(before)}


def written(found: Iterable[Line]) -> SafeString:
    """Write lines as elements of a list: by no template, as there are many."""
    return SafeString("".join(map(_written, found)))


def _written(shown: Line) -> str:
    entry, title, state, text = shown.entry, shown.title, SafeString(""), SafeString("")
    if shown.href:
        title = markup('<a href="{}">{}</a>', shown.href, title)
    if entry.outcome:
        state = signs.outcome(entry.outcome)
    elif entry.state and entry.kind != timeline.CALL:
        state = signs.status(entry.state, quiet=True)
    if entry.text and entry.kind != timeline.CHANGED:
        text = markup('<p class="story-text">{}</p>', entry.text)
    return markup(
        LINE,
        SafeString(" story-ahead") if shown.is_ahead else "",
        icon(shown.icon),
        shown.kind,
        title,
        state,
        text,
        markup(
            '<time datetime="{}" title="{}">{}</time>',
            entry.at.isoformat(),
            times.exactly(entry.at),
            times.at_the_clock(entry.at),
        ),
        markup(" · {}", shown.about) if shown.about else "",
    )


def lines(entries: Iterable[Entry]) -> list[Line]:
    """Return entries as they are shown."""
    return [line(entry) for entry in entries]


def line(entry: Entry) -> Line:
    """Return an entry as it is shown."""
    picture = ICONS[entry.kind]
    if entry.kind == timeline.CALL:
        picture = look(f"source.{entry.source}").icon
    return Line(entry, picture, KINDS[entry.kind], _title(entry), _href(entry), _about(entry))


def _title(entry: Entry) -> Text:
    match entry.kind:
        case timeline.MERGED:
            return _("Merged with %(name)s") % {"name": entry.title or _("Somebody")}
        case timeline.CHANGED:
            return _changed(entry)
        case timeline.REPLY:
            return entry.title or _("Reply without a subject")
    return entry.title or KINDS[entry.kind]


def _changed(entry: Entry) -> Text:
    if not entry.items:
        return str(ACTIONS.get(entry.text, entry.text))
    fields = ", ".join(str(labels.FIELDS.get(name, name)) for name in entry.items)
    return _("Changed: %(fields)s") % {"fields": fields}


def _href(entry: Entry) -> str:
    if entry.kind == timeline.CALL:
        return reverse("dashboard:call", args=[entry.id])
    if entry.kind == timeline.MEETING:
        return reverse("dashboard:meeting", args=[entry.id])
    return ""


def _about(entry: Entry) -> str:
    """Return what stands beside the time: who it was, and how long."""
    about = [entry.by] if entry.by else []
    if entry.seconds is not None:
        about.append(words.length(entry.seconds))
    return " · ".join(about)


def _place(text: str) -> Place | None:
    """Return the place that an address names; one that nobody gave out is none."""
    try:
        at, key = _signer.unsign_object(text)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    moment: datetime | None = parse_datetime(at)
    if moment is None:
        return None
    return Place(moment, UUID(key))
