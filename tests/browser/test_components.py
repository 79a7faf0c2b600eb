"""What the pieces do when they are used: tabs, dialogs, menus, secrets, toasts, times,
progress followed live.
"""

import re
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from core.models import Run, User
from tests.support import people


@pytest.fixture
def guide(site_page: Page, transactional_db: None, enter: Any, settings: Any) -> Page:
    settings.DEMO = True
    enter(people.person("ada"))
    site_page.goto("/styleguide")
    return site_page


def test_the_pieces_of_the_styleguide_do_what_they_promise(guide: Page):
    """One page, one load: each part below is a piece of its own."""
    tabs_are_moved_through_by_arrows(guide)
    a_dialog_takes_and_gives_back_the_focus(guide)
    a_row_menu_opens_in_its_row(guide)
    a_cell_of_a_linked_row_tells_its_time_and_can_be_selected(guide)
    a_secret_is_shown_and_hidden(guide)
    a_button_waits_until_its_field_is_filled(guide)
    a_toast_comes_by_event_and_goes_by_its_button(guide)
    a_title_is_shown_on_focus_too(guide)
    a_relative_time_follows_the_clock(guide)


def tabs_are_moved_through_by_arrows(page: Page) -> None:
    link, faq = page.get_by_role("tab", name="Link"), page.get_by_role("tab", name="FAQ")
    link.focus()
    page.keyboard.press("ArrowLeft")
    expect(faq).to_be_focused()
    expect(faq).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("tabpanel")).to_have_text(
        "Where the key is found.", use_inner_text=True
    )
    page.keyboard.press("Home")
    expect(page.get_by_role("tabpanel")).to_have_text("The key and its test.", use_inner_text=True)


