"""A test of a connection to Pipedrive: each step says what it found,
and each refusal what to do.
"""

import pytest

from core.models import VendorSecret
from tests.integrations.conftest import API
from tests.integrations.crm_cast import states
from tests.integrations.pipedrive_cast import NORTHWIND, SEES_A_THIRD, TOKEN, pipedrive
from tests.support.people import assert_error

pytestmark = pytest.mark.django_db

__all__ = ["pipedrive"]
ME, PERSONS = "/v1/users/me", "/api/v2/persons"
NOBODY = "ffffffffffffffffffffffffffffffffffffffff"


def test_a_token_that_works_says_whose_it_is_and_what_it_may(closer, pipedrive):
    body = pipedrive.tested(closer)
    assert (body["success"], states(body)) == (True, ["passed"] * 4)
    info = body["details"]["accountInfo"]
    assert (info["id"], info["name"], info["user"]) == (NORTHWIND, "Northwind Sales", "Maud Claes")
    assert body["details"]["features"] == ["contacts.read", "contacts.write"]
    assert TOKEN not in str(body)


def test_the_token_goes_in_a_header_and_is_kept_sealed(closer, pipedrive):
    integration = pipedrive.connected(closer)
    pipedrive.tested(closer)
    assert TOKEN not in str([(entry["path"], entry["query"]) for entry in pipedrive.asked()])
    assert TOKEN not in str(closer.get(f"{API}/{integration.pk}").json())
    assert TOKEN not in str(list(VendorSecret.objects.values_list("value", flat=True)))


def test_what_is_no_token_is_refused_before_it_is_sent(closer, pipedrive):
    body = assert_error(closer.post(API, pipedrive.given(apiToken="too short")), 400)
    assert "forty" in body["fields"]["configuration.apiToken"][0]
    assert pipedrive.asked() == []


def test_a_wrong_token_fails_at_the_credentials(closer, pipedrive):
    body = pipedrive.tested(closer, apiToken=NOBODY)
    assert (body["error"], states(body)[1:]) == ("BAD_CREDENTIALS", ["passed", "failed", "skipped"])


def test_who_is_no_administrator_is_told_that_they_see_a_part(closer, pipedrive):
    body = pipedrive.tested(closer, apiToken=SEES_A_THIRD)
    assert body["success"] is True
    assert "no administrator" in str(body["details"]["steps"])


def test_an_app_that_may_not_write_works_and_says_so(closer, pipedrive):
    pipedrive.turn(app_scopes="base,contacts:read")
    integration = pipedrive.signed_in(closer, NORTHWIND)
    body = closer.post(f"{API}/{integration.pk}/test").json()
    assert (body["success"], body["details"]["features"]) == (True, ["contacts.read"])
    assert "contacts:full" in str(body["details"]["steps"])


def test_an_app_that_may_not_read_is_told_which_scope_it_needs(closer, pipedrive):
    pipedrive.turn(app_scopes="base")
    integration = pipedrive.signed_in(closer, NORTHWIND)
    body = closer.post(f"{API}/{integration.pk}/test").json()
    assert (body["error"], states(body)[2:]) == ("REJECTED", ["passed", "failed"])
    assert "contacts:full" in body["message"]


@pytest.mark.parametrize(
    ("switches", "error", "words"),
    [
        ({"daily_tokens": 1}, "RATE_LIMITED", "of today"),
        ({"banned": True}, "RATE_LIMITED", "not to blame"),
        ({"suspended": True}, "REJECTED", "suspended"),
    ],
)
def test_a_spent_day_a_ban_and_a_suspension_are_no_fault_of_the_token(
    closer, pipedrive, switches, error, words
):
    pipedrive.turn(**switches)
    body = pipedrive.tested(closer)
    assert body["error"] == error
    assert words in body["message"]


@pytest.mark.parametrize(
    ("kind", "options", "error"),
    [
        ("error", {"status": 500}, "UNREACHABLE"),
        ("rate_limited", {"retry_after": "600"}, "RATE_LIMITED"),
        ("html", {}, "UNREACHABLE"),
        ("html", {"status": 403}, "RATE_LIMITED"),
        ("malformed", {}, "UNREACHABLE"),
        ("cut", {}, "UNREACHABLE"),
        ("empty", {}, "UNREACHABLE"),
    ],
)
@pytest.mark.parametrize("path", [ME, PERSONS])
def test_a_fault_on_the_way_is_no_fault_of_the_token(closer, pipedrive, kind, options, error, path):
    pipedrive.fault(kind, path=path, **options)
    body = pipedrive.tested(closer)
    assert (body["success"], body["error"]) == (False, error)


def test_a_refusal_with_200_is_no_success(closer, pipedrive):
    pipedrive.turn(refuses_with_200=True)
    assert pipedrive.tested(closer)["error"] == "UNREACHABLE"


def test_no_step_changes_anything(closer, pipedrive):
    pipedrive.tested(closer)
    changing = [
        (entry["method"], entry["path"]) for entry in pipedrive.asked() if entry["method"] != "GET"
    ]
    assert changing == [("PATCH", "/api/v2/persons/0")]


def test_without_a_token_or_a_grant_it_says_how_to_connect(closer, pipedrive):
    body = closer.post(
        f"{API}/test", {"type": "CRM", "configuration": {"provider": "PIPEDRIVE"}}
    ).json()
    assert (body["success"], body["error"]) == (False, "MISCONFIGURED")
    assert "Press Connect" in body["message"]
