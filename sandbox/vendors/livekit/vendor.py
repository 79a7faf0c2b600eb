"""LiveKit's server API and what a test or a trial can make happen in its rooms.
There is no media: see `rtc`.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from sandbox.vendors.demo_keys import LIVEKIT_API_KEY, LIVEKIT_API_SECRET
from sandbox.vendors.frame import Reply, Request, Stop, Vendor, route
from sandbox.vendors.livekit.messages import Message, error, full, malformed, read
from sandbox.vendors.livekit.recorders import KINDS, Egress, Recorders
from sandbox.vendors.livekit.rooms import Participant, Rooms
from sandbox.vendors.livekit.timeline import Timeline
from sandbox.vendors.livekit.tokens import Claims, claims_of, demand, denied, verified
from sandbox.vendors.livekit.webhooks import Webhooks
from sandbox.vendors.s3 import RECORDING

Answer = tuple[str, Message]


class LiveKit(Vendor):
    name = "livekit"
    keys: ClassVar = {"API key": LIVEKIT_API_KEY, "API secret": LIVEKIT_API_SECRET}
    switches: ClassVar = {
        "rate_limits": False,
        "speed": 1.0,  # of the rooms' time; 0: only `advance` moves it
        "tracks": True,
        "webhook_url": "",
        "webhook_drop": 0.0,
        "webhook_repeat": 0,
        "webhook_delay": 0.0,
        "webhook_shuffle": 0.0,
        "egress": "",
    }
    time: Timeline

    def reset(self) -> None:
        super().reset()
        if hasattr(self, "time"):
            self.time.close()
        self.switched["webhook_url"] = f"{self.app}/webhooks/livekit" if self.app else ""
        self.time = timeline = Timeline()
        self.webhooks = Webhooks(timeline, self.switched, self.random)
        self.rooms = Rooms(timeline, self.webhooks, self.switched, self.random)
        self.recorders = Recorders(
            timeline, self.webhooks, self.rooms, self.switched, self.random, RECORDING.read_bytes()
        )

    def turn(self, changes: dict[str, Any]) -> None:
        if changes.get("egress", "") not in KINDS:
            raise ValueError(f"No such fault of a recording: {changes['egress']}")
        super().turn(changes)
        if "speed" in changes:
            self.time.set(speed=float(changes["speed"]))

    # --- The API ----------------------------------------------------------------------------------
    def account(self, request: Request) -> str:
        """Leave this to the methods: they check their grants themselves."""
        return "main"

    def unknown(self, request: Request) -> Reply:
        if request.path.startswith("/rtc"):
            # No media here: a browser meets what it meets when the server cannot be reached.
            return Reply(0)
        return _bad_route(f"no handler for path {request.path!r}", request).reply

    @route("GET", "/twirp/livekit.{service}/{method}")
    def wrong_method(self, request: Request, service: str, method: str) -> Reply:
        raise _bad_route('unsupported method "GET" (only POST is allowed)', request)

    @route("POST", "/twirp/livekit.{service}/{method}")
    def call(self, request: Request, service: str, method: str) -> Reply:
        header = request.headers.get("authorization", "")
        claims = claims_of(header) if header else {}
        known = _METHODS.get(f"{service}/{method}")
        if known is None:
            raise _bad_route(f"no handler for path {request.path!r}", request)
        if (
            request.headers.get("content-type", "").partition(";")[0].strip().lower()
            != "application/json"
        ):
            kind = request.headers.get("content-type", "")
            raise _bad_route(f'unexpected Content-Type: "{kind}"', request)
        of, handler = known
        try:
            wishes = read(of, request.json())
        except Stop as stop:
            raise malformed() from stop
        with self.time.lock:
            if not claims:
                raise denied()
            name, message = handler(self, claims, wishes)
            return Reply(200, full(name, message))

    def _create_room(self, claims: Claims, wishes: Message) -> Answer:
        demand(claims, "roomCreate")
        if not wishes.get("name"):
            raise error(400, "invalid_argument", "name is required")
        return "Room", self.rooms.create(wishes.pop("name"), **wishes).message()

    def _list_rooms(self, claims: Claims, wishes: Message) -> Answer:
        demand(claims, "roomList")
        names = wishes.get("names")
        rooms = [
            room.message() for room in self.rooms.open.values() if not names or room.name in names
        ]
        return "ListRoomsResponse", {"rooms": rooms}

    def _delete_room(self, claims: Claims, wishes: Message) -> Answer:
        demand(claims, "roomCreate")
        self.rooms.close(self.rooms.get(wishes.get("room", "")), "ROOM_DELETED")
        return "Empty", {}

    def _list_participants(self, claims: Claims, wishes: Message) -> Answer:
        """List who is in a room; nobody is in a room that is not open, as the vendor's store
        answers.
        """
        demand(claims, "roomAdmin", wishes.get("room", ""))
        room = self.rooms.open.get(wishes.get("room", ""))
        people = [who.message() for who in room.participants.values()] if room else []
        return "ListParticipantsResponse", {"participants": people}

    def _get_participant(self, claims: Claims, wishes: Message) -> Answer:
        demand(claims, "roomAdmin", wishes.get("room", ""))
        return "ParticipantInfo", self._stay(wishes).message()

    def _remove_participant(self, claims: Claims, wishes: Message) -> Answer:
        demand(claims, "roomAdmin", wishes.get("room", ""))
        self.rooms.leave(self.rooms.get(wishes["room"]), self._stay(wishes), "PARTICIPANT_REMOVED")
        return "Empty", {}

    def _start_recording(self, claims: Claims, wishes: Message) -> Answer:
        demand(claims, "roomRecord")
        return "EgressInfo", self.recorders.start(wishes).message()

    def _stop_egress(self, claims: Claims, wishes: Message) -> Answer:
        demand(claims, "roomRecord")
        return "EgressInfo", self.recorders.stop(wishes.get("egress_id", "")).message()

    def _list_egress(self, claims: Claims, wishes: Message) -> Answer:
        demand(claims, "roomRecord")
        found: list[Egress] = self.recorders.found(
            wishes.get("room_name", ""), wishes.get("egress_id", ""), bool(wishes.get("active"))
        )
        return "ListEgressResponse", {"items": [egress.message() for egress in found]}

    def _stay(self, wishes: Message) -> Participant:
        room = self.rooms.open.get(wishes.get("room", ""))
        for stay in room.participants.values() if room else ():
            if wishes.get("identity") in {stay.identity, stay.sid}:
                return stay
        raise error(404, "not_found", "participant does not exist")

    # --- What a test makes happen -----------------------------------------------------------------
    def act(self, name: str, wishes: dict[str, Any]) -> Any:
        """Do join, leave, abort, plan, stray, advance or events: `POST
        /_control/vendors/livekit/<name>`.
        """
        known = _ACTS.get(name)
        if known is None:
            return super().act(name, wishes)
        with self.time.lock:
            return known(self, **wishes)

    def join(
        self,
        room: str = "",
        identity: str = "",
        token: str = "",
        crossing: bool = False,
        **about: Any,
    ) -> dict[str, Any]:
        """Let somebody come in: with the token that Koppel gave them, or just so."""
        if token:
            claims = verified(token)
            video = claims.get("video") or {}
            demand(claims, "roomJoin")
            room, identity = video["room"], claims["sub"]
            about = {
                "name": claims.get("name", ""),
                "metadata": claims.get("metadata", ""),
                "video": video,
                **about,
            }
        stay = self.rooms.join(room, identity, crossing=crossing, **about)
        return {"sid": stay.sid, "identity": stay.identity, "room": room, "at": stay.joined}

    def leave(self, room: str, identity: str, reason: str = "CLIENT_INITIATED") -> dict[str, Any]:
        """Let somebody leave, by identity, or by the sid of the stay."""
        self.rooms.leave(
            self.rooms.get(room), self._stay({"room": room, "identity": identity}), reason
        )
        return {"at": self.time.now()}

    def abort(self, room: str, identity: str) -> None:
        self.rooms.abort(room, identity)

    def plan(self, room: str, egress: list[str]) -> None:
        """Plan what becomes of the next recordings of this room, in this order."""
        if set(egress) - set(KINDS):
            raise ValueError(f"No such fault of a recording: {egress}")
        self.recorders.plans[room] = list(egress)

    def stray(self, room: str) -> None:
        self.recorders.stray(room)

    def advance(self, seconds: float = 0, at: float | None = None) -> dict[str, Any]:
        """Let time pass.

        `at`: until this moment, or, with `seconds` 0 and an earlier moment, begin at that.
        """
        if at is not None and at < self.time.now():
            self.time.set(at=at)
        self.time.advance(seconds if at is None else max(0.0, at - self.time.now()))
        return {"at": self.time.now()}

    def events(self, after: int = 0) -> list[dict[str, Any]]:
        """Return all webhooks so far, signed, whether they were sent or not."""
        return [event.as_json() for event in self.webhooks.events[after:]]


def _bad_route(message: str, request: Request) -> Stop:
    return error(404, "bad_route", message, twirp_invalid_route=f"{request.method} {request.path}")


_METHODS: dict[str, tuple[str, Callable[[LiveKit, Claims, Message], Answer]]] = {
    "RoomService/CreateRoom": ("CreateRoomRequest", LiveKit._create_room),
    "RoomService/ListRooms": ("ListRoomsRequest", LiveKit._list_rooms),
    "RoomService/DeleteRoom": ("DeleteRoomRequest", LiveKit._delete_room),
    "RoomService/ListParticipants": ("ListParticipantsRequest", LiveKit._list_participants),
    "RoomService/GetParticipant": ("RoomParticipantIdentity", LiveKit._get_participant),
    "RoomService/RemoveParticipant": ("RoomParticipantIdentity", LiveKit._remove_participant),
    "Egress/StartRoomCompositeEgress": ("RoomCompositeEgressRequest", LiveKit._start_recording),
    "Egress/StopEgress": ("StopEgressRequest", LiveKit._stop_egress),
    "Egress/ListEgress": ("ListEgressRequest", LiveKit._list_egress),
}
_ACTS: dict[str, Callable[..., Any]] = {
    "join": LiveKit.join,
    "leave": LiveKit.leave,
    "abort": LiveKit.abort,
    "plan": LiveKit.plan,
    "stray": LiveKit.stray,
    "advance": LiveKit.advance,
    "events": LiveKit.events,
}
