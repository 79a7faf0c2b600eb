"""Somebody who is blocked and erased stays blocked: Koppel keeps a hash, sees whether it holds,
and says where not.
"""

import pytest

from bison import suppression
from bison.models import Suppression, SuppressionState
from bison.suppression import config
from core import runs, settings_store
from core.models import Run
from crm import services
from crm.models import Erasure
from crm.privacy import asking, erasing
from tests.bison import cast
from tests.bison.test_suppression import contents, leads, suppressed, worked
from tests.support import canaries, people

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_calls_stay")]
ADA = "ada.lovelace@rivals.example"


@pytest.fixture
def places(db, bison_vendor):
    maverick = cast.instance(bison_vendor)
    return [cast.workspace(maverick, number, bison_vendor) for number in (3, 4)]


def erase(email=ADA, organization=None) -> Erasure:
    erasure, started = erasing.ask(organization=organization, email=email, again=email)
    runs.execute(started.run.pk)
    erasure.refresh_from_db()
    return erasure


def tables_with(address: str) -> list[str]:
    return [place for _name, place in canaries.look({"address": address}, canaries.database())]


def checked() -> Run:
    return worked(suppression.start_check(trigger="clock"))


def test_the_address_goes_and_the_vendor_still_blocks_it(places, bison_vendor):
    suppressed(ADA, reason=f"Asked by {ADA}")
    assert tables_with(ADA)
    erasure = erase(ADA.upper())
    assert (erasure.left, str(erasure.state)) == ({}, "done")
    assert erasure.places["bison_suppressions"] == {"found": 1, "kept": 1}
    assert tables_with(ADA) == []
    row = Suppression.objects.get()
    assert row.value.startswith("erased:")
    assert (row.reason, row.shown) == ("Asked by [erased]", f"Erased address {row.value[7:15]}")
    run = checked()
    assert (run.state, run.counts["undone"]) == ("succeeded", 0)
    assert {state.state for state in SuppressionState.objects.all()} == {"done"}
    assert all(ADA in contents(bison_vendor, workspace)["emails"] for workspace in places)
    assert tables_with(ADA) == []


def test_what_is_undone_at_the_vendor_is_said_and_blocked_again_by_whoever_enters_it(
    places, bison_vendor
):
    suppressed(ADA)
    erase()
    emails = bison_vendor.vendor.instances["maverick"].workspace(3).contents.emails
    emails.remove(emails.all()[-1]["id"])
    run = checked()
    assert (run.state, run.counts["undone"], run.counts["repaired"]) == ("incomplete", 1, 0)
    [state] = SuppressionState.objects.exclude(state="done")
    assert "Enter it again" in state.why
    assert suppressed(ADA).state == "succeeded"
    assert Suppression.objects.get().value == ADA
    assert ADA in contents(bison_vendor, places[0])["emails"]


def test_a_workspace_that_comes_later_is_not_asked_for_what_nobody_knows(places, bison_vendor):
    suppressed(ADA)
    erase()
    cast.workspace(places[0].instance, 8, bison_vendor)
    assert suppression.apply_what_waits() is None
    assert checked().state == "succeeded"


def test_it_is_lifted_by_its_hash(places, bison_vendor):
    suppressed(ADA)
    erase()
    worked(suppression.lift(Suppression.objects.get(), actor="test"))
    assert not Suppression.objects.exists()
    assert all(ADA not in contents(bison_vendor, workspace)["emails"] for workspace in places)


def test_its_lead_is_not_written_to_again_when_the_domain_is_lifted(places, bison_vendor):
    lead = leads(bison_vendor, places[0])[0]
    domain = lead["email"].partition("@")[2]
    suppressed(lead["email"], domain, confirmed=True)
    erase(lead["email"])
    worked(suppression.lift(Suppression.objects.get(value=domain), resubscribe=True, actor="test"))
    assert lead["status"] == "unsubscribed"


def test_it_is_not_erased_before_it_is_blocked(places, bison_vendor):
    asked = suppression.ask([ADA])
    started = suppression.suppress_many(asked, actor="test", trigger="test").started
    with pytest.raises(asking.NotYet):
        erasing.ask(organization=None, email=ADA, again=ADA)
    assert not Erasure.objects.exists()
    worked(started)
    assert str(erase().state) == "done"


def test_no_rule_brings_the_address_back(places, bison_vendor):
    settings_store.put(config.SHARE_OPT_OUTS, "on", actor="test")
    suppressed(ADA)
    erase()
    assert suppression.note_opt_out(places[0], ADA.upper()) is None
    suppressed("other@rivals.example")
    erase("bob@rivals.example")
    assert suppression.note_opt_out(places[0], "bob@rivals.example") is None
    assert tables_with(ADA) == []


def test_an_organization_hashes_it_only_where_nobody_else_knows_them(places, bison_vendor):
    first, second = people.organization("First"), people.organization("Second")
    for each in (first, second):
        services.create_lead(organization=each, name="Ada Lovelace", email=ADA)
    suppressed(ADA)
    assert "bison_suppressions" not in erase(organization=first).places
    assert Suppression.objects.get().value == ADA
    assert "bison_suppressions" not in erase(organization=second).places
    assert Suppression.objects.get().value.startswith("erased:")
