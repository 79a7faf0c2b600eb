"""Rooms and who is in them: opened by the first who comes or by the API,
closed a while after the last one left.
"""

import random
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sandbox.vendors.livekit.messages import Message, error
from sandbox.vendors.livekit.timeline import Planned, Timeline
from sandbox.vendors.livekit.webhooks import Webhooks

PEOPLE = "STANDARD"
EMPTY_TIMEOUT = 300
DEPARTURE_TIMEOUT = 20
CODECS = [{"mime": "audio/opus"}, {"mime": "video/VP8"}, {"mime": "video/H264"}]


@dataclass
class Participant:
    """One stay of somebody on one device; a recorder is one too."""

    sid: str
    identity: str
    joined: float
    name: str = ""
    metadata: str = ""
    kind: str = PEOPLE
    state: str = "ACTIVE"
    reason: str = ""
    hidden: bool = False
    video: dict[str, Any] = field(default_factory=dict)

    def message(self) -> Message:
        allowed = {name: self.video.get(camel, True) for name, camel in _ALLOWED}
        return {
            "sid": self.sid, "identity": self.identity, "state": self.state,
            "metadata": self.metadata, "joined_at": int(self.joined),
            "joined_at_ms": int(self.joined * 1000), "name": self.name, "version": 2,
            "permission": {**allowed, "hidden": self.hidden, "recorder": self.hidden},
            "is_publisher": self.kind == PEOPLE, "kind": self.kind,
            "disconnect_reason": self.reason, "client_protocol": 16,
        }  # fmt: skip


_ALLOWED = (
    ("can_subscribe", "canSubscribe"),
    ("can_publish", "canPublish"),
    ("can_publish_data", "canPublishData"),
)


@dataclass
class Room:
    """One session of a room: the next one of the same name has another sid."""

    sid: str
    name: str
    created: float
    turn_password: str
    empty_timeout: int = EMPTY_TIMEOUT
    departure_timeout: int = DEPARTURE_TIMEOUT
    max_participants: int = 0
    metadata: str = ""
    recorded: bool = False
    participants: dict[str, Participant] = field(default_factory=dict)
    closing: Planned | None = None

    def people(self) -> list[Participant]:
        return [who for who in self.participants.values() if who.kind == PEOPLE]

    def message(self) -> Message:
        return {
            "sid": self.sid, "name": self.name, "empty_timeout": self.empty_timeout,
            "departure_timeout": self.departure_timeout, "max_participants": self.max_participants,
            "creation_time": int(self.created), "creation_time_ms": int(self.created * 1000),
            "turn_password": self.turn_password, "enabled_codecs": CODECS,
            "metadata": self.metadata, "num_participants": len(self.people()),
            "num_publishers": len(self.people()), "active_recording": self.recorded,
        }  # fmt: skip

    def called(self) -> Message:
        """Name it as events about recordings have it."""
        return {"sid": self.sid, "name": self.name}


class Rooms:
    """The open rooms. `closed` is told of each that closes."""

    def __init__(
        self,
        timeline: Timeline,
        webhooks: Webhooks,
        switched: dict[str, Any],
        chance: random.Random,
    ) -> None:
        self._timeline = timeline
        self._webhooks = webhooks
        self._switched = switched
        self._random = chance
        self.open: dict[str, Room] = {}
        self.closed: list[Any] = []

    def number(self, prefix: str) -> str:
        return f"{prefix}_{''.join(self._random.choices(_LETTERS, k=12))}"

    def create(self, name: str, **wishes: Any) -> Room:
        """Return the open room of this name, opened now if there is none."""
        room = self.open.get(name)
        if room is None:
            room = Room(self.number("RM"), name, self._timeline.now(), self.number("tp"))
            self.open[name] = room
            self._apply(room, wishes)
            self._webhooks.tell("room_started", name, room=room.message())
            room.closing = self._timeline.after(room.empty_timeout, partial(self.close, room))
        else:
            self._apply(room, wishes)
        return room

    def _apply(self, room: Room, wishes: dict[str, Any]) -> None:
        for field_name, value in wishes.items():
            if value:
                setattr(room, field_name, value)

    def get(self, name: str) -> Room:
        if name not in self.open:
            raise error(404, "not_found", "requested room does not exist")
        return self.open[name]

    def join(
        self, room_name: str, identity: str, *, crossing: bool = False, **about: Any
    ) -> Participant:
        """Let somebody in. Their earlier stay ends; `crossing`: the end is told after the new
        stay.
        """
        room = self.create(room_name)
        earlier = [stay for stay in room.participants.values() if stay.identity == identity]
        if not crossing:
            self._put_out(room, earlier)
        participant = Participant(self.number("PA"), identity, self._timeline.now(), **about)
        before = room.message()
        room.participants[participant.sid] = participant
        if room.closing and participant.kind == PEOPLE:
            room.closing.off, room.closing = True, None
        # The number of people in events is known to be stale.
        self._webhooks.tell(
            "participant_joined", room_name, room=before, participant=participant.message()
        )
        if participant.kind == PEOPLE and self._switched["tracks"]:
            self._publish(room, participant)
        if crossing:
            self._put_out(room, earlier)
        return participant

    def _put_out(self, room: Room, stays: list[Participant]) -> None:
        for stay in stays:
            self.leave(room, stay, "DUPLICATE_IDENTITY")

    def _publish(self, room: Room, participant: Participant) -> None:
        track = {
            "sid": self.number("TR"),
            "name": "microphone",
            "source": "MICROPHONE",
            "mime_type": "audio/opus",
        }
        who = {"sid": participant.sid, "identity": participant.identity}
        self._webhooks.tell(
            "track_published", room.name, room=room.called(), participant=who, track=track
        )

    def abort(self, room_name: str, identity: str, **about: Any) -> None:
        """Let somebody come to the door and never get in."""
        room = self.create(room_name)
        participant = Participant(self.number("PA"), identity, self._timeline.now(), **about)
        participant.state, participant.reason = "DISCONNECTED", "JOIN_FAILURE"
        self._webhooks.tell(
            "participant_connection_aborted",
            room_name,
            room=room.message(),
            participant=participant.message(),
        )

    def leave(self, room: Room, participant: Participant, reason: str = "CLIENT_INITIATED") -> None:
        if room.participants.pop(participant.sid, None) is None:
            return
        participant.state, participant.reason = "DISCONNECTED", reason
        self._webhooks.tell(
            "participant_left", room.name, room=room.message(), participant=participant.message()
        )
        # Recorders do not keep a room open.
        if participant.kind == PEOPLE and not room.people() and room.closing is None:
            room.closing = self._timeline.after(room.departure_timeout, partial(self.close, room))

    def close(self, room: Room, reason: str = "ROOM_CLOSED") -> None:
        if self.open.get(room.name) is not room:
            return
        for participant in room.people():
            self.leave(room, participant, reason)
        if room.closing:
            room.closing.off = True
        del self.open[room.name]
        for listener in self.closed:
            listener(room)
        for participant in list(room.participants.values()):
            self.leave(room, participant, reason)
        self._webhooks.tell("room_finished", room.name, room=room.message())


_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
