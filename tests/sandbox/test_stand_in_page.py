"""The stand-ins' own page: keys, faults and switches to click, the journal;
and nobody from elsewhere clicks.
"""

from typing import Any
from urllib.parse import urlencode

import pytest

from sandbox.vendors.fathom import DEMO_KEYS
from tests.support import web
from tests.support.sandbox import Sandbox


def read(sandbox: Sandbox, query: str = "") -> str:
    answer = web.ask("GET", sandbox.url("", query))
    assert answer.status == 200
    return answer.text


def click(sandbox: Sandbox, headers: dict[str, str] | None = None, **form: str) -> int:
    return web.ask(
        "POST", sandbox.url("_page"), urlencode(form).encode(), headers=headers or {}
    ).status


def control(sandbox: Sandbox, path: str) -> Any:
    return web.ask("GET", sandbox.url("_control", path)).json()


def faults(sandbox: Sandbox) -> list[tuple[str, str, int | None]]:
    return [
        (fault["vendor"], fault["kind"], fault["times"]) for fault in control(sandbox, "/faults")
    ]


def test_it_shows_each_vendor_with_its_keys_and_runs_no_script(sandbox: Sandbox):
    answer = web.ask("GET", sandbox.url(""))
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for part in (*DEMO_KEYS, 'id="livekit"', 'id="s3"', "Make it fail"):
        assert part in answer.text
    assert "<script" not in answer.text
    assert " style=" not in answer.text
    assert (
        web.ask("GET", sandbox.url("_page.css")).headers["Content-Type"]
        == "text/css; charset=utf-8"
    )


def test_a_fault_is_switched_on_and_ended_by_a_click(sandbox: Sandbox):
    assert click(sandbox, act="fault", vendor="fathom", kind="error", path="", times="3") == 303
    assert faults(sandbox) == [("fathom", "error", 3)]
    [fault] = control(sandbox, "/faults")
    assert click(sandbox, act="end", id=str(fault["id"])) == 303
    assert faults(sandbox) == []


def test_a_switch_is_turned_by_a_click(sandbox: Sandbox):
    click(sandbox, act="switch", vendor="fathom", name="rate_limits", value="false")
    click(sandbox, act="switch", vendor="fathom", name="teams", value="7")
    click(sandbox, act="switch", vendor="livekit", name="webhook_url", value="http://127.0.0.1:1/")
    switched = control(sandbox, "/vendors/fathom")
    assert (switched["rate_limits"], switched["teams"]) == (False, 7)
    assert control(sandbox, "/vendors/livekit")["webhook_url"] == "http://127.0.0.1:1/"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"act": "burn"},
        {"act": "fault", "vendor": "nobody", "kind": "error", "path": "", "times": ""},
        {"act": "fault", "vendor": "fathom", "kind": "earthquake", "path": "", "times": ""},
        {"act": "switch", "vendor": "fathom", "name": "gravity", "value": "1"},
        {"act": "switch", "vendor": "fathom", "name": "teams", "value": "seven"},
        {"act": "switch", "vendor": "fathom", "name": "teams", "value": '"7"'},
        {"act": "end", "id": "first"},
    ],
)
def test_a_form_that_is_not_ours_is_refused_and_changes_nothing(
    form: dict[str, str], sandbox: Sandbox
):
    assert click(sandbox, **form) == 400
    assert faults(sandbox) == []


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Host": "rebound.example:8100"}],
)
def test_another_site_can_switch_nothing_and_read_nothing(
    headers: dict[str, str], sandbox: Sandbox
):
    assert (
        click(sandbox, headers, act="fault", vendor="fathom", kind="error", path="", times="")
        == 403
    )
    body = b'{"vendor": "fathom", "kind": "error"}'
    assert web.ask("POST", sandbox.url("_control", "/faults"), body, headers=headers).status == 403
    assert web.ask("GET", sandbox.url("_journal"), headers=headers).status == 403
    assert faults(sandbox) == []


def test_the_journal_stands_there_escaped_and_by_vendor(sandbox: Sandbox):
    web.ask("GET", sandbox.url("fathom", "/external/v1/teams?x=%3Cb%3E%26"))
    web.ask("GET", sandbox.url("s3", "/%3Cimg%20src=x%3E"))
    text = read(sandbox)
    assert "/external/v1/teams?x=%3Cb%3E%26" in text
    assert "&lt;img src=x&gt;" in text
    assert "<img" not in text
    assert "external/v1/teams" not in read(sandbox, "?vendor=s3")
