"""The widget on somebody's website, in a real browser, with Chatwoot's stand-in behind it."""

from html import escape

import pytest

from integrations.helpdesk.script import Look, code, snippet
from sandbox.vendors import demo_keys
from tests.integrations.test_widget_script import TITLES
from tests.sandbox.test_chatwoot_stand_in import ask

PAGE = """<!doctype html>
<html><head><meta charset="{charset}"><title>Shop</title></head>
<body><h1>Shop</h1>{script}</body></html>"""


@pytest.fixture
def token(sandbox):
    _status, body = ask(
        sandbox, "GET", "/api/v1/accounts/1/inboxes", token=demo_keys.CHATWOOT_ADMIN_TOKEN
    )
    return next(inbox["website_token"] for inbox in body["payload"] if inbox["website_token"])


def address(sandbox, path="/"):
    """Return an address of a website: the browser lets no public one load anything
    from a private one.
    """
    return f"http://{sandbox.host}/shop{path}"


def on_a_website(page, sandbox, script, charset="utf-8"):
    """Show a website with the script in it, and wait for the bubble."""
    body = PAGE.format(charset=charset, script=script).encode("ascii")
    page.route(
        address(sandbox),
        lambda route: route.fulfill(body=body, content_type=f"text/html; charset={charset}"),
    )
    page.goto(address(sandbox))
    page.wait_for_function("window.$chatwoot", timeout=10_000)


@pytest.mark.parametrize("title", TITLES)
def test_any_title_is_text_on_the_bubble(page, sandbox, token, title):
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    on_a_website(
        page,
        sandbox,
        snippet(sandbox.url("chatwoot"), token, Look("left", "expanded_bubble", title, "nl")),
    )
    assert page.evaluate("window.chatwootSettings.launcherTitle") == title
    assert page.evaluate("document.querySelector('.woot-widget-bubble').textContent") == title
    assert page.evaluate("[window.$chatwoot.websiteToken, window.$chatwoot.locale]") == [
        token,
        "nl",
    ]
    assert page.locator("body > script, head > script").count() == 2
    assert dialogs == []


@pytest.mark.parametrize("charset", ["iso-8859-1", "shift_jis"])
def test_the_websites_encoding_makes_no_difference(page, sandbox, token, charset):
    title = "Zoë 客服 😀"
    on_a_website(
        page,
        sandbox,
        snippet(sandbox.url("chatwoot"), token, Look("right", "expanded_bubble", title)),
        charset,
    )
    assert page.evaluate("document.querySelector('.woot-widget-bubble').textContent") == title


def test_the_bubble_opens_the_chat_on_its_side(page, sandbox, token):
    on_a_website(page, sandbox, snippet(sandbox.url("chatwoot"), token, Look("left", "standard")))
    bubble = page.locator(".woot-widget-bubble")
    assert bubble.bounding_box()["x"] < 100
    bubble.click()
    page.frame_locator("#chatwoot_live_chat_widget").get_by_role(
        "heading", name="Northwind Support website"
    ).wait_for()


def test_a_script_file_does_the_same(page, sandbox, token):
    page.route(
        address(sandbox, "/widget.js"),
        lambda route: route.fulfill(
            body=code(sandbox.url("chatwoot"), token, Look("right", "expanded_bubble", "Chat")),
            content_type="text/javascript",
        ),
    )
    on_a_website(page, sandbox, f'<script src="{escape(address(sandbox, "/widget.js"))}"></script>')
    assert page.evaluate("document.querySelector('.woot-widget-bubble').textContent") == "Chat"
