"""The admin in a real browser: sign-in, lists, filters, acts; no complaint of the policy,
nothing for axe.
"""

import pytest

from core import incidents
from core.models import AlertChannel, Incident, Run
from core.signin import roles
from tests.browser.conftest import DESK, PHONE, sideways, violations
from tests.support.hooks import hook_server
from tests.support.people import PASSWORD, staff
from tests.support.rows import api_calls, deliveries

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = [
    "/admin/",
    "/admin/core/apicall/",
    "/admin/core/inboundevent/",
    "/admin/core/incident/",
    "/admin/core/alertchannel/add/",
    "/admin/core/systemsetting/add/",
    "/admin/core/user/add/",
    "/admin/crm/appointment/",
    "/admin/crm/lead/",
    "/admin/crm/member/add/",
    "/admin/crm/salesrep/",
    "/admin/django_celery_beat/periodictask/add/",
]


@pytest.fixture
def house():
    api_calls(5)
    deliveries(3, processing_status="failed")
    return incidents.observe(
        "c", ok=False, title="Maverick does not answer", what_to_do="Look at its status page."
    )


@pytest.mark.long(25)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_kind_of_page_fits_and_axe_finds_nothing(scheme, site_page, enter, house):
    enter(staff(roles.OPERATIONS_ADMIN))
    site_page.emulate_media(color_scheme=scheme)
    for path in [*PAGES, f"/admin/core/incident/{house.pk}/change/"]:
        assert site_page.goto(path).status == 200
        site_page.wait_for_load_state("networkidle")
        for size in (DESK, PHONE):
            site_page.set_viewport_size(size)
            assert violations(site_page) == [], (path, size)
            assert sideways(site_page) == 0, (path, size)


def test_a_long_word_of_a_record_breaks_on_a_phone(site_page, enter):
    run = Run.objects.create(
        kind="k", counts={"found": 1}, lock_key="a" * 90, parameters={"account": "b" * 90}
    )
    enter(staff(roles.OPERATIONS_ADMIN))
    site_page.set_viewport_size(PHONE)
    site_page.goto(f"/admin/core/run/{run.pk}/change/")
    site_page.locator("summary").last.click()
    assert site_page.get_by_text("b" * 90).first.is_visible()
    assert sideways(site_page) == 0


def test_the_admin_sends_strangers_to_our_sign_in_and_back(site_page, live_server):
    user = staff(roles.OPERATIONS_VIEWER)
    site_page.goto("/admin/core/incident/")
    assert "/sign-in" in site_page.url
    site_page.fill("[name=login]", user.username)
    site_page.fill("[name=password]", PASSWORD)
    site_page.keyboard.press("Enter")
    site_page.wait_for_url(f"{live_server.url}/admin/core/incident/")
    assert site_page.locator("h1").inner_text().strip()


def test_a_row_is_chosen_in_the_list_and_acted_on(site_page, enter, house):
    enter(staff(roles.OPERATIONS_ADMIN))
    site_page.goto("/admin/core/incident/")
    site_page.locator("input[name=_selected_action]").first.check()
    site_page.locator("select[name=action]").select_option("close")
    site_page.locator("#changelist-actions button[type=submit]").first.click()
    site_page.get_by_text("1 incident closed.").wait_for()
    assert Incident.objects.get().closed_at is not None


def test_the_button_on_a_detail_page_tests_a_channel(site_page, enter, settings):
    with hook_server() as server:
        settings.ALLOW_PRIVATE_HOSTS = [server.host]
        channel = AlertChannel.objects.create(
            name="Chat", kind="slack", target=f"{server.url}/hook"
        )
        enter(staff(roles.OPERATIONS_ADMIN))
        site_page.goto(f"/admin/core/alertchannel/{channel.pk}/change/")
        site_page.get_by_role("button", name="Test", exact=True).click()
        site_page.get_by_text("The message was handed over").wait_for()
        assert len(server.taken) == 1


def test_filters_open_by_keyboard_and_a_window_of_time_is_one_click(site_page, enter, house):
    enter(staff(roles.OPERATIONS_ADMIN))
    site_page.goto("/admin/core/apicall/")
    site_page.get_by_role("button", name="Filters").focus()
    site_page.keyboard.press("Enter")
    site_page.get_by_role("link", name="Too many requests (429)").click()
    site_page.wait_for_url("**status=429*")
    site_page.get_by_role("link", name="Last 7 days").first.click()
    site_page.wait_for_url("**since=7d*")
    assert "status=429" in site_page.url


def test_an_export_is_a_download(site_page, enter, house):
    enter(staff(roles.OPERATIONS_ADMIN))
    site_page.goto("/admin/core/apicall/")
    with site_page.expect_download() as download:
        site_page.get_by_role("button", name="Export as CSV").click()
    assert download.value.suggested_filename.startswith("api-calls-")
    assert len(download.value.path().read_text().splitlines()) == 6
