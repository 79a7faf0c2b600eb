"""The stand-ins: true to the vendor, the same for the same seed, and with faults that can
be switched on over HTTP.
"""

import json
import signal
import subprocess
import sys
import threading
import time
from typing import Any
from unittest.mock import patch
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from core.errors import BadCredentials, RateLimited, Rejected
from core.http import Client, HeaderKey, Limits
from core.masking import Secret
from sandbox.vendors import frame
from sandbox.vendors.fathom import DEMO_KEYS, Fathom
from sandbox.vendors.server import Server
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db
ONCE = Limits(attempts=1, connect=1, read=2, total=5)


def client(sandbox: Sandbox, key: str = DEMO_KEYS[0]) -> Client:
    auth = HeaderKey("X-Api-Key", Secret(key))
    return Client("fathom", "main", sandbox.url("fathom", "/external/v1"), auth, limits=ONCE)


def names(sandbox: Sandbox, cursor: str | None = None, most_pages: int = 20) -> list[list[str]]:
    """The names of each page, following the cursor."""
    pages = []
    while len(pages) < most_pages:
        body = client(sandbox).get("/teams", params={"cursor": cursor}).json()
        pages.append([team["name"] for team in body["items"]])
        cursor = body["next_cursor"]
        if not cursor:
            break
    return pages


# --- Fathom ---------------------------------------------------------------------------------------
def test_a_list_has_the_vendors_envelope(sandbox: Sandbox) -> None:
    body = client(sandbox).get("/teams").json()

    assert body == {
        "limit": 10,
        "next_cursor": None,
        "items": [
            {"name": "Sales Antwerp", "created_at": "2025-01-06T09:00:00Z"},
            {"name": "Success Antwerp", "created_at": "2025-01-09T09:00:00Z"},
            {"name": "Partners Antwerp", "created_at": "2025-01-12T09:00:00Z"},
        ],
    }


def test_a_long_list_is_paged_by_cursor_to_its_end(sandbox: Sandbox) -> None:
    sandbox.turn("fathom", teams=25)

    pages = names(sandbox)

    assert [len(page) for page in pages] == [10, 10, 5]
    assert len({name for page in pages for name in page}) == 25


