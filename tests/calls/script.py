"""Calls by script: what people do in LiveKit's stand-in, second by second, and what must be known
of it afterwards.

Time is the sandbox's: the test's clock and the stand-in's move together, a minute at a time, and
after each minute the clock's jobs run as beat would run them. Nothing else runs: whatever a message
to a worker would have hastened is found by them.
"""

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import time_machine
from django.test import Client

from calls import reconcile, recordings, services
from calls.models import Call
from calls.services import entering
from core import inbox, redis
from tests.support.sandbox import Sandbox
from tests.support.world import World

# So long after its end a call must be as it stays.
DEADLINE = timedelta(minutes=5)
TRAILING = timedelta(minutes=11)
# What becomes of the recording, and what must be shown of it.
# A plan holds for every try of the call.
EGRESS = {
    "": "available",
    "fails": "failed",
    "aborts": "failed",
    "limit": "available",
    "limit_without_file": "failed",
    "never_starts": "failed",
    "never_ends": "failed",
    "no_worker": "failed",
}
TRIES = 12
SHAPES = (
    "plain",
    "alone",
    "guest",
    "other_device",
    "crossing",
    "twice",
    "back_in_time",
    "aborted",
    "nobody",
)


@dataclass
class Stay:
    """Somebody in the room, as it really was."""

    identity: str
    sid: str
    session: int
    joined: datetime
    left: datetime | None = None


@dataclass
class Scripted:
    """One call: its meeting, what is still to happen (in seconds from the start), and what did."""

    number: int
    shape: str
    egress: str
    appointment: Any
    steps: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    session: int = 0
    over: datetime | None = None

    @property
    def room(self) -> str:
        return entering.room_name(self.appointment)

    @property
    def started(self) -> datetime | None:
        return min((stay.joined for stay in self.stays), default=None)

    @property
    def ended(self) -> datetime | None:
        return max((stay.left for stay in self.stays if stay.left), default=None)

    @property
    def seconds(self) -> float:
        """From the first one in to the last one out, of each session of the room."""
        total = 0.0
        for _, group in itertools.groupby(
            sorted(self.stays, key=lambda stay: stay.session), lambda stay: stay.session
        ):
            stays = list(group)
            last = max(stay.left for stay in stays if stay.left)
            total += (last - min(stay.joined for stay in stays)).total_seconds()
        return total


