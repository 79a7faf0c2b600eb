"""The admin is as light as the rest of the site: few files, none of them twice, and all that
Django's and Unfold's scripts do is still done.
"""

import re

import pytest
from django.apps import apps
from playwright.sync_api import expect

from core import incidents
from core.models import User
from core.signin import roles
from tests.browser.conftest import look_at, violations
from tests.support.people import organization, staff
from tests.support.rows import MAKERS

pytestmark = pytest.mark.django_db(transaction=True)

TABLES = [
    "calls.call",
    "core.run",
    "core.incident",
    "core.user",
    "core.auditevent",
    "core.vendoraccount",
    "integrations.integration",
    "bison.workspace",
    "django_celery_beat.periodictask",
    "crm.organization",
    "crm.appointment",
    "fathom_sync.fathomaccount",
]


@pytest.fixture
def superuser(enter) -> User:
    user = staff(roles.OPERATIONS_ADMIN)
    user.is_superuser = True
    user.save()
    enter(user)
    return user


def test_the_overview_is_light(site_page, superuser):
    site_page.goto("/admin/")
    site_page.wait_for_load_state("networkidle")
    look_at(site_page)


@pytest.mark.parametrize("table", TABLES)
def test_a_list_a_row_and_its_removal_are_light(table: str, site_page, superuser):
    MAKERS[table](2)
    place = "/admin/" + table.replace(".", "/")
    key = apps.get_model(table)._default_manager.values_list("pk", flat=True).first()
    for path in (f"{place}/", f"{place}/{key}/change/", f"{place}/{key}/delete/"):
        status = site_page.goto(path).status
        if path.endswith("/delete/") and status == 403:
            continue
        assert status == 200, path
        site_page.wait_for_load_state("networkidle")
        look_at(site_page)


def test_who_chose_light_reads_dark_letters_whatever_the_system_likes(site_page, superuser):
    organization("Aurora")
    User.objects.update(theme="light")
    site_page.emulate_media(color_scheme="dark")
    site_page.goto("/admin/crm/organization/")
    site_page.wait_for_load_state("networkidle")
    assert violations(site_page) == []


def test_an_organization_is_searched_in_a_field(site_page, superuser):
    chosen = organization("Aurora")
    organization("Borealis")
    site_page.goto("/admin/crm/lead/add/")
    field = site_page.locator(".field-organization")
    field.get_by_role("combobox").first.click()
    site_page.locator(".select2-search__field").fill("Auro")
    site_page.get_by_role("option", name="Aurora").click()
    assert field.locator("select").input_value() == str(chosen.pk)


def test_a_search_in_a_field_speaks_the_language_of_its_reader(site_page, superuser):
    User.objects.update(language="nl")
    site_page.goto("/admin/crm/lead/add/")
    site_page.locator(".field-organization").get_by_role("combobox").first.click()
    site_page.locator(".select2-search__field").fill("Nowhere")
    site_page.get_by_text("Geen resultaten gevonden").wait_for()


def test_a_day_is_picked_in_a_calendar_and_an_hour_by_a_click(site_page, superuser):
    site_page.goto("/admin/django_celery_beat/clockedschedule/add/")
    site_page.locator("#calendarlink0").click()
    site_page.locator("#calendarin0 td a", has_text=re.compile("^15$")).click()
    expect(site_page.locator("[name=clocked_time_0]")).to_have_value(re.compile(r"\b15\b"))
    site_page.locator("#clocklink0").click()
    site_page.locator("#clockbox0 a").first.click()
    expect(site_page.locator("[name=clocked_time_1]")).not_to_have_value("")


def test_a_row_is_added_below_an_organization(site_page, superuser):
    organization("Aurora")
    site_page.goto("/admin/crm/organization/")
    site_page.get_by_role("link", name="Aurora").click()
    values = site_page.locator("[name^=address_grants-][name$=-value]:visible")
    values.first.wait_for()
    before = values.count()
    site_page.locator(".add-row a, a.add-row").first.click()
    expect(values).to_have_count(before + 1)


def test_one_box_chooses_every_row(site_page, superuser):
    for number in range(3):
        incidents.observe(str(number), ok=False, title=f"Thing {number}", what_to_do="Look.")
    site_page.goto("/admin/core/incident/")
    site_page.locator("#action-toggle").check()
    assert site_page.locator("input[name=_selected_action]:checked").count() == 3


def test_a_key_opens_the_search_everywhere(site_page, superuser):
    organization("Aurora")
    site_page.goto("/admin/core/incident/")
    site_page.keyboard.press("Control+k")
    field = site_page.locator("#search-input-command")
    expect(field).to_be_focused()
    field.press_sequentially("Auro")
    site_page.locator("#command-results").get_by_role("link", name="Aurora").click()
    site_page.wait_for_url("**/crm/organization/*/change/")


def test_another_record_is_added_in_a_window_of_its_own(site_page, superuser):
    site_page.goto("/admin/crm/lead/add/")
    site_page.locator("[data-id=related-widget-wrapper-team]").get_by_text("more_vert").click()
    with site_page.expect_popup() as opened:
        site_page.locator("#add_id_team").click()
    assert "_popup=1" in opened.value.url
