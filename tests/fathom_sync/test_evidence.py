"""What a run says that it checked, it checked: of the addresses that were asked for,
of nobody else, with this key.
"""

import pytest
import responses
from django.utils import timezone

from calls.models import Call
from core.connections import Connection
from crm import services
from crm.models import RepAlias
from fathom_sync import accounts
from fathom_sync.ledger import days
from fathom_sync.meetings import unmatched
from fathom_sync.models import FathomAccount, FathomMeeting, LedgerDay
from fathom_sync.syncs import plans
from sandbox.vendors.fathom import DEMO_KEYS
from tests.fathom_sync.cast import (
    CHLOE,
    CHLOES_ALIAS,
    chloe,
    installation,
    point_at,
    recorded_by,
    synced,
)
from tests.support.people import organization

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fathom(sandbox, settings, monkeypatch):
    point_at(sandbox, settings, monkeypatch).turn("fathom", meetings=120)
    return sandbox


def asked(fathom):
    return [request for request in fathom.journal("fathom") if "/meetings" in request["path"]]


# --- Of whom --------------------------------------------------------------------------------------
def test_an_organizations_sync_over_the_shared_account_tells_nothing_of_others_nor_checks_theirs():
    shared = installation()
    chloe(organization("Northwind"), aliases=[CHLOES_ALIAS])
    contoso = organization("Contoso")
    services.create_rep(organization=contoso, name="Rob", email="rob@contoso.example")
    synced(shared)
    before = list(LedgerDay.objects.order_by("pk").values())
    run = synced(shared, organization=contoso, hours=720)
    assert run.counts["processed"] == 0
    assert set(run.evidence["ledger"].values()) == {0}
    assert list(LedgerDay.objects.order_by("pk").values()) == before


def test_a_reps_sync_checks_the_reps_days():
    shared = installation()
    rep = chloe(organization("Northwind"), aliases=[CHLOES_ALIAS])
    synced(shared)
    others, own = (
        LedgerDay.objects.exclude(rep=rep),
        LedgerDay.objects.filter(rep=rep).order_by("-day"),
    )
    before, was = list(others.order_by("pk").values()), own.first().checked_at
    run = synced(shared, rep=rep, hours=720, reset=True)
    assert run.counts["processed"] == run.evidence["ledger"]["at_vendor"] > 0
    assert list(others.order_by("pk").values()) == before
    assert own.first().checked_at > was


@pytest.mark.parametrize("whose", ["rep", "organization"])
def test_where_nobody_has_an_address_nothing_is_asked(whose, fathom):
    shared = installation()
    contoso = organization("Contoso")
    rep = services.create_rep(organization=contoso, name="Rob", email="rob@contoso.example")
    services.archive_rep(rep=rep)
    before = len(asked(fathom))
    run = synced(shared, **{whose: rep if whose == "rep" else contoso}, hours=720)
    assert (run.state, run.counts.get("processed", 0)) == ("succeeded", 0)
    assert len(asked(fathom)) == before


def test_more_addresses_than_one_request_can_name_are_asked_for_one_list_after_the_other(fathom):
    shared = installation()
    northwind = organization("Northwind")
    rep = chloe(northwind, aliases=[CHLOES_ALIAS])
    # Between hers in the order of the lists.
    RepAlias.objects.bulk_create(
        RepAlias(rep=rep, organization=northwind, address=address, normalized=address)
        for address in (f"c.n{number:03}@example.com" for number in range(plans.MOST_ADDRESSES))
    )
    run = synced(shared, organization=northwind, hours=8760)
    theirs = recorded_by(fathom, CHLOE, CHLOES_ALIAS)
    assert set(Call.objects.values_list("external_id", flat=True)) == theirs
    assert run.counts["processed"] == len(theirs)
    assert (run.progress_done, run.progress_total) == (100, 100)
    assert {CHLOE in request["query"]["recorded_by[]"] for request in asked(fathom)} == {
        True,
        False,
    }


def test_only_a_sync_of_everybody_stops_before_the_end_of_what_it_was_to_look_through():
    shared = installation()
    northwind = organization("Northwind")
    chloe(northwind)
    now = timezone.now()
    FathomAccount.objects.filter(pk=shared.pk).update(watermark=now, overlap_checked_at=now)
    shared.refresh_from_db()
    assert plans.make(shared, {}, now).until == now
    assert plans.make(shared, {"organization": str(northwind.pk)}, now).until is None


# --- What waits, and need not any more ------------------------------------------------------------
def of_the_alias():
    return set(FathomMeeting.objects.filter(recorder=CHLOES_ALIAS).values_list("outcome", "reason"))