class Stage:
    """The stand-in, a world of people, and the scripts that play."""

    def __init__(
        self, box: Sandbox, begins: datetime, travel: time_machine.Traveller, seed: int = 1
    ) -> None:
        self.box, self.begins, self.travel = box, begins, travel
        self.random = random.Random(seed)
        self.world = World()
        self.calls: list[Scripted] = []
        self.now = begins
        # The sids by which each person of a call came in; what was known of each call when
        # its time was over.
        self._sids: dict[tuple[int, str], set[str]] = {}
        self.looked: dict[int, dict[str, Any]] = {}
        self.box.act("livekit", "advance", at=begins.timestamp())

    # --- Scripts ----------------------------------------------------------------------------------
    def write(self, count: int, shortest: float) -> None:
        """So many calls of every shape, whose people stay for `shortest` seconds at least."""
        plans = list(EGRESS)
        for number in range(count):
            shape = SHAPES[number % len(SHAPES)]
            # Three of four recordings go well.
            egress = (
                plans[1 + number // 4 % (len(plans) - 1)]
                if number % 4 == 0 and shape != "nobody"
                else ""
            )
            starts = self.begins - timedelta(minutes=75 if shape == "nobody" else 0)
            meeting = self.world.book(
                starts, closer=self.world.members["CLOSER"], team=self.world.team
            )
            meeting.ends_at = starts + timedelta(minutes=30)
            meeting.save()
            call = Scripted(number, shape, egress, meeting)
            call.steps = sorted(self._steps(call, shortest), key=lambda step: step[0])
            if egress:
                self.box.act("livekit", "plan", room=call.room, egress=[egress] * TRIES)
            self.calls.append(call)

    def _steps(self, call: Scripted, shortest: float) -> Iterator[tuple[float, Callable[[], None]]]:
        """What happens when. The closer comes first; who else comes depends on the shape."""
        come = self.random.uniform(0, 240)
        last = come + 2 * shortest + self.random.uniform(10, 200)
        closer, ceo = partial(self._join, call, "CLOSER"), partial(self._join, call, "CEO")
        out = partial(self._leave, call)
        match call.shape:
            case "nobody":
                yield come, partial(self._look_in, call)
                return
            case "aborted":
                yield come - 1, partial(self._abort, call)
            case "plain":
                yield come + 5, ceo
                yield last - 7, partial(out, "CEO")
            case "guest":
                yield come + 3, partial(self._guest, call)
                yield last - 1, partial(out, "guest")
            case "other_device":
                yield come + shortest, partial(self._join, call, "CLOSER", "phone")
            case "crossing":
                yield come + shortest, partial(self._join, call, "CLOSER", crossing=True)
            case "back_in_time":
                yield come + shortest, partial(out, "CLOSER")
                yield come + shortest + 15, closer
            case "twice":
                yield come + shortest, partial(out, "CLOSER")
                yield come + shortest + 60, closer
                last += shortest + 60
        yield come, closer
        yield last, partial(out, "CLOSER")

    # --- What people do ---------------------------------------------------------------------------
    def _token(self, call: Scripted, role: str, device: str) -> str:
        return services.join(call.appointment.pk, self.world.users[role], device=device).token

    def _look_in(self, call: Scripted) -> None:
        """They open the room's page, and close it again."""
        self._token(call, "CLOSER", "laptop")

    def _join(
        self, call: Scripted, role: str, device: str = "laptop", crossing: bool = False
    ) -> None:
        self._enter(call, self._token(call, role, device), role, crossing)

    def _guest(self, call: Scripted) -> None:
        _, link = services.invite_guest(call.appointment, actor=self.world.users["CLOSER"])
        token = services.join_as_guest(
            link, display_name="Lee", consent=True, device="tablet"
        ).token
        self._enter(call, token, "guest")

    def _enter(self, call: Scripted, token: str, who: str, crossing: bool = False) -> None:
        present = [stay for stay in call.stays if stay.left is None]
        emptied = call.ended
        if not present and emptied and self.now - emptied > timedelta(seconds=20):
            call.session += 1
        joined = self.box.act("livekit", "join", token=token, crossing=crossing)
        for stay in present:
            if stay.identity == joined["identity"]:
                stay.left = self.now
        call.stays.append(Stay(joined["identity"], joined["sid"], call.session, self.now))
        self._sids.setdefault((call.number, who), set()).add(joined["sid"])

    def _leave(self, call: Scripted, who: str) -> None:
        """They leave on every device that they are in on."""
        for stay in call.stays:
            if stay.left is None and stay.sid in self._sids[call.number, who]:
                self.box.act("livekit", "leave", room=call.room, identity=stay.sid)
                stay.left = self.now

    def _abort(self, call: Scripted) -> None:
        self.box.act("livekit", "abort", room=call.room, identity="nearly")

    # --- Time -------------------------------------------------------------------------------------
    def play(self, each_minute: Callable[[], None]) -> None:
        """Everything to its end; each call is looked at when its five minutes are over,
        and again at the very end.
        """
        waiting = sorted(
            (
                (at, call.number, index)
                for call in self.calls
                for index, (at, _do) in enumerate(call.steps)
            ),
        )
        minute = self.begins
        while len(self.looked) < len(self.calls):
            minute += timedelta(minutes=1)
            while waiting and self.begins + timedelta(seconds=waiting[0][0]) < minute:
                at, number, index = waiting.pop(0)
                call = self.calls[number]
                self._move(self.begins + timedelta(seconds=at))
                call.steps[index][1]()
                if index == len(call.steps) - 1:
                    call.over = call.ended or call.appointment.ends_at + timedelta(hours=1)
            self._move(minute)
            self._tick(each_minute)
            for call in self.calls:
                if call.over and call.number not in self.looked and minute - call.over >= DEADLINE:
                    self.looked[call.number] = state(call)
        for _ in range(int(TRAILING.total_seconds()) // 60):
            self._move(self.now + timedelta(minutes=1))
            self._tick(each_minute)

    def _move(self, at: datetime) -> None:
        self.now = max(self.now, at)
        self.travel.move_to(self.now)
        self.box.act("livekit", "advance", at=self.now.timestamp())

    def _tick(self, each_minute: Callable[[], None]) -> None:
        # A minute has passed, of the quota's clock too.
        if keys := list(redis.connection().scan_iter("koppel:quota:*")):
            redis.connection().delete(*keys)
        each_minute()
        inbox.sweep()
        reconcile.sweep()


class Post:
    """LiveKit's webhooks on their way: each comes several times, in another order, late."""

    def __init__(self, stage: Stage, *, copies: int, latest: timedelta) -> None:
        self.stage, self.copies, self.latest = stage, copies, latest
        self.client = Client(raise_request_exception=False)
        self.read = 0
        self.under_way: list[tuple[datetime, float, dict[str, Any]]] = []
        self.delivered = 0

    def deliver(self) -> None:
        """What has become due, shuffled, with what happened since the last time joining
        what is under way.
        """
        fresh = self.stage.box.act("livekit", "events", after=self.read)
        self.read += len(fresh)
        chance = self.stage.random
        for event in fresh:
            for _ in range(self.copies):
                late = timedelta(seconds=chance.uniform(0, self.latest.total_seconds()))
                self.under_way.append((self.stage.now + late, chance.random(), event))
        due = sorted(
            (entry for entry in self.under_way if entry[0] <= self.stage.now),
            key=lambda entry: entry[1],
        )
        self.under_way = [entry for entry in self.under_way if entry[0] > self.stage.now]
        for _at, _order, event in due:
            answer = self.client.post(
                "/webhooks/livekit",
                event["body"].encode(),
                content_type="application/webhook+json",
                headers={"Authorization": event["authorization"]},
            )
            assert answer.status_code == 200, answer.content
            self.delivered += 1


def state(call: Scripted) -> dict[str, Any]:
    """What is known of a call: all that the acceptance asks for."""
    stored = Call.objects.get(appointment=call.appointment)
    people = stored.participants.exclude(kind="recorder").exclude(joined_at=None)
    return {
        "status": stored.status,
        "started": stored.started_at,
        "ended": stored.ended_at,
        "seconds": stored.duration_seconds,
        "stays": sorted(
            (stay.sid, stay.identity, stay.joined_at, stay.left_at, stay.total_seconds)
            for stay in people
        ),
        "recording": shown_state(stored.pk),
    }


def shown_state(call_id: UUID) -> str:
    shown = recordings.shown(Call.objects.get(pk=call_id).recordings.all())
    return shown.state if shown else ""


def begin_of_time() -> datetime:
    """Some hours ago: the database's own clock is then always ahead."""
    return (datetime.now(UTC) - timedelta(hours=3)).replace(second=0, microsecond=0)
