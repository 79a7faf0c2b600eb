"""Recordings of whole rooms: a recorder joins as a hidden participant, and at the end a file
lies in the storage.

What goes wrong is planned for a room, or for all by the switch `egress`:

fails                the recorder breaks off while it records: no file
aborts               it never says that it started
limit                the longest time is over: a good file
limit_without_file   the same, and nothing was written
never_starts         accepted, and nothing is heard of it again
never_ends           it says that it is ending, and nothing is heard of it again
no_worker            503: nobody takes it
The storage's own faults make an upload fail.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from sandbox.vendors.livekit.messages import Message, error
from sandbox.vendors.livekit.rooms import Participant, Room, Rooms
from sandbox.vendors.livekit.timeline import Timeline
from sandbox.vendors.livekit.uploads import placeholders, upload
from sandbox.vendors.livekit.webhooks import Webhooks

KINDS = (
    "",
    "fails",
    "aborts",
    "limit",
    "limit_without_file",
    "never_starts",
    "never_ends",
    "no_worker",
)
STARTING, ACTIVE, ENDING = "EGRESS_STARTING", "EGRESS_ACTIVE", "EGRESS_ENDING"
COMPLETE, FAILED = "EGRESS_COMPLETE", "EGRESS_FAILED"
ABORTED, LIMIT = "EGRESS_ABORTED", "EGRESS_LIMIT_REACHED"
UNDER_WAY = (STARTING, ACTIVE, ENDING)
STARTS_AFTER, GIVES_UP_AFTER, BREAKS_AFTER, ENDS_AFTER = 3, 15, 10, 2
KEPT_SECONDS = 24 * 3600


@dataclass
class Egress:
    """One recording of one session of a room."""

    id: str
    room: Room
    request: Message
    plan: str
    status: str = STARTING
    started: float = 0
    ended: float = 0
    updated: float = 0
    error: str = ""
    error_code: int = 0
    files: list[Message] = field(default_factory=list)
    recorder: Participant | None = None

    def message(self) -> Message:
        return {
            "egress_id": self.id, "room_id": self.room.sid, "room_name": self.room.name,
            "status": self.status, "started_at": _nanoseconds(self.started),
            "ended_at": _nanoseconds(self.ended), "updated_at": _nanoseconds(self.updated),
            "room_composite": placeholders(self.request), "file_results": self.files,
            "file": self.files[0] if self.files else None, "error": self.error,
            "error_code": self.error_code,
        }  # fmt: skip


class Recorders:
    """Recordings under way, and those that ended within a day."""

    def __init__(
        self,
        timeline: Timeline,
        webhooks: Webhooks,
        rooms: Rooms,
        switched: dict[str, Any],
        chance: random.Random,
        content: bytes,
    ) -> None:
        self._timeline = timeline
        self._webhooks = webhooks
        self._rooms = rooms
        self._switched = switched
        self._random = chance
        self._content = content
        self._all: dict[str, Egress] = {}
        self.plans: dict[str, list[str]] = {}
        rooms.closed.append(self._room_closed)

    def start(self, request: Message) -> Egress:
        room = self._rooms.get(request.get("room_name", ""))
        outputs = request.get("file_outputs", [])
        if len(outputs) > 1:
            raise error(400, "invalid_argument", "multiple file outputs")
        if not outputs and not request.get("file"):
            raise error(400, "invalid_argument", "request has missing or invalid field: output")
        planned = self.plans.get(room.name)
        plan = planned.pop(0) if planned else str(self._switched["egress"])
        if plan == "no_worker":
            raise error(503, "unavailable", "no response from servers")
        egress = Egress(self._rooms.number("EG"), room, request, plan)
        egress.files = [{"filename": self._path(egress)}]
        self._all[egress.id] = egress
        self._say(egress, "egress_started")
        if plan == "aborts":
            self._after(
                GIVES_UP_AFTER, self._end, egress, ABORTED, "Start signal not received", 412
            )
        elif plan != "never_starts":
            self._after(STARTS_AFTER, self._run, egress)
        return egress

    def stop(self, egress_id: str) -> Egress:
        egress = self._get(egress_id)
        if egress.status not in UNDER_WAY:
            raise error(
                412, "failed_precondition", f"egress with status {egress.status} cannot be stopped"
            )
        self._ending(egress)
        return egress

    def found(self, room_name: str, egress_id: str, active: bool) -> list[Egress]:
        """Return recordings, newest first. Those that ended more than a day ago are forgotten."""
        now = self._timeline.now()
        self._all = {
            key: egress
            for key, egress in self._all.items()
            if not egress.ended or now - egress.ended < KEPT_SECONDS
        }
        if egress_id:
            self._get(egress_id)
        states = UNDER_WAY if active else {egress.status for egress in self._all.values()}
        return [
            egress
            for egress in reversed(self._all.values())
            if room_name in {"", egress.room.name}
            and egress_id in {"", egress.id}
            and egress.status in states
        ]

    def stray(self, room_name: str) -> None:
        """Tell of an automatic recording that could not even begin: its only event, without an
        id.
        """
        self._webhooks.tell(
            "egress_ended", room_name, room={"name": room_name},
            egress_info={"room_name": room_name, "status": FAILED,
                         "error": "no response from servers"},
        )  # fmt: skip

    def _get(self, egress_id: str) -> Egress:
        if egress_id not in self._all:
            raise error(404, "not_found", "egress does not exist")
        return self._all[egress_id]

    def _after(self, seconds: float, action: Any, *arguments: Any) -> None:
        self._timeline.after(seconds, partial(action, *arguments))

    def _run(self, egress: Egress) -> None:
        if egress.status != STARTING:
            return
        egress.status, egress.started = ACTIVE, self._timeline.now()
        egress.recorder = self._rooms.join(
            egress.room.name, egress.id, kind="EGRESS", hidden=True, video={"canPublish": False}
        )
        egress.room.recorded = True
        self._say(egress, "egress_updated")
        if egress.plan == "fails":
            self._after(
                BREAKS_AFTER, self._end, egress, FAILED, "Encoder stopped unexpectedly", 500
            )
        elif egress.plan == "limit":
            self._after(BREAKS_AFTER, self._write, egress, LIMIT)
        elif egress.plan == "limit_without_file":
            self._after(BREAKS_AFTER, self._end, egress, LIMIT, "Session limit reached", 0)

    def _ending(self, egress: Egress) -> None:
        """Let it end: it was asked to stop, or the room is gone."""
        if egress.status == STARTING and egress.plan != "never_starts":
            self._end(egress, ABORTED, "Stop called before pipeline could start", 412)
        elif egress.status == ACTIVE:
            egress.status = ENDING
            self._say(egress, "egress_updated")
            self._recorder_leaves(egress)
            if egress.plan != "never_ends":
                self._after(ENDS_AFTER, self._write, egress, COMPLETE)

    def _room_closed(self, room: Room) -> None:
        for egress in list(self._all.values()):
            if egress.room is room:
                self._ending(egress)

    def _write(self, egress: Egress, status: str) -> None:
        """Upload, and only then tell that it is over.

        The end is when recording stopped, not when it was uploaded.
        """
        if egress.status not in UNDER_WAY:
            return
        ended = self._timeline.now() - (ENDS_AFTER if status == COMPLETE else 0)
        output = _output(egress.request)
        key = egress.files[0]["filename"]

        def written(fault: str) -> None:
            if fault:
                self._end(egress, FAILED, fault, 500)
                return
            egress.files = [_file(egress, output, key, ended, len(self._content))]
            self._end(egress, status, "", 0)

        self._timeline.outside(partial(upload, output.get("s3"), key, self._content), written)

    def _end(self, egress: Egress, status: str, why: str, code: int) -> None:
        if egress.status not in UNDER_WAY:
            return
        egress.status, egress.error, egress.error_code = status, why, code
        egress.ended = self._timeline.now()
        if why:
            egress.files = []
        self._recorder_leaves(egress)
        self._say(egress, "egress_ended")

    def _recorder_leaves(self, egress: Egress) -> None:
        egress.room.recorded = False
        if egress.recorder is not None:
            self._rooms.leave(egress.room, egress.recorder)

    def _say(self, egress: Egress, event: str) -> None:
        egress.updated = self._timeline.now()
        self._webhooks.tell(
            event, egress.id, room=egress.room.called(), egress_info=egress.message()
        )

    def _path(self, egress: Egress) -> str:
        """Return the object's whole key, with what is in braces filled in and the right ending."""
        wish = _output(egress.request).get("filepath", "")
        stamp = datetime.fromtimestamp(self._timeline.now(), UTC).strftime("%Y-%m-%dT%H%M%S")
        if not wish or wish.endswith("/"):
            wish += "{room_name}-{time}"
        known = {
            "room_name": egress.room.name,
            "room_id": egress.room.sid,
            "time": stamp,
            "utc": stamp,
            "retry": "0",
        }
        for name, value in known.items():
            wish = wish.replace(f"{{{name}}}", value)
        while wish.startswith("../"):
            wish = wish.removeprefix("../")
        stem, dot, ending = wish.rpartition(".")
        return f"{stem if dot and ending in {'mp4', 'ogg', 'webm', 'mp3'} else wish}.mp4"


def _output(request: Message) -> Message:
    outputs = request.get("file_outputs") or [request.get("file") or {}]
    return dict(outputs[0])


def _file(egress: Egress, output: Message, key: str, ended: float, size: int) -> Message:
    return {
        "filename": key, "started_at": _nanoseconds(egress.started),
        "ended_at": _nanoseconds(ended),
        "duration": _nanoseconds(ended) - _nanoseconds(egress.started), "size": size,
        "location": _location(output.get("s3"), key),
    }  # fmt: skip


def _location(s3: Message | None, key: str) -> str:
    if not s3:
        return f"/out/{key}"
    if s3.get("force_path_style"):
        return f"{s3.get('endpoint', 'https://s3.amazonaws.com')}/{s3['bucket']}/{key}"
    return f"https://{s3['bucket']}.{s3.get('endpoint') or 's3.amazonaws.com'}/{key}"


def _nanoseconds(seconds: float) -> int:
    return round(seconds * 1e6) * 1000
