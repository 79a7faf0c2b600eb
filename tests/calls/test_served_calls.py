"""A call from end to end, as in production: config.asgi, a worker and beat,
with the stand-ins for vendors.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from livekit.api import TokenVerifier

from sandbox.vendors.livekit import API_KEY, API_SECRET
from tests.calls.recorded import START, environment
from tests.support import web
from tests.support.house import ROOT, House, wait_for
from tests.support.sandbox import Sandbox

pytestmark = [pytest.mark.long(20), pytest.mark.timeout(300)]
MANY = 50
PEOPLE = ("ceo", "manager", "closer", "setter")
PASSWORD = "koppel-demo"
LOAD = f"from sandbox import demo; demo.load({PASSWORD!r})"


class Site(House):
    """The house with the trial's people, pointed at the stand-ins."""

    def __init__(self, home: Path, box: Sandbox) -> None:
        super().__init__(home)
        self.box = box

    @property
    def env(self) -> dict[str, str]:
        pointed = {**environment(self.box), "LIVEKIT_API_URL": f"ws://{self.box.host}/livekit"}
        return {
            **super().env,
            **pointed,
            "KOPPEL_DEMO": "1",
            "KOPPEL_ALLOW_PRIVATE_HOSTS": self.box.host,
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def load(self) -> None:
        """The trial's people and meetings."""
        env = {**self.env, "PATH": os.environ["PATH"]}
        subprocess.run(
            [sys.executable, "manage.py", "shell", "-v0", "-c", LOAD], cwd=ROOT, env=env, check=True
        )

    def ask(self, method: str, path: str, token: str = "", body: Any = None) -> Any:
        headers = {"Content-Type": "application/json", "Host": "localhost"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        answer = web.ask(
            method, self.url + path, None if body is None else json.dumps(body).encode(), headers
        )
        assert answer.status == 200, (path, answer.status, answer.text)
        return answer.json()


@pytest.fixture
def site(sandbox: Sandbox, tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path, sandbox) as site:
        site.load()
        yield site


def at_once(act: Callable[[int], Any]) -> list[Any]:
    barrier = Barrier(MANY)

    def take_part(number: int) -> Any:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(MANY) as pool:
        return list(pool.map(take_part, range(MANY)))


def test_fifty_join_at_once_and_the_call_ends_recorded(site: Site) -> None:
    box = site.box
    box.turn("livekit", webhook_url=f"{site.url}/webhooks/livekit", speed=5, tracks=False)
    tokens = [
        site.ask("POST", "/api/auth/token", body={"username": name, "password": PASSWORD})["access"]
        for name in PEOPLE
    ]
    meetings = site.ask("GET", "/api/calls/appointments", tokens[2])["results"]
    meeting = next(meeting for meeting in meetings if meeting["canJoin"])
    join = f"/api/calls/appointments/{meeting['id']}/join"

    joined = at_once(
        lambda number: site.ask(
            "POST", join, tokens[number % 4], {"deviceId": f"a-device-of-theirs-{number}"}
        )
    )

    assert {answer["roomName"] for answer in joined} == {
        f"org_{meeting['organizationId']}_apt_{meeting['id']}"
    }
    [call_id] = {answer["callId"] for answer in joined}
    claims = [TokenVerifier(API_KEY, API_SECRET).verify(answer["token"]) for answer in joined]
    assert len({claim.identity for claim in claims}) == MANY
    grants = [claim.video for claim in claims if claim.video]
    assert {(grant.room_join, grant.room, grant.room_admin) for grant in grants} == {
        (True, joined[0]["roomName"], False)
    }
    # Hosts alone send data: a setter is none.
    assert [grant.can_publish_data for grant in grants] == [
        number % 4 != 3 for number in range(MANY)
    ]

    def call() -> Any:
        return site.ask("GET", f"/api/calls/{call_id}", tokens[2])

    for answer in joined:
        box.act("livekit", "join", token=answer["token"])
    assert wait_for(lambda: call()["status"] == "ONGOING", 30), site.logs()
    assert wait_for(lambda: (call()["recording"] or {}).get("state") == "active", 60), (
        call(),
        site.logs(),
    )
    assert len(box.journal("livekit", START)) - refused(box) == 1

    for answer, who in zip(joined, claims, strict=True):
        box.act("livekit", "leave", room=answer["roomName"], identity=who.identity)
    assert wait_for(lambda: call()["status"] == "COMPLETED", 30), site.logs()
    assert wait_for(lambda: call()["recording"]["state"] == "available", 60), (call(), site.logs())
    shown = call()
    # Fifty devices of four people.
    assert len(
        [
            participant
            for participant in shown["participants"]
            if participant["joinedAt"] and participant["leftAt"]
        ]
    ) == len(PEOPLE)
    played = web.ask("GET", shown["recording"]["url"], headers={"Range": "bytes=4-7"})
    assert (played.status, played.content) == (206, b"ftyp")
    assert len(box.journal("livekit", START)) - refused(box) == 1
    delivered = [event for event in box.act("livekit", "events") if not event["dropped"]]
    assert {status for event in delivered for status in event["attempts"]} == {200}


def refused(box: Sandbox) -> int:
    """Starts that were asked for before anybody was in the room."""
    return sum(1 for entry in box.journal("livekit", START) if entry["status"] == 404)
