"""A browser with a camera and a microphone, a lobby to stand in, and a room to be in."""

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from crm.models import Appointment
from tests.browser.conftest import DESK, WATCH
from tests.support.chromium import find, launch_options
from tests.support.world import World

SCRIPTED = (Path(__file__).parent / "scripted_livekit.js").read_text()
KEEP_TRACKS = """
window.__tracks = [];
const devices = navigator.mediaDevices;
const got = devices?.getUserMedia.bind(devices);
// An empty page, before the first one, has none.
if (devices) devices.getUserMedia = async (wish) => {
  const stream = await got(wish);
  window.__tracks.push(...stream.getTracks());
  return stream;
};
"""
FAKE_DEVICES = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture(scope="session")
def caller(playwright: Any) -> Iterator[Any]:
    """A browser that has a camera and a microphone, and lets pages use them."""
    options = launch_options(find())
    options["args"] = [*options.get("args", []), *FAKE_DEVICES]  # type: ignore[misc]
    browser = playwright.chromium.launch(**options)
    yield browser
    browser.close()


@pytest.fixture
def context(caller: Any, live_server: Any) -> Iterator[BrowserContext]:
    opened = caller.new_context(locale="en-GB", viewport=DESK, base_url=live_server.url)
    opened.set_default_timeout(15_000)
    opened.add_init_script(KEEP_TRACKS)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def complaints(context: BrowserContext) -> Iterator[list[str]]:
    """As for every page, but for the one complaint that these tests are about:
    the rooms cannot be reached.
    """
    found: list[str] = []
    context.add_init_script(WATCH)
    context.on("weberror", lambda error: found.append(str(error.error)))
    yield found
    for page in context.pages:
        found += page.evaluate("window.__violations || []")
    assert found == []


@pytest.fixture
def world(transactional_db: None, settings: Any, live_server: Any) -> World:
    # Nothing listens there: a port that the machine keeps for nobody.
    settings.LIVEKIT_API_URL = "ws://127.0.0.1:9"
    settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET = (
        "APIkey",
        "made-up-secret-0123456789abcdef012345",
    )
    settings.PUBLIC_URL = live_server.url
    made = World()
    starts = timezone.now() + timedelta(minutes=5)
    Appointment.objects.update(
        starts_at=starts, ends_at=starts + timedelta(hours=1), title="Discovery call"
    )
    made.appointment.refresh_from_db()
    return made


@pytest.fixture
def lobby(site_page: Page, world: World, enter: Any) -> Page:
    enter(world.users["CLOSER"])
    site_page.goto(f"/app/call/{world.appointment.pk}")
    expect(site_page.locator("#preview")).to_have_attribute("data-camera", "on")
    return site_page


@pytest.fixture
def room(context: BrowserContext, lobby: Page) -> Page:
    """In the room, alone."""
    script_the_library(context)
    lobby.reload()
    expect(lobby.locator("#preview")).to_have_attribute("data-camera", "on")
    lobby.get_by_role("button", name="Join call").click()
    expect(lobby.locator("#room")).to_be_visible()
    return lobby


def script_the_library(context: BrowserContext) -> None:
    context.route(
        re.compile("livekit-client"),
        lambda route: route.fulfill(body=SCRIPTED, content_type="text/javascript"),
    )


def until(page: Page, expression: str) -> None:
    """Asked from outside: the page's policy lets nobody, Playwright included,
    make code of words.
    """
    deadline = time.monotonic() + 15
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(50)


def camera_is_on(page: Page) -> bool:
    """Whether any track that the page ever got still runs: the light on the machine."""
    return bool(page.evaluate("window.__tracks.some(track => track.readyState === 'live')"))
