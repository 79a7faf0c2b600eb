"""As a new person: paste a key, test, save, read the FAQ, sync 30 days, watch the bar,
find a word, refresh a rep.
"""

import re
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from calls import indexing
from calls.models import Call, Transcript
from core import runs
from core.models import Run
from crm import services
from sandbox.vendors.fathom import DEMO_KEYS
from tests.browser.conftest import look_at
from tests.fathom_sync.cast import CHLOE, own_account, point_at
from tests.support.sandbox import Sandbox
from tests.support.world import World

PATH = "/settings/fathom/sync"


@pytest.fixture
def fathom(sandbox: Sandbox, settings: Any, monkeypatch: Any, transactional_db: None) -> Sandbox:
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=70)
    return sandbox


@pytest.fixture
def world(fathom: Sandbox) -> World:
    world = World()
    services.create_rep(organization=world.organization, name="Chloe Martin", email=CHLOE)
    return world


def worker() -> Thread:
    """Works the one run that waits, as a worker's process does."""

    def work() -> None:
        runs.execute(Run.objects.get(state="queued").pk)
        indexing.index_waiting()
        connection.close()

    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_from_a_key_to_a_word_that_was_said(
    site_page: Page, enter: Any, world: World, fathom: Sandbox
):
    page = site_page
    enter(world.users["CEO"])
    page.goto(PATH)
    expect(page.get_by_role("heading", name="No key for Fathom yet")).to_be_visible()
    look_at(page)
    page.get_by_role("main").get_by_role("link", name="Link Fathom").click()

    page.get_by_label("API key").fill("a-key-that-fathom-never-gave")
    page.get_by_role("button", name="Test connection").click()
    expect(page.locator("#fathom-tested")).to_contain_text("Invalid API key")
    page.get_by_label("API key").fill(DEMO_KEYS[0])
    page.get_by_role("button", name="Test connection").click()
    expect(page.locator("#fathom-tested")).to_contain_text("Connection successful!")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#fathom-state")).to_contain_text("Connected")
    page.get_by_role("link", name="Need help with your API key?").click()
    expect(page.get_by_role("heading", name="How do I get an API key?")).to_be_in_viewport()

    page.get_by_role("link", name="Fathom sync").first.click()
    page.get_by_label("30 days").check()
    page.get_by_role("button", name="Reset & sync").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Nothing is deleted")
    look_at(page)
    dialog.get_by_role("button", name="Reset & sync").click()
    expect(page.get_by_text("Waiting to start")).to_be_visible()
    fathom.fault("fathom", "latency", path="/external/v1/meetings", seconds=1.2)
    working = worker()
    expect(page.get_by_text(re.compile(r"\d+ %$"))).to_be_visible(timeout=30_000)
    look_at(page)
    expect(page.get_by_role("heading", name="Under way")).to_have_count(0, timeout=60_000)
    working.join(30)
    look_at(page)
    page.get_by_role("main").get_by_role("link", name="Sources").click()
    expect(page.get_by_text(re.compile(r"\d+ at Fathom"))).to_be_visible()
    expect(page.get_by_role("link", name=re.compile(r"\d+ in Koppel"))).to_be_visible()
    look_at(page)
    for name in ("Days", re.compile("Left out"), "Matching"):
        page.get_by_role("navigation", name="Fathom").get_by_role("link", name=name).click()
        look_at(page)

    call = Call.objects.filter(rep__name="Chloe Martin").latest("started_at")
    text = Transcript.objects.get(call=call).segments[0]["text"]
    word = max(re.findall(r"[^\W\d_]+", text), key=len)
    page.goto(f"/calls?search={word}")
    page.get_by_role("link", name=call.title).first.click()
    expect(page.get_by_role("main")).to_contain_text(word)


def test_a_rep_is_refreshed_and_new_calls_appear(
    site_page: Page, enter: Any, world: World, fathom: Sandbox
):
    page = site_page
    own_account(world.organization, DEMO_KEYS[0])
    rep = world.organization.reps.get(name="Chloe Martin")
    enter(world.users["CEO"])
    page.goto(f"/calls/reps/{rep.pk}")
    look_at(page)
    [new] = fathom.act("fathom", "arrive", recorded_by=CHLOE, title="Fresh from Fathom")
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_text("Looking for new calls…")).to_be_visible()
    worker().join(30)
    expect(page.get_by_text(re.compile(r"\d+ new calls?, "))).to_be_visible(timeout=20_000)
    page.reload()
    expect(page.get_by_role("link", name="Fresh from Fathom")).to_be_visible()
    assert Call.objects.filter(external_id=str(new), rep=rep).count() == 1
    look_at(page)