@pytest.mark.parametrize("count", [0, 10, 20])
def test_a_list_that_fills_its_last_page_has_no_further_one(count: int, sandbox: Sandbox) -> None:
    sandbox.turn("fathom", teams=count)

    assert len(names(sandbox)) == max(1, count // 10)


@pytest.mark.parametrize("cursor", ["x", "cGFnZTp4", "////", "bm90aGluZzox"])
def test_a_cursor_that_it_did_not_give_is_refused(cursor: str, sandbox: Sandbox) -> None:
    with pytest.raises(Rejected) as raised:
        names(sandbox, cursor)

    assert raised.value.status == 400


@pytest.mark.parametrize("key", ["nobody-knows-this-key-0000", DEMO_KEYS[0] + "x"])
def test_only_the_demo_keys_are_accepted(key: str, sandbox: Sandbox) -> None:
    with pytest.raises(BadCredentials):
        client(sandbox, key).get("/teams")


def test_a_bearer_token_is_no_api_key(sandbox: Sandbox) -> None:
    with pytest.raises(HTTPError) as refused:
        urlopen(
            Request(
                sandbox.url("fathom", "/external/v1/teams"), headers={"Authorization": "Bearer x"}
            )
        )

    assert refused.value.code == 401


def test_the_61st_call_in_a_minute_is_refused_as_the_vendor_does(sandbox: Sandbox) -> None:
    caller = client(sandbox)
    first = caller.get("/teams")
    for _ in range(59):
        caller.get("/teams")

    with pytest.raises(RateLimited) as raised:
        caller.get("/teams")

    assert (first.headers["ratelimit-limit"], first.headers["ratelimit-remaining"]) == ("60", "59")
    assert 0 < int(first.headers["ratelimit-reset"]) <= 61
    assert 50 < raised.value.retry_after <= 61
    # Another key is another account.
    assert client(sandbox, DEMO_KEYS[1]).get("/teams").status == 200


def test_the_limit_can_be_switched_off(sandbox: Sandbox) -> None:
    sandbox.turn("fathom", rate_limits=False)
    caller = client(sandbox)

    for _ in range(70):
        assert "ratelimit-limit" not in caller.get("/teams").headers


def test_the_same_seed_gives_the_same_data() -> None:
    first, other = Fathom(seed=7), Fathom(seed=7)
    first.turn({"teams": 200})
    other.turn({"teams": 200})

    assert first._all_teams() == other._all_teams()
    assert len({team["name"] for team in first._all_teams()}) == 200


# --- Faults of lists ------------------------------------------------------------------------------
def test_a_page_can_be_served_twice(sandbox: Sandbox) -> None:
    sandbox.turn("fathom", teams=25)
    sandbox.fault("fathom", "duplicate_page", after=1, times=1)

    pages = names(sandbox)

    assert [len(page) for page in pages] == [10, 10, 10, 5]
    assert pages[0] == pages[1] != pages[2]


def test_a_cursor_can_loop(sandbox: Sandbox) -> None:
    sandbox.turn("fathom", teams=15)
    sandbox.fault("fathom", "looping_cursor")

    pages = names(sandbox, most_pages=5)

    assert len(pages) == 5
    assert all(page == pages[0] for page in pages)


def test_rows_that_come_in_between_pages_repeat_one_that_was_seen(sandbox: Sandbox) -> None:
    sandbox.turn("fathom", teams=25)
    sandbox.fault("fathom", "changed_rows", after=1, shift=1)

    pages = names(sandbox)

    assert pages[1][0] == pages[0][-1]
    found = [name for page in pages for name in page]
    assert (len(found), len(set(found))) == (26, 25)


def test_rows_that_go_away_between_pages_hide_one_that_was_not(sandbox: Sandbox) -> None:
    sandbox.turn("fathom", teams=25)
    complete = [name for page in names(sandbox) for name in page]
    sandbox.fault("fathom", "changed_rows", after=1, shift=-1)

    found = [name for page in names(sandbox) for name in page]

    assert complete[10] not in found
    assert set(found) < set(complete)


# --- Switching ------------------------------------------------------------------------------------
def test_a_fault_holds_for_its_path_method_and_times(sandbox: Sandbox) -> None:
    sandbox.fault("fathom", "error", path="/external/v1/teams", method="GET", after=1, times=2)
    caller = client(sandbox)

    statuses = [caller.get("/teams", ok=range(200, 600)).status for _ in range(5)]

    assert statuses == [200, 500, 500, 200, 200]


def test_a_fault_of_one_vendor_or_path_is_none_of_another(sandbox: Sandbox) -> None:
    sandbox.fault("bison", "error")
    sandbox.fault("fathom", "error", path="/external/v1/meetings")
    sandbox.fault("fathom", "error", method="POST")

    assert client(sandbox).get("/teams").status == 200


def test_faults_are_switched_off_by_vendor(sandbox: Sandbox) -> None:
    sandbox.fault("fathom", "error")
    sandbox.heal("bison")
    assert client(sandbox).get("/teams", ok=range(200, 600)).status == 500

    sandbox.heal("fathom")

    assert client(sandbox).get("/teams").status == 200


@pytest.mark.parametrize(
    "body",
    [
        {"vendor": "fathom", "kind": "earthquake"},
        {"vendor": "fathom"},
        {"vendor": "fathom", "kind": "html", "x": 1},
        [],
    ],
)
def test_a_fault_that_does_not_exist_is_refused(body: Any, sandbox: Sandbox) -> None:
    request = Request(
        f"http://{sandbox.host}/_control/faults", json.dumps(body).encode(), method="POST"
    )

    with pytest.raises(HTTPError) as refused:
        urlopen(request)

    assert refused.value.code == 400
    assert client(sandbox).get("/teams").status == 200


def test_a_switch_that_does_not_exist_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(HTTPError) as refused:
        sandbox.turn("fathom", gravity=False)

    assert refused.value.code == 400


def test_the_journal_tells_what_was_asked_and_can_be_emptied(sandbox: Sandbox) -> None:
    client(sandbox).get("/teams", params={"cursor": ""})
    sandbox.fault("fathom", "error", status=502)
    client(sandbox).get("/teams", ok=(502,))

    first, second = sandbox.journal("fathom", "/external/v1/teams")

    assert (first["method"], first["path"], first["query"]) == (
        "GET",
        "/external/v1/teams",
        {"cursor": [""]},
    )
    assert first["headers"]["x-api-key"] == DEMO_KEYS[0]
    assert (first["status"], second["status"]) == (200, 502)
    assert first["connection"] == second["connection"]
    assert sandbox.journal("bison") == []
    sandbox.forget()
    assert sandbox.journal() == []


def test_what_is_still_being_answered_at_a_reset_is_in_no_later_journal(
    sandbox_server: Server,
) -> None:
    came, goes_on = threading.Event(), threading.Event()

    class Slow:
        def reset(self) -> None:
            """Have nothing to forget."""

        def answer(self, _request: frame.Request) -> frame.Reply:
            came.set()
            assert goes_on.wait(10)
            return frame.Reply(200)

    box = sandbox_server.box
    with patch.dict(box.vendors, {"slow": Slow()}):
        asker = threading.Thread(
            target=urlopen, args=(f"http://127.0.0.1:{sandbox_server.port}/slow/",)
        )
        asker.start()
        assert came.wait(10)
        box.reset()
        goes_on.set()
        asker.join()

    assert list(box.journal) == []


def test_a_reset_is_as_after_the_start(sandbox: Sandbox) -> None:
    sandbox.turn("fathom", teams=7)
    sandbox.fault("fathom", "error")

    sandbox.reset()

    assert len(names(sandbox)[0]) == 3
    assert len(sandbox.journal()) == 1


def test_an_unknown_vendor_or_path_is_404(sandbox: Sandbox) -> None:
    for url in (
        sandbox.url("nobody", "/x"),
        sandbox.url("fathom", "/external/v1/nothing"),
        sandbox.url("_what"),
    ):
        with pytest.raises(HTTPError) as refused:
            urlopen(url)
        assert refused.value.code == 404


def test_it_runs_as_a_process_on_this_machine_alone_and_stops_when_told() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox.vendors", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        address = line.split("Vendor sandbox: ")[1].split("/ with")[0]
        assert address.startswith("http://127.0.0.1:")

        with urlopen(f"{address}/_health", timeout=5) as answer:
            health = json.load(answer)
        assert health["status"] == "ok"
        assert "fathom" in health["vendors"]

        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
        assert time.monotonic() - started < 3
    finally:
        process.kill()
