"""Suppressions: in effect everywhere, read back, in the numbers that the trial run gave,
and repaired when undone.
"""

import pytest

from bison import suppression
from bison.models import Suppression, SuppressionState
from core import runs
from core.models import ApiCall, AuditEvent, Incident, Run
from tests.bison import cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_calls_stay")]
OWN = (3, 4, 6)


@pytest.fixture
def places(db, bison_vendor):
    """Three workspaces with a key of their own, and two that the super-admin key is moved to."""
    maverick = cast.instance(bison_vendor)
    own = [cast.workspace(maverick, number, bison_vendor) for number in OWN]
    return [*own, cast.workspace(maverick, 5), cast.workspace(maverick, 9)]


def leads(bison_vendor, workspace):
    return (
        bison_vendor.vendor.instances["maverick"]
        .workspace(workspace.bison_workspace_id)
        .contents.leads.all()
    )


def contents(bison_vendor, workspace):
    return bison_vendor.act("facts", workspace=workspace.bison_workspace_id)


def worked(started) -> Run:
    runs.execute(started.run.pk)
    started.run.refresh_from_db()
    return started.run


def suppressed(*values, **wish) -> Run:
    asked = suppression.ask(
        values, **{key: wish.pop(key) for key in ("scope", "workspaces", "insist") if key in wish}
    )
    return worked(suppression.suppress_many(asked, actor="test", trigger="test", **wish).started)


def tried(*values, scope="all", workspaces=(), confirmed=False) -> Run:
    asked = suppression.ask(values, scope=scope, workspaces=workspaces)
    chosen = None if scope == "all" else [each.pk for each in asked.workspaces]
    trial = suppression.start_trial(
        asked.values, chosen, confirmed=confirmed, started_by=None, trigger="test"
    )
    return worked(trial)


def numbers(run: Run) -> dict[str, int]:
    return {name: count for name, count in run.counts.items() if name not in {"undone", "repaired"}}


def test_an_address_is_blocked_and_unsubscribed_in_every_workspace(places, bison_vendor):
    address = leads(bison_vendor, places[0])[0]["email"]
    run = suppressed(address.upper())
    assert (run.state, run.why) == ("succeeded", "")
    for workspace in places:
        assert address in contents(bison_vendor, workspace)["emails"]
    assert address in contents(bison_vendor, places[0])["unsubscribed"]
    states = SuppressionState.objects.order_by("workspace__workspace_name")
    assert {state.state for state in states} == {"done"}
    assert all(state.blacklisted and state.read_back_at for state in states)
    seen = {
        state.workspace.bison_workspace_id: state.unsubscribed
        for state in states.select_related("workspace")
    }
    assert seen == {3: True, 4: None, 5: None, 6: None, 9: None}
    assert run.evidence["workspaces"]["Aspen Labs"]["state"] == "complete"
    assert AuditEvent.objects.filter(action="bison.suppressed").count() == 1


def test_a_domain_takes_all_of_its_leads(places, bison_vendor):
    domain = "brookmills.example"
    theirs = [
        lead
        for place in places
        for lead in leads(bison_vendor, place)
        if lead["email"].endswith(f"@{domain}")
    ]
    left = sum(lead["status"] == "unsubscribed" for lead in theirs)
    run = suppressed(domain.upper(), confirmed=True)
    assert (run.state, run.why) == ("succeeded", "")
    assert (run.counts["unsubscribed"], run.counts["unsubscribed_before"]) == (
        len(theirs) - left,
        left,
    )
    assert {lead["status"] for lead in theirs} == {"unsubscribed"}
    assert all(domain in contents(bison_vendor, place)["domains"] for place in places)


def test_the_trial_run_gives_the_numbers_of_the_real_one_and_writes_nothing(places, bison_vendor):
    chosen = [leads(bison_vendor, place)[place.bison_workspace_id]["email"] for place in places]
    listed = contents(bison_vendor, places[0])["emails"][0]
    values = [*chosen, listed, "rival1.example", "dunetravel.example", "nobody@nowhere.example"]
    before = [contents(bison_vendor, place) for place in places]
    trial = tried(*values, confirmed=True)
    assert [contents(bison_vendor, place) for place in places] == before
    assert not Suppression.objects.exists()
    assert not SuppressionState.objects.exists()
    written = ApiCall.objects.exclude(method="GET").exclude(endpoint__contains="switch-workspace")
    assert not written.exists()
    real = suppressed(*values, confirmed=True)
    assert numbers(real) == numbers(trial)
    assert (trial.state, real.state) == ("succeeded", "succeeded")
    assert real.counts["blocked"] > 30
    assert real.counts["unsubscribed"] > 20
    again = suppressed(*values, confirmed=True)
    assert (again.counts["blocked"], again.counts["unsubscribed"]) == (0, 0)
    assert again.counts["blocked_before"] == real.counts["blocked"] + real.counts["blocked_before"]


