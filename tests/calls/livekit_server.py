"""LiveKit's own API, as far as calls ask it: rooms and who is in them, in memory."""

import json
from datetime import datetime, timedelta
from typing import Any

import responses

from calls.models import Call
from tests.calls.rooms import BASE, NINE, unix


def at(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


class Server:
    """LiveKit's API over the wire: the rooms that are open, and who is in them,
    in its snake_case with every field.
    """

    def __init__(self, wire: responses.RequestsMock) -> None:
        self.rooms: dict[str, tuple[str, list[dict[str, Any]]]] = {}
        self.fails = 0
        self.refused = ""
        self.asked: list[str] = []
        for method in ("ListRooms", "ListParticipants", "DeleteRoom"):
            wire.add_callback("POST", f"{BASE}RoomService/{method}", getattr(self, method))
        wire.add_callback(
            "POST", f"{BASE}Egress/ListEgress", lambda _request: (200, {}, '{"items": []}')
        )
        wire.add_callback(
            "POST",
            f"{BASE}Egress/StartRoomCompositeEgress",
            lambda _request: (
                404,
                {},
                '{"code": "not_found", "msg": "requested room does not exist"}',
            ),
        )

    def open(self, call: Call, *people: str, sid: str = "RM_one", since: datetime = NINE) -> None:
        """This room is open, with these in it: `identity:sid`."""
        listed = []
        for who in people:
            identity, _, stay = who.partition(":")
            kind = "EGRESS" if identity.startswith("EG_") else "STANDARD"
            listed.append(
                {"sid": stay, "identity": identity, "state": "ACTIVE", "kind": kind, "name": "",
                 "metadata": "",
                 "joined_at": str(unix(since)), "joined_at_ms": str(unix(since) * 1000)}
            )  # fmt: skip
        self.rooms[call.room_name] = (sid, listed)

    def close(self, call: Call) -> None:
        self.rooms.pop(call.room_name, None)

    def ListRooms(self, request: Any) -> tuple[int, dict[str, str], str]:  # noqa: N802
        if (failed := self._failed("ListRooms")) is not None:
            return failed
        names = body_of(request)["names"]
        found = [
            {"sid": sid, "name": name, "creation_time": str(unix(NINE)), "creation_time_ms": "0",
             "num_participants": 0, "metadata": ""}
            for name, (sid, _people) in self.rooms.items() if name in names
        ]  # fmt: skip
        return 200, {}, json.dumps({"rooms": found})

    def ListParticipants(self, request: Any) -> tuple[int, dict[str, str], str]:  # noqa: N802
        if (failed := self._failed("ListParticipants")) is not None:
            return failed
        name = body_of(request)["room"]
        if name == self.refused:
            return 401, {}, '{"code": "unauthenticated", "msg": "permissions denied"}'
        return 200, {}, json.dumps({"participants": self.rooms[name][1]})

    def DeleteRoom(self, request: Any) -> tuple[int, dict[str, str], str]:  # noqa: N802
        self.asked.append("DeleteRoom")
        self.rooms.pop(body_of(request)["room"])
        return 200, {}, "{}"

    def _failed(self, method: str) -> tuple[int, dict[str, str], str] | None:
        self.asked.append(method)
        if self.fails:
            self.fails -= 1
            return 404, {}, '{"code": "bad_route", "msg": "no such path"}'
        return None


def body_of(request: Any) -> Any:
    return json.loads(request.body or b"{}")
