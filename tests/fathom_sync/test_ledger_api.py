"""`/api/fathom/ledger` and the trying out of aliases: what is proved, and what would change."""

import pytest

from calls.models import Call
from fathom_sync.models import FathomMeeting, LedgerDay
from sandbox.vendors.fathom import DEMO_KEYS
from tests.fathom_sync.cast import (
    chloe,
    installation,
    own_account,
    point_at,
    synced,
)
from tests.support.people import assert_error, client_of
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fathom(sandbox, settings, monkeypatch):
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=40)
    return sandbox


@pytest.fixture
def northwind():
    return World()


@pytest.fixture
def contoso():
    return World("Contoso Growth", prefix="other-")


def test_the_ledger_adds_up_per_rep_and_day(northwind):
    rep = chloe(northwind.organization)
    account = own_account(northwind.organization, key="koppel-demo.fathom-key_0001")
    synced(account)
    client = client_of(northwind.users["CEO"])
    rows = client.get("/api/fathom/ledger?pageSize=200").json()["results"]
    assert sum(row["atVendor"] for row in rows) == 40
    for row in rows:
        sums = (
            row["here"]
            + sum(row["skipped"].values())
            + sum(row["errors"].values())
            + row["missing"]
        )
        assert row["atVendor"] == sums
        assert (row["gone"], row["earlierKey"]) == (0, 0)
    [*hers] = client.get(f"/api/fathom/ledger?rep={rep.pk}").json()["results"]
    assert sum(row["here"] for row in hers) == Call.objects.filter(rep=rep).count() > 0
    assert {row["repName"] for row in hers} == {"Chloe Martin"}
    day = hers[0]["day"]
    assert [
        row["day"]
        for row in client.get(f"/api/fathom/ledger?rep={rep.pk}&from={day}&to={day}").json()[
            "results"
        ]
    ] == [day]
    assert_error(client.get("/api/fathom/ledger?from=yesterday"), 400)
    assert client_of(northwind.users["CLOSER"]).get("/api/fathom/ledger").json()["results"] == []


def test_a_meeting_that_two_accounts_show_is_counted_once_for_its_rep_and_day(northwind):
    """Each account's run says what that account lists; the days are those of the reps,
    whoever listed them. What is of no rep waits twice: for the organization, and for the agency."""
    chloe(northwind.organization)
    theirs = (
        LedgerDay.objects.exclude(rep=None)
        .order_by("day", "rep")
        .values("day", "rep", "at_vendor", "here")
    )
    first = synced(own_account(northwind.organization))
    before = list(theirs)
    second = synced(installation(DEMO_KEYS[1]))
    after = list(theirs)
    assert second.evidence["ledger"]["at_vendor"] == first.evidence["ledger"]["at_vendor"] > 0
    assert after == before
    assert sum(day["at_vendor"] for day in after) == FathomMeeting.objects.exclude(rep=None).count()


def test_aliases_of_others_cannot_be_tried_out(northwind, contoso):
    client = client_of(northwind.users["CEO"])
    path = "/api/fathom/matching/simulate"
    assert_error(client.post(path, {"aliases": {str(contoso.rep.pk): []}}), 404)
    assert_error(client.post(path, {"aliases": {"x": []}}), 400)
    assert_error(client.post(path, {"aliases": {str(northwind.rep.pk): ["not an address"]}}), 400)
    assert_error(client.post(path, {"aliases": []}), 400)
    assert_error(
        client_of(northwind.users["MANAGER"]).post(path, {"aliases": {str(northwind.rep.pk): []}}),
        403,
    )
