"""What was said in a call, line by line, and where each line plays.

A transcript of two hours has well over a thousand lines: they are written here in one go,
for a template takes ten times as long for them.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Final

from django.urls import reverse
from django.utils.safestring import SafeString

from calls.models import Call, CallAction, Recording, Transcript
from dashboard.calls import words

# Fathom's own links to a place of a recording have had two forms;
# which a call has, its action items show.
PLAYBACK: Final = re.compile(
    r"(?P<before>https://[^\s#?]+(?:\?timestamp=|#t=))(?P<at>\d{1,6})(?:\.\d+)?", re.ASCII
)
# The place of an item and that of its link are the same second, give or take the part of one.
SAME_PLACE: Final = 1.5


@dataclass(frozen=True)
class Line:
    """One stretch of speech; `speaker` is empty where the same person goes on."""

    speaker: str
    at: float
    text: str


# A place in seconds becomes the attributes of the link that leads there.
Ways = Callable[[float], str]


def lines(segments: Iterable[Mapping[str, Any]], text: str = "") -> list[Line]:
    """Return what was said, in order; a name is said once while its person goes on."""
    found, speaker = [], None
    for segment in segments or [{"speaker": "", "at": 0, "text": text}]:
        name = str(segment.get("speaker") or "")
        shown = name
        if name == speaker:
            shown = ""
        found.append(Line(shown, float(segment.get("at") or 0), str(segment.get("text") or "")))
        speaker = name
    return found


def of(call: Call) -> tuple[list[Mapping[str, Any]], str]:
    """Read the segments of a call's transcript, and its text."""
    found = Transcript.objects.filter(call_id=call.pk).values_list("segments", "text").first()
    return found or ([], "")


def ways(call: Call, playable: list[Recording], actions: Iterable[CallAction]) -> Ways:
    """Return where a time of this call leads: into our recording,
    to the vendor's at that second, or to the line.

    Of several recordings none is meant, for the times are those of the call.
    """
    if len(playable) == 1:
        ours = reverse("dashboard:call_recording", args=[call.pk, playable[0].pk])
        return lambda at: f'href="{ours}#t={at:.0f}" data-seek="{at:.2f}"'
    theirs = vendors_address(call, actions)
    if theirs:
        theirs = escape(theirs)
        return lambda at: f'href="{theirs}{at:.0f}" target="_blank" rel="noopener noreferrer"'
    return lambda at: f'href="?t={at:.0f}"'


def vendors_address(call: Call, actions: Iterable[CallAction]) -> str:
    """Return the vendor's address of this recording up to the second; '' where none is known.

    How a place is written in it is documented nowhere. So only a form that the vendor itself uses
    for this very recording counts: that of the links of its action items, where the second in it is
    that of the item.
    """
    if call.source != Call.Source.FATHOM:
        return ""
    for action in actions:
        found = PLAYBACK.fullmatch(action.url)
        if found is None or action.at is None:
            continue
        if abs(float(found["at"]) - action.at) < SAME_PLACE:
            return found["before"]
    return ""


def written(found: Iterable[Line], way: Ways) -> SafeString:
    """Write the lines, each with its time as the link to where it plays."""
    return SafeString("".join([_line(line, way) for line in found]))


def _line(line: Line, way: Ways) -> str:
    turn, speaker = "", ""
    if line.speaker:
        turn = " transcript-turn"
        speaker = f'<p class="transcript-speaker">{escape(line.speaker)}</p>'
    time = f'<a class="transcript-time" {way(line.at)}>{words.clock(line.at)}</a>'
    speech = f"<div>{speaker}<p data-said>{escape(line.text)}</p></div>"
    return f'<li class="transcript-line{turn}" data-at="{line.at:g}">{time}{speech}</li>\n'