def a_dialog_takes_and_gives_back_the_focus(page: Page) -> None:
    button = page.get_by_role("button", name="Revoke the key…")
    button.click()
    dialog = page.get_by_role("dialog", name="Revoke this key?")
    expect(dialog).to_be_visible()
    assert page.evaluate("document.querySelector('dialog[open]').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()
    button.dblclick()  # the second click falls where the button was, beside the dialog
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_be_hidden()


def a_row_menu_opens_in_its_row(page: Page) -> None:
    row = page.get_by_role("row", name="Northwind Sales")
    row.get_by_role("button", name="Actions").click()
    item = page.get_by_role("link", name="Edit key").first
    expect(item).to_be_visible()
    button, panel = (
        row.get_by_role("button").bounding_box(),
        page.locator("#row-menu-healthy").bounding_box(),
    )
    assert button
    assert panel
    assert abs(panel["y"] - (button["y"] + button["height"])) < 16
    page.keyboard.press("Escape")
    expect(item).to_be_hidden()


def a_cell_of_a_linked_row_tells_its_time_and_can_be_selected(page: Page) -> None:
    row = page.get_by_role("row", name="Contoso Growth")
    time, before = row.locator("time"), page.url
    exact = time.get_attribute("title")
    time.hover()
    expect(page.locator(".tooltip")).to_have_text(exact or "nothing")
    box = time.bounding_box()
    assert box
    page.mouse.move(box["x"] + 2, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 8, steps=3)
    page.mouse.up()
    assert page.evaluate("getSelection().toString()").strip()
    assert page.url == before
    page.evaluate("getSelection().removeAllRanges()")
    time.click()
    expect(page).to_have_url(re.compile("#s-table$"))


def a_secret_is_shown_and_hidden(page: Page) -> None:
    key = page.locator("#id_good-key")
    key.fill("4jmc-secret")
    box = page.locator(".secret", has=key)
    box.get_by_role("button", name="Show what is typed").click()
    expect(key).to_have_attribute("type", "text")
    expect(box.get_by_role("button", name="Show what is typed")).to_have_attribute(
        "aria-pressed", "true"
    )
    box.get_by_role("button", name="Show what is typed").click()
    expect(key).to_have_attribute("type", "password")


def a_button_waits_until_its_field_is_filled(page: Page) -> None:
    save = page.locator("[data-needs]")
    page.locator("#id_good-name").fill("  ")
    expect(save).to_be_disabled()
    page.locator("#id_good-name").fill("Northwind")
    expect(save).to_be_enabled()


def a_toast_comes_by_event_and_goes_by_its_button(page: Page) -> None:
    page.evaluate(
        """document.body.dispatchEvent(new CustomEvent("koppel:toast",
           {bubbles: true, detail: {level: "bad", text: "<b>The key was refused</b>"}}))"""
    )
    toast = page.locator("[data-toasts] [data-toast]")
    expect(toast).to_have_text("<b>The key was refused</b>")
    expect(toast).to_have_attribute("role", "alert")
    toast.get_by_role("button", name="Dismiss").click()
    expect(toast).to_have_count(0)


def a_title_is_shown_on_focus_too(page: Page) -> None:
    page.locator("#id_good-name").focus()
    time = page.locator("time[tabindex]").first
    title = time.get_attribute("title")
    page.keyboard.press("Shift+Tab")
    time.focus()
    expect(page.locator(".tooltip")).to_have_text(title or "nothing")
    page.keyboard.press("Escape")
    expect(page.locator(".tooltip")).to_be_hidden()


def a_relative_time_follows_the_clock(page: Page) -> None:
    time = page.locator("time[data-ago]").nth(1)
    expect(time).to_have_text("9 minutes ago")
    page.evaluate("now => { Date.now = () => now + 3600000 }", page.evaluate("Date.now()"))
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(time).to_have_text("1 hour ago")


@pytest.mark.parametrize(
    ("language", "words"), [("nl", "9 minuten geleden"), ("fr", "il y a 9 minutes")]
)
def test_server_and_browser_say_a_time_in_the_same_words(guide: Page, language: str, words: str):
    User.objects.update(language=language)
    guide.goto("/styleguide")
    time = guide.locator("time[data-ago]").nth(1)
    expect(time).to_have_text(words)
    guide.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(time).to_have_text(words)


def test_a_run_is_followed_to_its_end_without_loading_the_page_again(
    site_page: Page, transactional_db: None, enter: Any
):
    organization = people.organization()
    enter(people.member("CEO", organization))
    run = Run.objects.create(
        kind="sync_fathom",
        organization_id=organization.pk,
        state="running",
        progress_total=400,
        started_at=timezone.now(),
    )
    site_page.goto(f"/runs/{run.pk}")
    site_page.evaluate("window.__same = true")
    bar = site_page.get_by_role("progressbar")
    expect(bar).to_have_attribute("value", "0")
    Run.objects.filter(pk=run.pk).update(progress_done=132)
    expect(site_page.get_by_text("132 of 400")).to_be_visible()
    expect(bar).to_have_attribute("value", "33")
    ended = {
        "state": "succeeded",
        "progress_done": 400,
        "finished_at": timezone.now(),
        "outcomes": {"imported": 400},
    }
    Run.objects.filter(pk=run.pk).update(**ended)
    expect(site_page.locator("#run-live [role=status]")).to_contain_text("Complete")
    expect(site_page.get_by_role("row", name="Imported 400")).to_be_visible()
    assert site_page.locator("#run-live").get_attribute("hx-trigger") is None
    assert site_page.evaluate("window.__same")


def test_a_run_is_stopped_through_its_dialog(site_page: Page, transactional_db: None, enter: Any):
    organization = people.organization()
    enter(people.member("CEO", organization))
    run = Run.objects.create(kind="backfill", organization_id=organization.pk, state="queued")
    site_page.goto(f"/runs/{run.pk}")
    site_page.get_by_role("button", name="Stop").click()
    site_page.get_by_role("dialog").get_by_role("button", name="Stop").click()
    expect(site_page.locator("#run-live [role=status]")).to_contain_text("Cancelled")
    run.refresh_from_db()
    assert run.state == "cancelled"
