"""One call: who was in it, what came of it, what can be played, and what was said."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from calls import recordings, transcripts
from calls.access import calls_for
from calls.insights import insights
from calls.models import Call, CallAction, Recording, Transcription
from calls.people import was_in
from calls.recordings.reasons import WORDS as REASONS
from core.models import User
from dashboard.calls import around, markdown, parts, spoken, words
from dashboard.navigation import Shell

# A transcript up to so many characters is part of the page;
# a longer one follows when the page is there.
AT_ONCE: Final = 20_000
# What happened, or happens, to a recording, in words for whoever was in the call.
WHY: Final[dict[str, str | Promise]] = {
    Recording.State.STARTING: _("The recording is about to begin."),
    Recording.State.ACTIVE: _(
        "This call is being recorded now. You can play it some minutes after it has ended."
    ),
    Recording.State.PROCESSING: _("The recording is being prepared. Look again in a few minutes."),
    Recording.State.AVAILABLE: _(
        "The recording is kept, but cannot be played at this moment. Try again later."
    ),
    Recording.State.FAILED: _(
        "The call could not be recorded. Your team has been told; the call itself was "
        "not disturbed."
    ),
    Recording.State.EXPIRED: _(
        "The recording was deleted when the time for which your organization keeps "
        "recordings was over."
    ),
}


NOT_WRITTEN: Final = _("What was said could not be written down")


@dataclass
class Person:
    """Somebody who took part, with all their stays together."""

    name: str
    role: str
    is_host: bool = False
    is_guest: bool = False
    is_external: bool = False
    seconds: int | None = None


@dataclass(frozen=True)
class Films:
    """What was recorded: what can be played, and what is to be said of the rest."""

    playable: list[Recording] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    """Where the films lie: what the page's policy must let in, and never part of the page."""
    note: Recording | None = None
    why: str | Promise = ""


def call(user: User, call_id: UUID) -> Call | None:
    """Return one call with all that its page shows but the transcript;
    None for one that this person does not see.
    """
    return _with_parts(calls_for(user), call_id)


def _with_parts(seen: QuerySet[Call], call_id: UUID) -> Call | None:
    together = seen.select_related("rep", "lead", "organization")
    return (
        together.prefetch_related("participants", transcripts.with_states())
        .defer("data", "action_items")
        .filter(pk=call_id)
        .first()
    )


def call_of_meeting(user: User, appointment_id: UUID) -> Call | None:
    """Return the call of a meeting, where there is one and this person sees it."""
    return calls_for(user).defer("data").filter(appointment_id=appointment_id).first()


def page(user: User, shell: Shell, query: QueryDict, call_id: UUID) -> dict[str, Any] | None:
    """Return what the page of a call shows; None for one that this person does not see."""
    seen = calls_for(user)
    found = _with_parts(seen, call_id)
    if found is None:
        return None
    segments, text = spoken.of(found)
    shown = films(found)
    work = parts.work(user, found)
    lines = None
    if text and len(text) <= AT_ONCE:
        lines = transcript_of(found, shown, work["actions"].every, (segments, text))
    return {
        "call": found,
        "writing": writing(found, has_transcript=bool(text)),
        "people": people(found),
        "films": shown,
        "summary": markdown.render(found.summary) if found.summary.strip() else "",
        "summary_text": summary_text(found),
        "has_transcript": bool(text),
        "lines": lines,
        "insights": insights(segments, found.duration_seconds),
        "beside": around.neighbours(seen, user, shell.scope, query, found),
        "related": around.related(seen, found),
        **work,
    }


def transcript_of(
    found: Call, shown: Films, actions: Iterable[CallAction], transcript: Any = None
) -> SafeString:
    """Write what was said, each line with the way to where it plays."""
    segments, text = transcript or spoken.of(found)
    return spoken.written(spoken.lines(segments, text), spoken.ways(found, shown.playable, actions))


def summary_text(found: Call) -> str:
    """Write a summary to take along: what the call was, when, with whom, and what came of it."""
    if not found.summary.strip():
        return ""
    names = [person.name for person in people(found) if person.name]
    head = [str(words.title(found)), words.when(found)]
    if names:
        head.append(", ".join(names))
    return "\n".join([*head, "", found.summary.strip()])


@dataclass(frozen=True)
class Writing:
    """How far the writing down of a call is, where there is something to say of it."""

    title: str | Promise
    why: str = ""
    again_at: datetime | None = None
    failed: bool = False


def writing(found: Call, *, has_transcript: bool) -> Writing | None:
    """Return what to say of a native call's words; None where they speak for themselves,
    or nobody writes any down.
    """
    row = None
    if found.source == Call.Source.NATIVE:
        row = transcripts.state_of(found)
    if row is None:
        return None
    why = transcripts.reason_of(row)
    match row.state:
        case Transcription.State.FAILED:
            title = NOT_WRITTEN
            if has_transcript:
                title = _("Not all of this call could be written down")
            return Writing(title, why, failed=True)
        case Transcription.State.INCOMPLETE:
            return Writing(_("Not written down yet"), why, row.due_at)
        case Transcription.State.DONE:
            if has_transcript:
                return None
            return Writing(NOT_WRITTEN, why)
    return Writing(_("What was said is being written down. Look again in a few minutes."))


def people(found: Call) -> list[Person]:
    """Return those who were in it, hosts first.

    Several stays, or two devices, are one person; a recorder is nobody.
    """
    known: dict[str, Person] = {}
    for participant in found.participants.all():
        if not was_in(participant):
            continue
        key = str(
            participant.user_id
            or participant.identity
            or participant.email
            or participant.display_name
        )
        person = known.setdefault(
            key,
            Person(
                participant.display_name or participant.email, participant.get_member_role_display()
            ),
        )
        person.is_host |= participant.is_host
        person.is_guest |= participant.is_guest
        person.is_external |= participant.is_external
        if participant.total_seconds is not None:
            total = (person.seconds or 0) + participant.total_seconds
            # Two devices at once are not twice the time.
            person.seconds = min(total, found.duration_seconds or total)
    return sorted(known.values(), key=lambda person: not person.is_host)


def films(found: Call) -> Films:
    """Return the recordings of a call that was held in our own room, newest first."""
    every = []
    if found.source == Call.Source.NATIVE:
        every = list(found.recordings.all())
    links = {
        recording.pk: recordings.link(recording)
        for recording in every
        if recording.state == Recording.State.AVAILABLE
    }
    playable = [recording for recording in every if links.get(recording.pk)]
    shown = recordings.shown(every)
    note = shown
    if shown in playable and not shown.reason:
        note = None
    return Films(
        playable, sorted({origin(link) for link in links.values() if link}), note, why(note)
    )


def why(recording: Recording | None) -> str | Promise:
    """Tell what happened to this recording: its own reason where it has one,
    else what its state means.
    """
    if not recording:
        return ""
    return REASONS.get(recording.reason) or WHY[recording.state]


def origin(link: str) -> str:
    parts = urlsplit(link)
    return f"{parts.scheme}://{parts.netloc}"


def recording(user: User, call_id: UUID, recording_id: UUID) -> Recording | None:
    """Return one recording of a call that this person sees."""
    seen: QuerySet[Call] = calls_for(user).filter(pk=call_id)
    return Recording.objects.filter(pk=recording_id, call__in=seen.values("pk")).first()