@pytest.fixture
def shared_address():
    """An address of reps in two organizations; all that it recorded waits."""
    shared = installation()
    chloe(organization("Northwind"), aliases=[CHLOES_ALIAS])
    other = services.create_rep(
        organization=organization("Contoso"),
        name="Other",
        email="other@contoso.example",
        aliases=[CHLOES_ALIAS],
    )
    synced(shared)
    assert of_the_alias() == {("skipped", "ambiguous")}
    return other


def test_an_address_that_one_of_two_gives_up_brings_what_waited(shared_address, fathom):
    before = len(asked(fathom))
    services.update_rep(rep=shared_address, aliases=[])
    unmatched.look_again(shared_address.pk)
    assert of_the_alias() == {("imported", "")}
    assert len(asked(fathom)) == before


def test_the_sweep_frees_what_was_ambiguous_until_an_organization_went(shared_address):
    services.delete_organization(organization=shared_address.organization)
    unmatched.sweep()
    assert of_the_alias() == {("imported", "")}


def test_teams_that_are_wanted_now_bring_what_waited_and_a_second_sweep_writes_nothing():
    shared = installation()
    FathomAccount.objects.filter(pk=shared.pk).update(fathom_teams=["Nobody's team"])
    shared.refresh_from_db()
    chloe(organization("Northwind"), aliases=[CHLOES_ALIAS])
    synced(shared)
    assert of_the_alias() == {("skipped", "other_team")}
    before = list(FathomMeeting.objects.order_by("pk").values())
    unmatched.sweep()
    assert list(FathomMeeting.objects.order_by("pk").values()) == before
    FathomAccount.objects.filter(pk=shared.pk).update(fathom_teams=[])
    unmatched.sweep()
    assert of_the_alias() == {("imported", "")}


def test_reset_and_sync_looks_at_what_waits_again():
    shared = installation()
    chloe(organization("Northwind"))
    synced(shared)
    RepAlias.objects.filter(normalized=CHLOE).update(normalized=CHLOES_ALIAS, address=CHLOES_ALIAS)
    run = synced(shared, reset=True)
    assert of_the_alias() == {("imported", "")}
    assert run.outcomes["imported"] > 0


def test_the_ledger_follows_meetings_that_come_in_late_and_is_no_newer_for_it():
    shared = installation()
    rep = chloe(organization("Northwind"))
    synced(shared)
    checked = dict(LedgerDay.objects.filter(rep=None).values_list("day", "checked_at"))
    services.add_alias(rep=rep, address=CHLOES_ALIAS)
    unmatched.look_again(rep.pk)
    hers = LedgerDay.objects.filter(rep=rep)
    assert sum(hers.values_list("here", flat=True)) == Call.objects.count()
    assert all(day.checked_at <= max(checked.values()) for day in hers)
    LedgerDay.objects.all().delete()
    days.recount(set(checked))
    assert all(day.checked_at <= max(checked.values()) for day in LedgerDay.objects.all())


# --- With which key -------------------------------------------------------------------------------
@responses.activate
def test_a_sync_says_nothing_of_a_key_that_was_saved_meanwhile(settings):
    shared = installation()
    now = timezone.now()
    FathomAccount.objects.filter(pk=shared.pk).update(watermark=now, overlap_checked_at=now)
    shared.refresh_from_db()

    def saved_meanwhile(_request):
        accounts.save(shared, api_key="this-key-is-another-000000", actor="test")
        return 200, {}, '{"items": [], "next_cursor": null}'

    responses.add_callback("GET", f"{settings.FATHOM_API_BASE_URL}/meetings", saved_meanwhile)
    assert synced(shared).state == "succeeded"
    assert accounts.status(accounts.installation()) == Connection.NOT_CONFIGURED


def test_another_key_lists_everything_and_what_it_does_not_show_is_not_gone():
    shared = installation()
    chloe(organization("Northwind"))
    whole = synced(shared).counts["processed"]
    accounts.save(shared, api_key=DEMO_KEYS[1], actor="test")
    again = synced(accounts.installation())
    counted = again.evidence["ledger"]
    assert 0 < counted["at_vendor"] == again.counts["processed"] < whole
    assert (counted["earlier_key"], counted["gone"]) == (whole - counted["at_vendor"], 0)


def test_the_same_key_saved_again_begins_nothing_anew():
    shared = installation()
    synced(shared)
    shared.refresh_from_db()
    was = shared.watermark
    accounts.save(shared, api_key=DEMO_KEYS[0], actor="test")
    accounts.lists_with(shared, accounts.api_key(shared))
    assert shared.watermark == was is not None
    assert shared.listing_since is None
