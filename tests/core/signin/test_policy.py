"""The content security policy in a real browser: strict outside the admin,
and the admin works under its own.
"""

import pytest
from django.test import Client

from tests.support.people import PASSWORD, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_policy_is_relaxed_under_the_admin_alone():
    client = Client()
    client.force_login(person("ops", is_staff=True, is_superuser=True))
    assert "'unsafe-eval'" in client.get("/admin/")["Content-Security-Policy"]
    for path in ("/", "/sign-in", "/api/me", "/admin-not", "/none"):
        assert "unsafe" not in client.get(path)["Content-Security-Policy"]


def test_signing_in_and_the_admin_break_no_rule_of_the_policy(live_server, page):
    person("ops", is_staff=True, is_superuser=True)
    complaints: list[str] = []
    page.on(
        "console",
        lambda message: (
            complaints.append(f"{page.url}: {message.text}") if message.type == "error" else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.goto(f"{live_server.url}/admin/")
    assert "/sign-in" in page.url
    page.locator("[name=login]").fill("ops")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(f"{live_server.url}/admin/")
    for path in ("/admin/core/user/", "/admin/core/run/", "/admin/core/user/add/"):
        page.goto(f"{live_server.url}{path}")
    assert complaints == []
