"""Every page, at 390 and 1440 pixels, light and dark: axe finds nothing,
nothing scrolls sideways, no complaints.
"""

import re
import time
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.utils import timezone
from playwright.sync_api import Page

from core.models import Incident, Run, User
from core.signin import mail_password_reset
from tests.browser.conftest import look_at
from tests.support import people

FULL = {
    "counts": {"imported": 12, "updated": 1240},
    "outcomes": {"imported": 12, "no_rep": 21},
    "evidence": {"at_vendor": 282, "here": 280},
}


@pytest.fixture
def ops(transactional_db: None) -> User:
    return people.person("ops", is_staff=True, is_superuser=True)


@pytest.fixture
def runs(transactional_db: None) -> dict[str, Run]:
    """One run of each kind of page, and an incident of each severity."""
    organization = people.organization()
    values = {
        "kind": "sync_fathom",
        "organization_id": organization.pk,
        "started_at": timezone.now(),
    }
    for severity in ("warning", "critical"):
        now = timezone.now()
        Incident.objects.create(
            cause=severity,
            severity=severity,
            title="It is slow",
            what_to_do="Wait.",
            opened_at=now,
            last_seen_at=now,
        )
    return {
        "running": Run.objects.create(
            state="running", progress_done=132, progress_total=400, **values, **FULL
        ),
        "failed": Run.objects.create(state="failed", error="The vendor answered 503.", **values),
        "incomplete": Run.objects.create(
            state="incomplete", error="2 are missing.", **values, **FULL
        ),
    }


def test_the_pages_before_signing_in(site_page: Page, transactional_db: None):
    for path in (
        "/sign-in",
        "/password/reset",
        "/password/reset/sent",
        "/password/reset/key/1-set-password",
        "/password/reset/done",
        "/sign-in/inactive",
    ):
        site_page.goto(path)
        look_at(site_page)


def test_a_refused_sign_in_and_the_lock_out(site_page: Page, transactional_db: None):
    for attempt in range(6):
        site_page.goto("/sign-in")
        site_page.get_by_label("Username or e-mail").fill("nobody")
        site_page.get_by_label("Password", exact=True).fill("wrong")
        site_page.get_by_role("button", name="Sign in").click()
        site_page.wait_for_load_state()
        if attempt == 0:
            assert site_page.locator(".callout").inner_text()
            look_at(site_page)
    assert site_page.inner_text("h1") == "Too many attempts"
    look_at(site_page)


def test_a_mailed_link_leads_to_a_new_password(
    site_page: Page, ops: User, enter: Any, mailoutbox: list[Any]
):
    User.objects.filter(pk=ops.pk).update(reset_mail_due=timezone.now())
    mail_password_reset(str(ops.pk))
    site_page.goto(re.search(r"/password/reset/key/\S+", mailoutbox[0].body)[0])  # type: ignore[index]
    assert site_page.inner_text("h1") == "Choose a new password"
    look_at(site_page)


def test_the_empty_pages_of_a_new_person(site_page: Page, transactional_db: None, enter: Any):
    enter(people.member("CLOSER", people.organization(), "new"))
    for path in ("/", "/settings/profile"):
        site_page.goto(path)
        look_at(site_page)


def test_the_full_pages_of_staff(site_page: Page, ops: User, runs: dict[str, Run], enter: Any):
    enter(ops)
    for path in (
        "/",
        "/runs",
        "/runs?state=cancelled",
        *(f"/runs/{run.pk}" for run in runs.values()),
    ):
        site_page.goto(path)
        if path == "/":
            site_page.locator(".health, .health-short").wait_for()
        look_at(site_page)


def test_the_second_factor_from_turning_on_to_turning_off(site_page: Page, ops: User):
    page = site_page
    page.goto("/account/security/")
    page.get_by_label("Username or e-mail").fill("ops")
    page.get_by_label("Password", exact=True).fill(people.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    look_at(page)
    page.get_by_role("link", name="Turn on").click()
    assert page.inner_text("h1") == "Is it you?"
    look_at(page)
    page.get_by_label("Password", exact=True).fill(people.PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.locator(".qr svg").wait_for()
    look_at(page)
    code = format_hotp_value(hotp_value(page.inner_text("#totp-secret"), int(time.time()) // 30))
    page.get_by_label("Authenticator code").fill(code)
    page.get_by_role("button", name="Turn on").click()
    page.locator("#recovery-codes").wait_for()
    look_at(page)
    for path in (
        "/account/security/",
        "/account/security/recovery-codes/generate/",
        "/account/security/totp/deactivate/",
        "/account/password",
        "/sign-out",
    ):
        page.goto(path)
        look_at(page)
    page.get_by_role("button", name="Sign out").click()
    page.goto("/sign-in")
    page.get_by_label("Username or e-mail").fill("ops")
    page.get_by_label("Password", exact=True).fill(people.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    assert page.inner_text("h1") == "One more step"
    look_at(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_styleguide_in_both_themes(
    site_page: Page, ops: User, enter: Any, settings: Any, theme: str
):
    settings.DEMO = True
    enter(ops)
    site_page.goto(f"/styleguide?theme={theme}")
    look_at(site_page)
    site_page.get_by_role("button", name="Revoke the key…").click()
    look_at(site_page)


def test_the_error_pages(site_page: Page, transactional_db: None, settings: Any, live_server: Any):
    settings.ROOT_URLCONF = "tests.browser.addresses"
    for path, status, heading in (
        ("/nowhere", 404, "Nothing here"),
        ("/test/forbidden", 403, "Not for this account"),
        ("/test/odd", 400, "This cannot be read"),
        ("/test/too-many", 429, "A little slower, please"),
        ("/test/broken", 500, "Something broke on our side"),
    ):
        answer = site_page.goto(path)
        assert answer
        assert answer.status == status
        assert site_page.inner_text("h1") == heading
        look_at(site_page)
    site_page.goto("/sign-in")
    site_page.context.clear_cookies()
    site_page.get_by_label("Username or e-mail").fill("ops")
    site_page.get_by_role("button", name="Sign in").click()
    assert site_page.inner_text("h1") == "This page was open too long"
    look_at(site_page)
