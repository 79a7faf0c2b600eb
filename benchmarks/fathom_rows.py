"""The harder reference of benchmarks.fathom_sync: the very rows that our sync ends with,
through Django's bulk_create.

Call, participants, transcript, place in the queue of words and the meeting's own row, a thousand
meetings at a time in one transaction, read with a `requests` session. What it leaves out, and ours
does: hashes, cleaning of odd texts, counters of the reps, the run, the ledger, the quota over all
workers and the log of each request.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import requests  # noqa: TID251  the reference has no use of core.http
from django.db import models, transaction

from calls.models import Call, CallParticipant, CallSearch, Transcript
from crm.models import RepAlias
from fathom_sync import accounts
from fathom_sync.meetings.parsing import KEPT, seconds
from fathom_sync.models import FathomMeeting

PARAMS = {"include_transcript": "true", "include_summary": "true", "include_action_items": "true"}
BATCH = 1000
OF_A_MEETING = ["recording_id", "organization"]
Reps = dict[str, tuple[UUID, UUID]]


def same_rows() -> int:
    """Store every meeting, repeats across pages removed; return how many."""
    rows = RepAlias.objects.values_list("normalized", "organization_id", "rep_id")
    reps = {address: (organization, rep) for address, organization, rep in rows}
    account_id = accounts.installation().pk
    waiting: list[dict[str, Any]] = []
    seen: set[int] = set()
    for items in _pages():
        new = [meeting for meeting in items if meeting["recording_id"] not in seen]
        seen |= {meeting["recording_id"] for meeting in new}
        waiting += new
        if len(waiting) >= BATCH:
            _store(waiting, reps, account_id)
            waiting = []
    if waiting:
        _store(waiting, reps, account_id)
    return len(seen)


def _pages() -> Iterator[list[dict[str, Any]]]:
    session = requests.Session()
    session.headers["X-Api-Key"] = os.environ["FATHOM_API_KEY"]
    cursor: str | None = ""
    while cursor is not None:
        answer = session.get(
            f"{os.environ['FATHOM_API_BASE_URL']}/meetings", params={**PARAMS, "cursor": cursor}
        )
        body = answer.json()
        yield body["items"]
        cursor = body["next_cursor"]


def _store(meetings: list[dict[str, Any]], reps: Reps, account_id: UUID) -> None:
    now = datetime.now(UTC)
    calls = [_call(meeting, reps, now) for meeting in meetings]
    pairs = list(zip(calls, meetings, strict=True))
    with transaction.atomic():
        _upsert(calls, ["id"])
        _upsert([person for call, meeting in pairs for person in _people(call, meeting)], ["id"])
        _upsert(
            [_transcript(call, meeting) for call, meeting in pairs if meeting["transcript"]],
            ["call"],
        )
        _upsert([CallSearch(call=call) for call in calls], ["call"])
        _upsert([_meeting(call, meeting, account_id, now) for call, meeting in pairs], OF_A_MEETING)


def _upsert(rows: list[Any], unique: list[str]) -> None:
    if rows:
        kept = {"id", *unique, "created_at", "first_seen"} - (
            {"created_at"} if unique == OF_A_MEETING else set()
        )
        fields: list[models.Field[Any, Any]] = list(rows[0]._meta.concrete_fields)
        changed = [field.name for field in fields if field.name not in kept and not field.generated]
        type(rows[0])._default_manager.bulk_create(
            rows, update_conflicts=True, unique_fields=unique, update_fields=changed
        )


def _call(meeting: dict[str, Any], reps: Reps, now: datetime) -> Call:
    organization_id, rep_id = reps[meeting["recorded_by"]["email"].lower()]
    began, ended = _moment(meeting["recording_start_time"]), _moment(meeting["recording_end_time"])
    return Call(
        id=uuid5(NAMESPACE_URL, f"fathom:{meeting['recording_id']}"),
        organization_id=organization_id,
        rep_id=rep_id,
        source=Call.Source.FATHOM,
        external_id=str(meeting["recording_id"]),
        title=meeting["title"],
        status=Call.Status.COMPLETED,
        scheduled_start=_moment(meeting["scheduled_start_time"]),
        scheduled_end=_moment(meeting["scheduled_end_time"]),
        started_at=began,
        ended_at=ended,
        duration_seconds=(ended - began).seconds if began and ended else None,
        summary=meeting["default_summary"]["markdown_formatted"],
        action_items=meeting["action_items"],
        language=meeting["transcript_language"],
        url=meeting["url"],
        share_url=meeting["share_url"],
        data={name: meeting[name] for name in KEPT if meeting.get(name) is not None},
        as_of=now,
    )


def _people(call: Call, meeting: dict[str, Any]) -> list[CallParticipant]:
    host = meeting["recorded_by"]
    people = [(host["name"], host["email"], True, False)]
    people += [
        (invitee["name"], invitee["email"], False, invitee["is_external"])
        for invitee in meeting["calendar_invitees"]
        if invitee["email"] != host["email"]
    ]
    return [
        CallParticipant(
            id=uuid5(call.id, str(number)),
            call=call,
            display_name=name,
            email=email,
            is_host=hosts,
            is_external=outside,
        )
        for number, (name, email, hosts, outside) in enumerate(people)
    ]


def _transcript(call: Call, meeting: dict[str, Any]) -> Transcript:
    segments = [
        {
            "speaker": part["speaker"]["display_name"],
            "at": seconds(part["timestamp"]),
            "text": part["text"],
        }
        for part in meeting["transcript"]
    ]
    text = "\n".join(f"{part['speaker']}: {part['text']}" for part in segments)
    return Transcript(call=call, segments=segments, text=text)


def _meeting(call: Call, meeting: dict[str, Any], account_id: UUID, now: datetime) -> FathomMeeting:
    recorder, made = meeting["recorded_by"], _moment(meeting["created_at"])
    return FathomMeeting(
        recording_id=call.external_id,
        accounts=[account_id],
        organization_id=call.organization_id,
        rep_id=call.rep_id,
        call=call,
        outcome=FathomMeeting.Outcome.IMPORTED,
        recorder=recorder["email"].lower(),
        recorder_name=recorder["name"],
        team=recorder["team"] or "",
        title=call.title,
        created_at=made,
        started_at=call.started_at,
        ended_at=call.ended_at,
        day=(made or now).date(),
        as_of=now,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
