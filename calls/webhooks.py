"""LiveKit's webhooks: hints of what goes on in our rooms.
What is missed here, `calls.reconcile` asks for.

They are worked in any order and as often as they come: each writes a fact (`calls.rooms`), and how
far the call is follows from all of them. Rooms that are no call of ours are nobody's business here.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from django.utils import timezone

from calls import livekit, recordings, rooms
from calls.livekit import Egress, Participant, Room
from calls.models import Call
from core.inbox import LiveKitToken, Sender, Source
from core.models import InboundEvent

Fact = Callable[[Call, Room, Mapping[str, Any], datetime], None]


def sender() -> Sender | None:
    """Return LiveKit as a sender, under the key of the environment; None while none is set."""
    if not livekit.configured():
        return None
    return Sender(issuer=livekit.api_key(), secrets=(livekit.api_secret(),))


def identity(payload: Mapping[str, Any]) -> str:
    """Return LiveKit's own id of the event: a repetition has the same."""
    delivery_id = payload.get("id")
    if not isinstance(delivery_id, str):
        return ""
    return delivery_id


def without_secrets(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return what LiveKit sent without its rooms' passwords, wherever they lie and however they are
    spelled.
    """
    return {name: _without(value) for name, value in payload.items() if name not in PASSWORDS}


def _without(value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_secrets(value)
    if isinstance(value, list):
        return [_without(element) for element in value]
    return value


def handle(event: InboundEvent) -> None:
    """Work one delivery, in the transaction that marks it as worked."""
    payload = event.event_data
    if event.event_type in RECORDING:
        recordings.apply(Egress.read(payload.get("egressInfo")))
        return
    room = Room.read(payload.get("room"))
    call = rooms.locked(rooms.named(room.name))
    if call is None or not room.sid:
        return
    # It happened no later than it came: a clock that runs ahead is not believed.
    at = min(livekit.moment(payload.get("createdAt")) or event.received_at, event.received_at)
    FACTS[event.event_type](call, room, payload, at)
    rooms.settle(call, timezone.now())


def _opened(call: Call, room: Room, _payload: Mapping[str, Any], at: datetime) -> None:
    rooms.room_seen(call, room, at)


def _finished(call: Call, room: Room, _payload: Mapping[str, Any], at: datetime) -> None:
    rooms.room_seen(call, room, at)
    rooms.room_closed(call, room.sid, at)


def _joined(call: Call, room: Room, payload: Mapping[str, Any], at: datetime) -> None:
    rooms.room_seen(call, room, at)
    rooms.person_in(call, room.sid, Participant.read(payload.get("participant")), at)


def _left(call: Call, room: Room, payload: Mapping[str, Any], at: datetime) -> None:
    rooms.room_seen(call, room, at)
    rooms.person_out(call, room.sid, Participant.read(payload.get("participant")), at)


FACTS: Final[Mapping[str, Fact]] = {
    "room_started": _opened,
    "room_finished": _finished,
    "participant_joined": _joined,
    "participant_left": _left,
}
PASSWORDS: Final = frozenset({"turnPassword", "turn_password"})
RECORDING: Final = frozenset({"egress_started", "egress_updated", "egress_ended"})

SOURCE: Final = Source(
    "livekit",
    ("/api/webhooks/livekit", "/webhooks/livekit"),
    LiveKitToken(sender),
    "calls.webhooks.handle",
    events=frozenset(FACTS) | RECORDING,
    answer=(200, {"success": True}),
    delivery_id=identity,
    strip=without_secrets,
)
