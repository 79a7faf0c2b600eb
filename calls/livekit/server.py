"""LiveKit's API (Twirp: a POST of JSON per method), each call with a token of its own that can
do no more than it.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from calls.livekit.shapes import Egress, Participant, Room, Storage
from calls.livekit.tokens import call_token, server_url
from core.errors import Misconfigured
from core.http import Answer, BearerKey, CallContext, Client, Limits, Quota

VENDOR: Final = "livekit"
# LiveKit's own cloud takes 1,000 requests a minute and project; joins need none of them.
QUOTAS: Final = (Quota("requests", 600, 60),)
# A recorder has up to ten seconds to say that it takes a recording.
LIMITS: Final = Limits(connect=3, read=15, total=30, attempts=3, quota_wait=10)
NOT_FOUND: Final = "not_found"
_ANSWERED: Final = (200, 404)


class Server:
    """The methods that Koppel needs. What is not there is None or empty where that is an answer;
    else VendorError.
    """

    def __init__(self, context: CallContext | None = None) -> None:
        self._context = context or CallContext()

    def list_rooms(self, names: Iterable[str] = ()) -> list[Room]:
        """List the rooms that are open now; of these names, where some are given."""
        payload = self._call("RoomService/ListRooms", {"roomList": True}, {"names": list(names)})
        return [Room.read(room) for room in _rows(payload, "rooms")]

    def create_room(self, name: str) -> Room:
        """Open the room ahead of people, or find it open already. It waits five minutes for
        them.
        """
        payload = self._call(
            "RoomService/CreateRoom", {"roomCreate": True}, {"name": name, "empty_timeout": 300}
        )
        return Room.read(payload)

    def list_participants(self, room: str) -> list[Participant]:
        """List everybody in this room, recorders too; nobody where it is not open."""
        payload = self._call(
            "RoomService/ListParticipants",
            {"roomAdmin": True, "room": room},
            {"room": room},
            _ANSWERED,
        )
        return [Participant.read(participant) for participant in _rows(payload, "participants")]

    def delete_room(self, room: str) -> bool:
        """Close the room and put everybody out; return whether it was open."""
        return (
            self._call("RoomService/DeleteRoom", {"roomCreate": True}, {"room": room}, _ANSWERED)
            is not None
        )

    def start_recording(
        self,
        room: str,
        filepath: str,
        storage: Storage,
        *,
        layout: str = "grid",
        preset: str = "H264_720P_30",
    ) -> Egress | None:
        """Record the room's picture and sound into one file; None where it is not open. Never sent
        twice.
        """
        output = {
            "file_type": "MP4",
            "filepath": filepath,
            "disable_manifest": True,
            "s3": storage.s3(),
        }
        wanted = {"room_name": room, "layout": layout, "preset": preset, "file_outputs": [output]}
        return _egress(
            self._call(
                "Egress/StartRoomCompositeEgress",
                {"roomRecord": True},
                wanted,
                _ANSWERED,
                idempotent=False,
            )
        )

    def stop_egress(self, egress_id: str) -> Egress | None:
        """Ask for its end, which comes later; return what is over already as it is.

        None where it is not known.
        """
        payload = self._call(
            "Egress/StopEgress", {"roomRecord": True}, {"egress_id": egress_id}, (200, 404, 412)
        )
        if payload is None:
            return None
        if {"egress_id", "egressId"} & payload.keys():
            return Egress.read(payload)
        return next(iter(self.list_egress(egress_id=egress_id)), None)

    def list_egress(
        self, room_name: str | None = None, egress_id: str | None = None
    ) -> list[Egress]:
        """List recordings under way, and those that ended within the last day."""
        wanted = {"room_name": room_name, "egress_id": egress_id}
        asked = {name: value for name, value in wanted.items() if value}
        payload = self._call("Egress/ListEgress", {"roomRecord": True}, asked, _ANSWERED)
        return [Egress.read(item) for item in _rows(payload, "items")]

    def _call(
        self,
        method: str,
        grants: Mapping[str, Any],
        body: Mapping[str, Any],
        ok: Collection[int] = (200,),
        *,
        idempotent: bool = True,
    ) -> dict[str, Any] | None:
        """Return what LiveKit says; None where it knows nothing of what was asked for."""
        auth = BearerKey(call_token(grants))
        client = Client(VENDOR, "calls", server_url(), auth, QUOTAS, self._context, limits=LIMITS)
        answer = client.post(f"/twirp/livekit.{method}", json=body, ok=ok, idempotent=idempotent)
        payload: Any = {}
        if answer.body:
            payload = answer.json()
        if not isinstance(payload, dict):
            raise Misconfigured(VENDOR, status=answer.status)
        if _is_missing(answer, payload):
            return None
        return payload


def server(context: CallContext | None = None) -> Server:
    """Return LiveKit, as the environment names it. `context` says on whose behalf it is called."""
    return Server(context)


def _is_missing(answer: Answer, payload: Mapping[str, Any]) -> bool:
    """Tell whether it is the thing that is missing.

    A wrong address is 404 too, and must not pass for a closed room.
    """
    if answer.status != 404:
        return False
    if payload.get("code") != NOT_FOUND:
        raise Misconfigured(VENDOR, status=404)
    return True


def _rows(payload: Mapping[str, Any] | None, name: str) -> list[Any]:
    rows = (payload or {}).get(name)
    if not isinstance(rows, list):
        return []
    return rows


def _egress(payload: Mapping[str, Any] | None) -> Egress | None:
    if payload is None:
        return None
    return Egress.read(payload)
