"""A test of a connection to HubSpot: each step says what it found, and each refusal what to do."""

import pytest

from core.models import VendorSecret
from tests.integrations.conftest import API
from tests.integrations.crm_cast import states
from tests.integrations.hubspot_cast import READING_ONLY, TOKEN, WITHOUT_CONTACTS, hubspot
from tests.support.people import assert_error

pytestmark = pytest.mark.django_db

__all__ = ["hubspot"]
DETAILS, CONTACTS = "/account-info", "/crm/objects"


def test_a_key_that_works_says_whose_it_is_and_what_it_may(closer, hubspot):
    body = hubspot.tested(closer)
    assert (body["success"], states(body)) == (True, ["passed"] * 5)
    info = body["details"]["accountInfo"]
    assert (info["id"], info["name"], info["uiDomain"]) == (
        "4471001",
        "Northwind Sales",
        "app-eu1.hubspot.com",
    )
    assert body["details"]["features"] == ["contacts.read", "contacts.write"]
    assert body["details"]["version"] == "2026-09"
    assert TOKEN not in str(body)


def test_a_key_is_kept_sealed_and_shown_masked(closer, hubspot):
    integration = hubspot.connected(closer)
    shown = closer.get(f"{API}/{integration.pk}").json()["configuration"]
    assert shown["accessToken"].endswith("0001")
    assert TOKEN not in str(shown)
    assert TOKEN not in str(list(VendorSecret.objects.values_list("value", flat=True)))


def test_what_is_no_key_is_refused_before_it_is_sent(closer, hubspot):
    body = assert_error(closer.post(API, hubspot.given(accessToken="0f1e2d3c-an-old-api-key")), 400)
    assert "pat-" in body["fields"]["configuration.accessToken"][0]
    assert hubspot.asked() == []


def test_a_wrong_key_is_told_from_a_missing_right(closer, hubspot):
    body = hubspot.tested(closer, accessToken="pat-eu1-nobody-has-this-key")
    assert (body["error"], states(body)[1:3]) == ("BAD_CREDENTIALS", ["passed", "failed"])
    body = hubspot.tested(closer, accessToken=WITHOUT_CONTACTS)
    assert (body["error"], states(body)[2:]) == ("REJECTED", ["passed", "failed", "skipped"])
    assert "crm.objects.contacts.read" in body["message"]


def test_a_key_that_reads_alone_works_and_says_so(closer, hubspot):
    body = hubspot.tested(closer, accessToken=READING_ONLY)
    assert (body["success"], body["details"]["features"]) == (True, ["contacts.read"])
    assert "crm.objects.contacts.write" in str(body["details"]["steps"])


def test_an_account_without_a_name_is_called_by_its_number(closer, hubspot):
    hubspot.fault("not_found", path="/account-info/2026-09")
    assert hubspot.tested(closer)["details"]["accountInfo"]["name"] == "HubSpot account 4471001"


def test_a_spent_day_is_no_fault_of_the_key(closer, hubspot):
    hubspot.turn(daily_spent=True)
    body = hubspot.tested(closer)
    assert body["error"] == "RATE_LIMITED"
    assert "after midnight" in body["message"]


def test_an_account_that_moves_is_waited_for(closer, hubspot):
    hubspot.turn(migrating=True)
    body = hubspot.tested(closer)
    assert (body["error"], states(body)[1:3]) == ("UNREACHABLE", ["passed", "failed"])
    assert "data centre" in body["message"]


@pytest.mark.parametrize(
    ("kind", "options", "error"),
    [
        ("rate_limited", {"retry_after": "600"}, "RATE_LIMITED"),
        ("error", {"status": 500}, "UNREACHABLE"),
        ("html", {}, "UNREACHABLE"),
        ("html", {"status": 403}, "RATE_LIMITED"),
        ("malformed", {}, "UNREACHABLE"),
        ("cut", {}, "UNREACHABLE"),
        ("empty", {}, "UNREACHABLE"),
    ],
)
@pytest.mark.parametrize("path", [DETAILS, CONTACTS])
def test_a_fault_on_the_way_is_no_fault_of_the_key(closer, hubspot, kind, options, error, path):
    hubspot.fault(kind, path=path, **options)
    body = hubspot.tested(closer)
    assert (body["success"], body["error"]) == (False, error)
    assert "key was rotated" not in body["message"]


def test_no_step_costs_a_second_call_that_changes_something(closer, hubspot):
    hubspot.tested(closer)
    assert [entry["path"] for entry in hubspot.asked() if entry["method"] != "GET"] == [
        "/crm/objects/2026-09/contacts/batch/update"
    ]
    assert all(entry["body"] in ("", '{"inputs":[]}') for entry in hubspot.asked())


def test_without_a_key_or_a_grant_it_says_how_to_connect(closer, hubspot):
    body = closer.post(
        f"{API}/test", {"type": "CRM", "configuration": {"provider": "HUBSPOT"}}
    ).json()
    assert (body["success"], body["error"]) == (False, "MISCONFIGURED")
    assert "Press Connect" in body["message"]
