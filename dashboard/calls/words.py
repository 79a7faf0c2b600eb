"""What is said of a call, in the words of whoever had it: no word of the systems behind it."""

from functools import lru_cache
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from calls import recordings, states
from calls.models import Call
from core.words.states import LOOKS, Look, look

Words = str | Promise

# Before it began there is nothing to say of a recording.
NOT_BEGUN: Final = Look("calm", "", "–")


def title(call: Call) -> str:
    """Return what the call is called; whom it was with, where nobody gave it a name."""
    if call.title.strip():
        return call.title
    if call.lead:
        return _("Call with %(name)s") % {"name": call.lead.name}
    return _("Call without a title")


def state(call: Call) -> Look:
    """Return how far it is, with its time."""
    return look(states.state(call, timezone.now()))


def recording(call: Call) -> Look:
    """Tell what there is to play: in our own recordings, or at Fathom."""
    if call.source == Call.Source.FATHOM:
        if call.url:
            return look("recording.available")
        return look("recording.none")
    shown = recordings.shown(recordings.recordings_of(call))
    if shown is None and call.status == Call.Status.PENDING:
        return NOT_BEGUN
    if shown is None:
        return look("recording.none")
    return look(f"recording.{shown.state}")


def outcome(name: str) -> Words:
    """Tell what came of it: the usual outcomes in the reader's language,
    any other as it was written.
    """
    known = LOOKS.get(f"outcome.{name.casefold()}")
    if known:
        return known.word
    return name


def number(value: int) -> str:
    """Return "1,240", as the reader writes it."""
    return _number(value, get_language())


@lru_cache(maxsize=10_000)
def _number(value: int, _language: str | None) -> str:
    """Write a number as a language has it: the same ones stand in every row."""
    return number_format(value, use_l10n=True, force_grouping=True)


def when(call: Call) -> str:
    """Write the day and the hours in the reader's zone: "November 20, 2026, 14:00–14:32"."""
    begins = timezone.localtime(call.happened_at)
    words = f"{date_format(begins, 'DATE_FORMAT')}, {begins:%H:%M}"
    end = call.ended_at
    if end is None and call.started_at is None:
        end = call.scheduled_end
    if end is None:
        return words
    ends = timezone.localtime(end)
    day = ""
    if ends.date() != begins.date():
        day = f"{date_format(ends, 'DATE_FORMAT')}, "
    return f"{words}–{day}{ends:%H:%M}"


def length(seconds: int | None) -> str:
    """Return "32 min", "1 h 5 min", "40 s": as exact as anybody wants it."""
    if seconds is None:
        return "–"
    if seconds < 1:
        return _("under a second")
    if seconds < 60:
        return _("%(seconds)d s") % {"seconds": seconds}
    hours, minutes = divmod(seconds // 60, 60)
    if hours:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    return _("%(minutes)d min") % {"minutes": minutes}


def share(part: float) -> str:
    """Return "87 %"."""
    return _("%(percent)d %%") % {"percent": round(part * 100)}


def clock(seconds: float) -> str:
    """Write a place in a recording: "0:42", "1:02:07"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02}:{rest:02}"
    return f"{minutes}:{rest:02}"
