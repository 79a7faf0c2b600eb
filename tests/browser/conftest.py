"""A real browser on the real site: who is signed in, what it complained about,
and what axe says of a page.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page

from core.models import User

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
# What a page may weigh: files that it loads, and bytes of HTML.
MOST_FILES, MOST_HTML = 15, 150_000
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
# Every violation of the policy is kept from the first byte of each page on.
WATCH = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  const source = event.sourceFile || "";
  window.__violations.push(`${event.violatedDirective} ${event.blockedURI} ${source}`);
});
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "en-GB", "viewport": DESK}


def is_complaint(message: ConsoleMessage, page: Page) -> bool:
    """Any error but the one that an error page is: the browser notes the status
    of the page's own address.
    """
    own = message.text.startswith("Failed to load resource") and message.location["url"] in (
        page.url,
        "",
    )
    return message.type == "error" and not own


@pytest.fixture
def complaints(context: BrowserContext) -> Iterator[list[str]]:
    """What the browser wrote to its console as an error, and what the content policy stopped.
    Empty at the end.
    """
    found: list[str] = []
    context.add_init_script(WATCH)

    def listen(page: Page) -> None:
        page.on(
            "console",
            lambda message: found.append(message.text) if is_complaint(message, page) else None,
        )
        page.on("pageerror", lambda error: found.append(str(error)))

    context.on("page", listen)
    yield found
    for page in context.pages:
        # A page that is on its way to another has nowhere to be asked.
        page.wait_for_load_state()
        found += page.evaluate("window.__violations || []")
    assert found == []


@pytest.fixture
def site_page(complaints: list[str], page: Page, live_server: Any) -> Page:
    """A page that knows where the site is: `site_page.goto("/runs")`."""
    page.set_default_timeout(20_000)
    go = page.goto
    page.goto = lambda path, **options: go(live_server.url + path, **options)  # type: ignore[method-assign]
    return page


@pytest.fixture
def enter(context: BrowserContext, live_server: Any) -> Callable[[User], None]:
    """Puts a person's session into the browser, without the sign-in page."""

    def as_user(user: User) -> None:
        client = Client()
        client.force_login(user, backend="core.signin.Backend")
        key = client.cookies[site.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": site.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}]
        )

    return as_user


def tab_to(page: Page, name: str, most: int = 60) -> None:
    """Press Tab until the focus is on the link, button or field whose name begins so."""
    for _press in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(
            "(({activeElement: it}) => it.getAttribute('aria-label') || "
            "it.labels?.[0]?.textContent.trim() || it.textContent.trim())(document)"
        )
        if (focused or "").startswith(name):
            return
    raise AssertionError(f"No Tab leads to {name}")


def violations(page: Page, **options: Any) -> list[str]:
    """What axe finds: rule, how bad, and the first places."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(AXE)
    # What it found in order is not told node by node, and no selectors are made:
    # both take longer than to look.
    run = "options => axe.run(document, options).then((result) => result.violations)"
    found = page.evaluate(run, {"resultTypes": ["violations"], "selectors": False, **options})
    return [
        (
            f"{violation['id']} ({violation['impact']}): "
            f"{[node['html'][:160] for node in violation['nodes'][:4]]}"
        )
        for violation in found
    ]


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def weight(page: Page) -> tuple[int, int]:
    """How many files the browser loaded for the page, itself included,
    and how many bytes of HTML it is.
    """
    files = (
        "performance.getEntriesByType('resource').filter((entry) => "
        "!scripted.includes(entry.initiatorType)).length"
    )
    loaded = page.evaluate(
        f"(scripted) => {files} + 1", ["fetch", "xmlhttprequest", "beacon", "video", "audio"]
    )
    return loaded, page.evaluate("performance.getEntriesByType('navigation')[0].decodedBodySize")


def look_at(page: Page) -> None:
    """The page as it is now, in both sizes and both lights: light, nothing for axe,
    nothing that scrolls sideways.
    """
    files, size_of_html = weight(page)
    if "/styleguide" not in page.url:
        assert files <= MOST_FILES, f"{page.url}: {files} files"
        assert size_of_html <= MOST_HTML, f"{page.url}: {size_of_html} bytes"
    for size, light in ((PHONE, "light"), (DESK, "dark")):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=light, reduced_motion="reduce")  # type: ignore[arg-type]
        assert violations(page) == [], f"{page.url} {size['width']} {light}"
        assert sideways(page) == 0, f"{page.url} {size['width']}"
