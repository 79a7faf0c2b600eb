"""As a closer with a Chatwoot: the pages of a helpdesk, and the widget that really runs
beside its options.
"""

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from integrations.models import Demo
from tests.browser.conftest import look_at
from tests.dashboard.conftest import signed_in
from tests.integrations.chatwoot_cast import PASSWORD, WEBSITE, chatwoot, installation, work
from tests.integrations.test_widget_script import TITLES
from tests.support import people

__all__ = ["chatwoot", "installation"]
LIST = "/dashboard/integrations"
SHOWN = "document.querySelector('.woot-widget-bubble').textContent"


@pytest.fixture
def anna(transactional_db):
    return people.member("CLOSER", people.organization(tier="STARTER"), "anna")


@pytest.fixture
def demo(anna, installation):
    cache.clear()
    client = signed_in(anna)
    assert client.post(f"{LIST}/demos", {"name": "Shop", "website_url": WEBSITE}).status_code == 302
    work()
    return Demo.objects.get()


def preview_in(page: Page):
    """Return the frame with the widget, once its bubble is there."""
    page.frame_locator(".widget-preview").locator(".woot-widget-bubble").wait_for()
    return page.query_selector(".widget-preview").content_frame()


def test_the_widget_runs_beside_its_options(site_page: Page, enter, anna, demo):
    page = site_page
    enter(anna)
    page.goto(f"{LIST}/demos")
    look_at(page)
    page.get_by_role("link", name="Chat widget").click()
    side = page.get_by_role("dialog")
    expect(side.get_by_role("heading", name="Preview")).to_be_visible()
    preview_in(page)
    look_at(page)
    side.get_by_label("Title").fill('It\'s "quoted" </script>\u2028<b>😀')
    side.get_by_label("Shape").select_option("expanded_bubble")
    side.get_by_label("Position").select_option("left")
    widget = page.frame_locator(".widget-preview")
    bubble = widget.locator(".woot-elements--left.woot-widget--expanded")
    expect(bubble).to_contain_text('It\'s "quoted" </script>')
    expect(widget.locator("b")).to_have_count(0)
    bubble.click()
    chat = widget.frame_locator("#chatwoot_live_chat_widget")
    expect(chat.get_by_role("heading")).to_be_visible()


def test_any_title_stays_text_and_nothing_of_koppel_is_within_reach(
    site_page: Page, enter, anna, demo
):
    page = site_page
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    enter(anna)
    page.goto(f"{LIST}/demos/{demo.pk}/widget?type=expanded_bubble")
    for title in TITLES:
        if not title.isprintable() and "\n" in title:
            continue
        page.get_by_label("Title").fill(title)
        wanted = page.get_by_label("Title").input_value().strip()
        expect(
            page.frame_locator(".widget-preview").locator(".woot-widget-bubble")
        ).to_have_js_property("textContent", wanted)
    frame = preview_in(page)
    assert frame.evaluate("[document.cookie, self.origin]") == ["", "null"]
    assert frame.evaluate(
        "(() => { try { return parent.document.title } catch (error) { return error.name } })()"
    ) == ("SecurityError")
    assert dialogs == []


def test_without_its_frame_the_page_has_no_origin_either(site_page: Page, enter, anna, demo):
    enter(anna)
    site_page.goto(f"{LIST}/demos/{demo.pk}/preview?type=expanded_bubble&launcher_title=Chat")
    site_page.locator(".woot-widget-bubble").wait_for()
    assert site_page.evaluate("[self.origin, document.cookie]") == ["null", ""]
    assert site_page.evaluate(SHOWN) == "Chat"


def test_agents_are_made_put_into_an_inbox_and_stop_at_the_plan(site_page: Page, enter, anna, demo):
    page = site_page
    enter(anna)
    page.goto(f"{LIST}/helpdesk")
    look_at(page)
    for name in ("Front Desk", "Night shift"):
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Create agent").click()
        expect(page.get_by_role("rowheader", name=name)).to_be_visible()
    expect(page.get_by_text("All agents of your plan are used")).to_be_visible()
    expect(page.get_by_text("The plan Team has room for more.")).to_be_visible()
    expect(page.get_by_role("button", name="Create agent")).to_have_count(0)
    page.get_by_label("Agent for Shop").select_option(
        label="Night shift · anna+night-shift@example.com"
    )
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("button", name="Remove from inbox Shop: Night shift")).to_be_visible()
    look_at(page)


def test_a_demo_is_deleted_after_a_question(site_page: Page, enter, anna, demo):
    enter(anna)
    site_page.goto(f"{LIST}/demos")
    site_page.get_by_role("button", name="Delete…").click()
    question = site_page.get_by_role("dialog", name="Delete Shop")
    expect(question).to_be_visible()
    look_at(site_page)
    question.get_by_role("button", name="Delete").click()
    expect(site_page.get_by_text("No demos yet")).to_be_visible()
