"""The page of an account whose vendor is declared: made from the declaration,
for whoever may see and change it.
"""

from dataclasses import replace

import pytest
from django.test import Client

from core import runs, vendors
from core.connections import Connection
from core.models import Run, VendorAccount
from core.vendors import declarations
from crm.models import Organization
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.toy.cast import KEY, OTHER
from tests.toy.service import Service
from tests.toy.vendor import TOY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_calls_stay")]

PAGE = "/settings/accounts/toy"
WRONG = "toy-key-of-no-value-9999"


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def linked(ceo: Client, northwind: Organization, service: Service) -> VendorAccount:
    answer = ceo.post(PAGE, {"address": service.url, "api_key": KEY}, follow=True)
    assert "Saved, and the connection works." in text(answer)
    return vendors.account_of(TOY, northwind.pk)


def test_what_is_entered_is_saved_tried_and_never_shown_again(ceo: Client, linked: VendorAccount):
    page = text(ceo.get(PAGE))
    assert KEY not in page
    assert "toy-key...-0001" in page
    assert "Connected" in page
    assert vendors.state_of(linked).state is Connection.CONNECTED


def test_a_test_shows_its_steps(ceo: Client, linked: VendorAccount):
    kept = {"address": linked.values["address"], "api_key": ""}
    assert "Signed in as Ada" in text(ceo.post(f"{PAGE}/test", kept))
    page = text(ceo.post(f"{PAGE}/test", {**kept, "api_key": WRONG}))
    assert "does not accept the key" in page
    assert WRONG not in page
    linked.refresh_from_db()
    assert vendors.state_of(linked).state is Connection.CONNECTED, (
        "another key was tried, and is not stored"
    )


def test_a_new_key_that_does_not_work_waits_and_is_used_or_discarded(
    ceo: Client, linked: VendorAccount
):
    page = text(
        ceo.post(PAGE, {"address": linked.values["address"], "api_key": WRONG}, follow=True)
    )
    assert "The new key does not work, so the present one stays in use" in page
    assert "A new key waits" in page
    assert "The new key is discarded." in text(
        ceo.post(f"{PAGE}/waiting", {"what": "discard"}, follow=True)
    )
    ceo.post(PAGE, {"address": linked.values["address"], "api_key": WRONG})
    ceo.post(f"{PAGE}/waiting", {"what": "use"})
    linked.refresh_from_db()
    assert vendors.state_of(linked).state is Connection.ERROR
    ceo.post(PAGE, {"address": linked.values["address"], "api_key": OTHER})
    linked.refresh_from_db()
    assert vendors.state_of(linked).state is Connection.CONNECTED


def test_a_field_that_cannot_be_one_is_said_under_it(ceo: Client, linked: VendorAccount):
    page = text(ceo.post(PAGE, {"address": "ftp://toys", "api_key": ""}))
    assert "is not a web address" in page
    linked.refresh_from_db()
    assert linked.values["address"].startswith("http://127.0.0.1")


def test_fetching_is_started_once_and_shown_with_its_proof(ceo: Client, linked: VendorAccount):
    ceo.post(f"{PAGE}/fetch")
    assert "This is under way already" in text(ceo.post(f"{PAGE}/fetch", follow=True))
    assert f'hx-get="{PAGE}/live"' in text(ceo.get(PAGE))
    run = Run.objects.get()
    runs.execute(run.pk)
    page = text(ceo.get(f"{PAGE}/live"))
    assert "<li>25 at Toy</li>" in page
    assert "25 in Koppel" in page
    assert "hx-get" not in page


def test_removing_takes_away_what_is_set(ceo: Client, linked: VendorAccount):
    assert "Remove…" in text(ceo.get(PAGE))
    ceo.post(f"{PAGE}/remove")
    linked.refresh_from_db()
    assert not dict(vendors.current(linked))
    assert "Remove…" not in text(ceo.get(PAGE))


def test_who_may_look_and_who_may_change(
    linked: VendorAccount, northwind: Organization, closer: Client
):
    assert closer.get(PAGE).status_code == 404
    assert signed_in(people.member("MANAGER", northwind)).get(PAGE).status_code == 404
    viewer = signed_in(people.staff("Operations viewer"))
    assert "<form" in text(viewer.get(PAGE))
    assert 'name="api_key"' not in text(viewer.get(PAGE))
    for act in ("", "/test", "/waiting", "/remove", "/fetch"):
        assert viewer.post(PAGE + act).status_code == 403
        assert closer.post(PAGE + act).status_code == 404


def test_staff_look_at_the_installations_account(
    ops: Client, linked: VendorAccount, service: Service
):
    assert "toy-key...-0001" not in text(ops.get(PAGE))
    ops.post(PAGE, {"address": service.url, "api_key": KEY})
    assert vendors.state_of(vendors.account_of(TOY, None)).state is Connection.CONNECTED


def test_a_vendor_that_nobody_declared_has_no_page(ceo: Client):
    assert ceo.get("/settings/accounts/nobody").status_code == 404


def test_only_so_many_tests_a_minute(ceo: Client, linked: VendorAccount, service: Service):
    kept = {"address": linked.values["address"]}
    for _time in range(10):
        ceo.post(f"{PAGE}/test", kept)
    service.asked.clear()
    assert "often enough" in text(ceo.post(f"{PAGE}/test", kept))
    assert service.asked == []


def test_the_page_asks_the_database_as_often_whatever_was_fetched(
    ceo: Client, linked: VendorAccount, django_assert_max_num_queries
):
    vendors.start_sync(linked, trigger="test")
    runs.execute(Run.objects.get().pk)
    with django_assert_max_num_queries(30):
        ceo.get(PAGE)


def test_looking_makes_no_row(ceo: Client):
    assert ceo.get(PAGE).status_code == ceo.get(f"{PAGE}/live").status_code == 200
    assert not VendorAccount.objects.exists()


def test_a_vendor_with_a_page_of_its_own_has_no_general_one(
    ceo: Client, monkeypatch: pytest.MonkeyPatch
):
    assert f'href="{PAGE}"' in ceo.get("/settings/profile").content.decode()
    monkeypatch.setitem(declarations._declared, "toy", replace(TOY, has_own_page=True))
    assert f'href="{PAGE}"' not in ceo.get("/settings/profile").content.decode()
    assert ceo.get(PAGE).status_code == 404
    assert ceo.get("/settings/accounts/fathom").status_code == 404