def test_only_the_named_workspaces_are_touched(places, bison_vendor):
    before = contents(bison_vendor, places[1])["emails"]
    suppressed("somebody@rival.example", scope="workspace", workspaces=["Aspen Labs"])
    assert "somebody@rival.example" in contents(bison_vendor, places[0])["emails"]
    assert contents(bison_vendor, places[1])["emails"] == before
    suppressed("somebody@rival.example", scope="workspace", workspaces=["SEQUOIA GRID"])
    assert Suppression.objects.get().workspace_ids == [places[0].pk, places[3].pk]
    suppressed("somebody@rival.example")
    assert all(
        "somebody@rival.example" in contents(bison_vendor, place)["emails"] for place in places
    )


def test_what_a_person_undid_at_the_vendor_is_seen_and_repaired(places, bison_vendor):
    lead = leads(bison_vendor, places[0])[0]
    suppressed(lead["email"], "rivals.example")
    aspen = bison_vendor.vendor.instances["maverick"].workspace(3).contents
    aspen.emails.remove(aspen.emails.all()[-1]["id"])
    lead["status"] = "verified"
    fern = bison_vendor.vendor.instances["maverick"].workspace(9).contents
    fern.domains.remove(fern.domains.all()[-1]["id"])
    run = worked(suppression.start_check(trigger="clock"))
    assert (run.state, run.why) == ("succeeded", "")
    assert (run.counts["undone"], run.counts["repaired"]) == (2, 2)
    assert lead["email"] in contents(bison_vendor, places[0])["emails"]
    assert lead["status"] == "unsubscribed"
    assert "rivals.example" in contents(bison_vendor, places[4])["domains"]
    repaired = SuppressionState.objects.filter(repaired_times=1).select_related(
        "workspace", "suppression"
    )
    assert {(each.workspace.bison_workspace_id, each.suppression.value) for each in repaired} == {
        (3, lead["email"]),
        (9, "rivals.example"),
    }
    incident = Incident.objects.get(closed_at=None)
    assert incident.cause == "bison_suppressions_undone:maverick"
    assert sorted(incident.affected) == ["Aspen Labs", "Brightlane Trucking"]
    worked(suppression.start_check(trigger="clock"))
    assert not Incident.objects.filter(closed_at=None).exists()


def test_a_lead_that_came_since_is_new_and_not_undone(places, bison_vendor):
    suppressed("alderworks.example", confirmed=True)
    made = bison_vendor.act("reply", workspace=3, quiet=True)
    new = leads(bison_vendor, places[0])[-1]
    new["email"] = "late.comer@alderworks.example"
    run = worked(suppression.start_check(trigger="clock"))
    assert made
    assert (run.counts["undone"], run.counts["unsubscribed"]) == (0, 1)
    assert new["status"] == "unsubscribed"


def test_a_new_workspace_gets_what_is_suppressed_in_all(places, bison_vendor):
    suppressed("somebody@rival.example")
    suppressed("other@rival.example", scope="workspace", workspaces=["Aspen Labs"])
    later = cast.workspace(places[0].instance, 8, bison_vendor)
    started = suppression.apply_what_waits()
    assert started is not None
    worked(started)
    emails = contents(bison_vendor, later)["emails"]
    assert ("somebody@rival.example" in emails, "other@rival.example" in emails) == (True, False)
    assert suppression.apply_what_waits() is None


def test_what_is_lifted_is_let_go_of_and_leads_stay_unsubscribed(places, bison_vendor):
    lead = leads(bison_vendor, places[0])[0]
    suppressed(lead["email"])
    run = worked(suppression.lift(Suppression.objects.get(), actor="test"))
    assert (run.state, run.counts["unblocked"], run.counts["resubscribed"]) == ("succeeded", 5, 0)
    assert not any(lead["email"] in contents(bison_vendor, place)["emails"] for place in places)
    assert lead["status"] == "unsubscribed"
    assert not Suppression.objects.exists()


