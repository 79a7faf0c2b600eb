"""What becomes of people in calls: what was said with them goes, object and all;
the call stays as a number.
"""

from typing import Any, Final
from uuid import UUID

from django.db.models import Q

from calls import indexing
from calls.models import (
    Call,
    CallAction,
    CallComment,
    CallParticipant,
    CallSearch,
    GuestInvitation,
    MeetingMail,
    Recording,
    SearchedWord,
    Transcript,
    Transcription,
)
from calls.recordings import reasons, retention, trouble
from core.errors import VendorError
from core.privacy import Person, Step, declare, declare_step, erased, places, redacted, rows
from core.privacy.places import Counts
from crm.models import Lead

CALLS: Final = Call._meta.db_table
# Calls that only mention them: their words are read anew.
MENTIONS: Final = "mentions"
_NOTHING: Final[dict[str, Any]] = {
    "title": "",
    "summary": "",
    "action_items": [],
    "url": "",
    "share_url": "",
    "data": {},
    "content_hash": None,
    "lead": None,
}


def declare_all() -> None:
    """Declare them; once, when the app starts."""
    of_call = {"organization": "call__organization_id"}
    of_meeting = {"organization": "appointment__organization_id"}
    declare(
        *redacted("calls.Call", organization="organization_id"),
        *redacted("calls.CallParticipant", empties=("email",), **of_call),
        *redacted(
            "calls.Transcript",
            "calls.CallAction",
            "calls.CallComment",
            "calls.RoomSession",
            **of_call,
        ),
        *redacted("calls.Recording", **of_call),
        *redacted("calls.RemovedRecording", organization="organization_id"),
        *redacted("calls.Transcription", organization="recording__call__organization_id"),
        *erased("calls.GuestInvitation", "calls.MeetingMail", **of_meeting),
        *erased("calls.SearchedWord", organization="organization_id"),
    )
    declare_step(Step("calls.said", 10, erase=_erase, gather=_gather, look=_look, show=_show))
    declare_step(
        Step("calls.recordings", 20, asks_outside=True, erase=_erase_recordings, left=_left)
    )
    declare_step(Step("calls.words", 85, erase=_read_again))


def _gather(person: Person, organization_id: UUID | None) -> None:
    """Find the calls in which they took part: by their address, or as the lead."""
    scope = Q() if organization_id is None else Q(call__organization_id=organization_id)
    present = CallParticipant.objects.filter(scope, email__iregex=f"^(?:{person.mailboxes()})$")
    for call_id, name, email in present.values_list("call_id", "display_name", "email"):
        person.has(CALLS, call_id)
        person.spellings.add(email)
        person.is_named(name)
    person.has(
        CALLS,
        *Call.objects.filter(lead__in=person.of(Lead._meta.db_table)).values_list("pk", flat=True),
    )


def _look(person: Person, organization_id: UUID | None) -> None:
    """Find the calls that mention them."""
    mentioned: set[Any] = set()
    for place in places.all_places():
        if place.label in ("calls.Call", "calls.Transcript"):
            for keys in rows.found_keys(place, person, organization_id):
                mentioned.update(keys)
    person.has(MENTIONS, *mentioned)


def _erase(person: Person, organization_id: UUID | None) -> Counts:
    """Take away what was said in calls with them, and the links and mails that they got."""
    calls, leads = person.of(CALLS), person.of(Lead._meta.db_table)
    counts: Counts = {}
    _note(
        counts,
        Call,
        "redacted",
        Call.objects.filter(pk__in=calls).exclude(**_emptied()).update(**_NOTHING),
    )
    theirs = (
        Q(email__in=[person.address, *person.spellings])
        | Q(display_name__in=person.names)
        | Q(kind="guest")
    )
    people = CallParticipant.objects.filter(theirs, call__in=calls).exclude(
        display_name="", email=""
    )
    _note(
        counts,
        CallParticipant,
        "redacted",
        people.update(display_name="", email="", consent_ip=None),
    )
    for model in (Transcript, CallAction, CallComment):
        _delete(counts, model, Q(call__in=calls))
    _delete(counts, Transcription, Q(recording__call__in=calls))
    for other in (MeetingMail, GuestInvitation):
        _delete(counts, other, Q(appointment__lead__in=leads))
    return counts


def _emptied() -> dict[str, Any]:
    return {"title": "", "summary": "", "action_items": [], "data": {}, "lead": None}


def _delete(counts: Counts, model: Any, which: Q) -> None:
    found = model.objects.filter(which)
    number = found.count()
    found.delete()
    _note(counts, model, "erased", number)


def _note(counts: Counts, model: Any, what: str, number: int) -> None:
    if number:
        counts[model._meta.db_table] = {"found": number, what: number}


def _erase_recordings(person: Person, organization_id: UUID | None) -> Counts:
    """Delete the objects of their calls and prove it, as at the end of a recording's time."""
    gone = 0
    for recording in _stored(person):
        try:
            gone += retention.delete_now(recording)
        except VendorError as error:
            # The second look names it.
            trouble.not_deleted(recording, error)
    counts: Counts = {}
    _note(counts, Recording, "erased", gone)
    return counts


def _left(person: Person, organization_id: UUID | None) -> Counts:
    number = _stored(person).count()
    if not number:
        return {}
    return {Recording._meta.db_table: {"found": number}}


def _stored(person: Person) -> Any:
    """Return the recordings of their calls of which something may lie in the bucket."""
    found = Recording.objects.filter(call__in=person.of(CALLS), deleted_at=None).exclude(key="")
    return found.exclude(reason=reasons.NO_STORAGE).select_related("call").order_by("pk")


def _read_again(person: Person, organization_id: UUID | None) -> Counts:
    """Read the words of these calls anew, and unlearn the words that are a part of the person."""
    calls = [UUID(each) for each in sorted({*person.of(CALLS), *person.of(MENTIONS)})]
    indexing.index(list(Call.objects.filter(pk__in=calls).values_list("pk", flat=True)))
    parts = {word.casefold() for name in person.names for word in name.split()}
    parts |= {
        spelling.partition("@")[0].casefold() for spelling in {person.address, *person.spellings}
    }
    words = SearchedWord.objects.filter(word__in=parts)
    if organization_id is not None:
        words = words.filter(organization_id=organization_id)
    counts: Counts = {}
    _note(counts, CallSearch, "redacted", len(calls))
    _note(counts, SearchedWord, "erased", words.delete()[0])
    return counts


def _show(person: Person, organization_id: UUID | None) -> dict[str, list[dict[str, Any]]]:
    """Return the calls in which they took part, with what was said."""
    calls = Call.objects.filter(pk__in=person.of(CALLS))
    columns = (
        "id",
        "title",
        "status",
        "started_at",
        "ended_at",
        "summary",
        "action_items",
        "language",
    )
    transcripts = Transcript.objects.filter(call__in=calls)
    return {
        CALLS: list(calls.values(*columns)),
        Transcript._meta.db_table: list(transcripts.values("call_id", "text")),
        Recording._meta.db_table: list(
            Recording.objects.filter(call__in=calls).values(
                "call_id", "state", "started_at", "duration_seconds"
            )
        ),
    }