def test_leads_are_subscribed_again_where_that_is_asked_and_nothing_else_stands_against_it(
    places, bison_vendor
):
    lead = leads(bison_vendor, places[0])[0]
    domain = lead["email"].rpartition("@")[2]
    suppressed(lead["email"])
    suppressed(domain, confirmed=True)
    run = worked(
        suppression.lift(Suppression.objects.get(kind="address"), resubscribe=True, actor="test")
    )
    assert (run.counts["resubscribed"], lead["status"]) == (0, "unsubscribed")
    run = worked(suppression.lift(Suppression.objects.get(), resubscribe=True, actor="test"))
    assert run.counts["resubscribed"] > 1
    assert lead["status"] == "unverified"


def test_what_the_vendor_deletes_late_stays_to_be_let_go_of(places, bison_vendor):
    suppressed("somebody@rival.example")
    bison_vendor.turn(queued_seconds=60)
    run = worked(suppression.lift(Suppression.objects.get(), actor="test"))
    assert run.state == "incomplete"
    assert {state.why for state in SuppressionState.objects.all()} == {
        "Email Bison lists it still; it deletes late. The next check looks again."
    }


def test_a_workspace_without_a_key_is_said_and_the_others_are_done(places, bison_vendor):
    cast.workspace(places[0].instance, 11, requires_workspace_key=True)
    run = suppressed("somebody@rival.example")
    assert (run.state, run.why) == (
        "incomplete",
        "Not in effect in 1 of the workspaces yet. Each says why.",
    )
    assert run.evidence["workspaces"]["IRONCLAD"]["state"] == "refused"
    assert "requires a key of its own" in run.evidence["workspaces"]["IRONCLAD"]["reason"]
    assert SuppressionState.objects.filter(state="done").count() == 5
    assert "requires a key" in SuppressionState.objects.get(state="failed").why


def test_what_an_outage_kept_from_being_done_is_tried_again_soon(places, bison_vendor):
    bison_vendor.turn(down="maverick")
    run = suppressed("somebody@rival.example", scope="workspace", workspaces=["Aspen Labs"])
    state = SuppressionState.objects.get()
    assert (run.state, state.state, state.read_back_at) == ("incomplete", "waiting", None)
    assert "cannot be reached" in state.why
    bison_vendor.turn(down="")
    started = suppression.apply_what_waits()
    assert started is not None
    assert worked(started).state == "succeeded"
    state.refresh_from_db()
    assert (state.state, state.why, state.blacklisted) == ("done", "", True)


def test_a_large_share_of_the_leads_needs_confirmation_and_the_rest_is_done(places, bison_vendor):
    aspen = leads(bison_vendor, places[0])
    for lead in aspen[: len(aspen) // 4]:
        lead["email"] = f"x{lead['id']}@bigcorp.example"
    before = sum(lead["status"] == "unsubscribed" for lead in aspen)
    trial, run = (
        tried("bigcorp.example", "a@rival.example"),
        suppressed("bigcorp.example", "a@rival.example"),
    )
    assert numbers(trial) == numbers(run)
    assert (trial.state, run.state, run.counts["unconfirmed"]) == ("incomplete", "incomplete", 1)
    assert "That is a large share" in run.evidence["workspaces"]["Aspen Labs"]["reason"]
    assert sum(lead["status"] == "unsubscribed" for lead in aspen) == before
    assert "bigcorp.example" not in contents(bison_vendor, places[0])["domains"]
    assert "a@rival.example" in contents(bison_vendor, places[0])["emails"]
    assert suppressed("bigcorp.example", confirmed=True).state == "succeeded"
    assert sum(lead["status"] == "unsubscribed" for lead in aspen) == before + len(aspen) // 4


def test_many_values_go_as_a_file(places, bison_vendor):
    values = [f"person{number}@bulk.example" for number in range(60)]
    run = suppressed(*values, scope="workspace", workspaces=["Aspen Labs"])
    assert (run.state, run.counts["blocked"]) == ("succeeded", 60)
    assert set(values) <= set(contents(bison_vendor, places[0])["emails"])
    assert len(bison_vendor.calls("maverick", "/blacklisted-emails", "POST")) == 1


def test_a_person_who_moves_the_key_meanwhile_changes_nothing(places, bison_vendor):
    bison_vendor.turn(person_every=9)
    run = suppressed("somebody@rival.example", scope="workspace", workspaces=["SEQUOIA GRID"])
    bison_vendor.turn(person_every=0)
    assert run.state == "succeeded"
    assert "somebody@rival.example" in contents(bison_vendor, places[3])["emails"]
    assert "somebody@rival.example" not in contents(bison_vendor, places[0])["emails"]
