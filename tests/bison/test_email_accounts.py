"""E-mail accounts: the count in Koppel is the vendor's, or the run says that it is not."""

import pytest

from bison.models import EmailAccount, Workspace
from core.models import ApiCall, Run
from tests.bison import cast
from tests.bison.finished import at_vendor, evidence, in_koppel, result, sync

pytestmark = pytest.mark.django_db(transaction=True)
State = Run.State
ASPEN, BIRCHWOOD, COBALT, DELTA, OUTPOST = 3, 4, 6, 7, 2


@pytest.fixture
def maverick(bison_vendor):
    return cast.instance(bison_vendor)


def test_every_workspace_has_as_many_as_the_vendor_says(maverick, bison_vendor):
    own = [cast.workspace(maverick, number, bison_vendor) for number in (ASPEN, BIRCHWOOD, DELTA)]
    shared = [cast.workspace(maverick, number) for number in (OUTPOST, 5, 10)]
    run = sync()
    assert run.state == State.SUCCEEDED, run.error
    for workspace, count in zip([*own, *shared], (282, 403, 0, 21, 33, 30), strict=True):
        assert evidence(run, workspace) == {"at_vendor": count, "here": count, "state": "complete"}
        assert in_koppel(workspace) == at_vendor(bison_vendor, workspace)
        workspace.refresh_from_db()
        assert (workspace.accounts_in_koppel, workspace.accounts_at_vendor) == (count, count)
        assert workspace.accounts_state == "complete"
        assert workspace.accounts_checked_at is not None
    assert run.evidence["ledger"] == {"at_vendor": 769, "here": 769, "missing": 0}
    assert run.counts == {"workspaces": 6, "complete": 6}
    assert run.outcomes == {"accounts_new": 769, "accounts_known": 0, "accounts_gone": 0}
    assert (run.progress_done, run.progress_total) == (6, 6)
    assert {result(run, each).key_type for each in own} == {"workspace"}
    assert {result(run, each).key_type for each in shared} == {"super_admin"}


def test_calls_say_for_which_workspace_and_run_they_were(maverick, bison_vendor):
    aspen = cast.workspace(maverick, ASPEN, bison_vendor)
    run = sync(workspaces=["Aspen Labs"])
    calls = ApiCall.objects.filter(endpoint__contains="/sender-emails")
    assert {(call.workspace_name, call.run_id, call.function_name) for call in calls} == {
        (aspen.workspace_name, run.pk, "sync_email_accounts")
    }


def test_an_account_is_kept_whole_and_its_status_in_one_spelling(maverick, bison_vendor):
    cast.workspace(maverick, COBALT, bison_vendor)
    sync()
    [row] = [
        row
        for row in bison_vendor.rows("/sender-emails", bison_vendor.key(COBALT))
        if row["id"] == 60001
    ]
    account = EmailAccount.objects.get(vendor_id=60001)
    assert account.raw == row
    assert (account.email, account.name, account.type) == (row["email"], row["name"], row["type"])
    assert account.daily_limit == row["daily_limit"]
    assert account.warmup_enabled is row["warmup_enabled"]
    assert account.status == row["status"].lower()


def test_what_is_listed_no_more_is_gone_and_comes_back(maverick, bison_vendor):
    cobalt = cast.workspace(maverick, COBALT, bison_vendor)
    sync()
    table = bison_vendor.vendor.instances["maverick"].workspaces[COBALT].contents.accounts
    row = table.get(60001)
    table.remove(60001)
    run = sync()
    assert run.outcomes == {"accounts_new": 0, "accounts_known": 14, "accounts_gone": 1}
    assert evidence(run, cobalt) == {"at_vendor": 14, "here": 14, "state": "complete"}
    assert EmailAccount.objects.get(vendor_id=60001).gone_at is not None
    table.add(row)
    sync()
    assert EmailAccount.objects.get(vendor_id=60001).gone_at is None
    assert EmailAccount.objects.count() == 15


@pytest.mark.parametrize("keyed", [True, False])
def test_an_account_that_moved_is_in_its_new_workspace_alone(maverick, bison_vendor, keyed):
    vendor = bison_vendor if keyed else None
    aspen, birchwood = (
        cast.workspace(maverick, ASPEN, vendor),
        cast.workspace(maverick, BIRCHWOOD, vendor),
    )
    sync()
    bison_vendor.act("move_accounts", workspace=ASPEN, to=BIRCHWOOD, count=3)
    before = len(bison_vendor.calls("maverick", "/users"))
    run = sync()
    for workspace, count in ((aspen, 279), (birchwood, 406)):
        assert evidence(run, workspace) == {"at_vendor": count, "here": count, "state": "complete"}
        assert in_koppel(workspace) == at_vendor(bison_vendor, workspace)
    assert EmailAccount.objects.count() == 282 + 403
    asked = len(bison_vendor.calls("maverick", "/users")) - before
    # A shared key's list is confirmed after each page before anything is moved.
    assert (asked > 406 / 15) is not keyed


def test_fifteen_a_page_whatever_is_asked_and_the_end_by_meta_alone(maverick, bison_vendor):
    birchwood = cast.workspace(maverick, BIRCHWOOD, bison_vendor)
    sync()
    assert len(in_koppel(birchwood)) == 403
    assert len(bison_vendor.calls("maverick", "/sender-emails")) == 27


@pytest.mark.parametrize("keyed", [True, False])
def test_a_list_that_shrinks_while_it_is_read_is_never_complete(maverick, bison_vendor, keyed):
    aspen = cast.workspace(maverick, ASPEN, bison_vendor if keyed else None)
    sync()
    bison_vendor.turn(accounts_shrink=1)
    run = sync()
    assert run.state == State.INCOMPLETE
    found = evidence(run, aspen)
    assert found["state"] == "incomplete"
    assert found["reason"]
    assert run.why == "Not proved: 1 of 1 (Aspen Labs)."
    aspen.refresh_from_db()
    assert aspen.accounts_state == "incomplete"
    # What is gone is not known while the list cannot be read whole.
    assert not EmailAccount.objects.exclude(gone_at=None).exists()
    bison_vendor.turn(accounts_shrink=0)
    assert sync().state == State.SUCCEEDED
    assert in_koppel(aspen) == at_vendor(bison_vendor, aspen)


def test_accounts_that_move_while_the_list_is_read_are_in_one_workspace(maverick, bison_vendor):
    aspen, birchwood = (cast.workspace(maverick, each) for each in (ASPEN, BIRCHWOOD))
    bison_vendor.turn(accounts_move=2)
    run = sync()
    assert run.state == State.INCOMPLETE
    bison_vendor.turn(accounts_move=0)
    run = sync()
    assert run.state == State.SUCCEEDED, run.evidence
    for workspace in (aspen, birchwood):
        assert in_koppel(workspace) == at_vendor(bison_vendor, workspace)


def test_control_characters_are_read_and_what_cannot_be_stored_is_replaced(maverick, bison_vendor):
    bison_vendor.turn(control_characters=1.0)
    cobalt = cast.workspace(maverick, COBALT, bison_vendor)
    assert sync().state == State.SUCCEEDED
    assert len(in_koppel(cobalt)) == 15
    signature = EmailAccount.objects.get(vendor_id=60001).raw["email_signature"]
    assert "\x01\x0b" in signature
    assert "\x00" not in signature


def test_a_web_page_is_a_failure_of_that_workspace_and_nothing_is_lost(maverick, bison_vendor):
    cobalt, aspen = (cast.workspace(maverick, each, bison_vendor) for each in (COBALT, ASPEN))
    sync()
    bison_vendor.fault("html", "maverick", "/sender-emails", status=200)
    run = sync()
    assert run.state == State.INCOMPLETE
    assert {evidence(run, each)["state"] for each in (cobalt, aspen)} == {"failed"}
    assert "web page" in evidence(run, cobalt)["reason"]
    cobalt.refresh_from_db()
    assert (cobalt.accounts_state, cobalt.accounts_in_koppel) == ("failed", 15)
    assert EmailAccount.objects.filter(gone_at=None).count() == 297


def test_a_workspace_that_requires_its_own_key_is_refused_and_the_others_go_on(
    maverick, bison_vendor
):
    outpost = cast.workspace(maverick, OUTPOST, requires_workspace_key=True)
    cobalt = cast.workspace(maverick, COBALT)
    run = sync()
    assert run.state == State.INCOMPLETE
    refused = evidence(run, outpost)
    assert (refused["state"], refused["at_vendor"], refused["here"]) == ("refused", None, 0)
    assert "requires a key of its own" in refused["reason"]
    assert evidence(run, cobalt)["state"] == "complete"
    assert not ApiCall.objects.filter(workspace_name=outpost.workspace_name).exists()
    outpost.refresh_from_db()
    assert outpost.accounts_state == "refused"
    assert run.why == "Not proved: 1 of 2 (Outpost Team)."


def test_a_key_that_belongs_to_another_workspace_stores_nothing(maverick, bison_vendor):
    aspen = cast.workspace(maverick, ASPEN)
    Workspace.objects.filter(pk=aspen.pk).delete()
    aspen.bison_api_key = bison_vendor.key(BIRCHWOOD)
    aspen.bison_api_key_status = Workspace.KeyStatus.ACTIVE
    aspen.save(force_insert=True)
    run = sync()
    assert evidence(run, aspen)["state"] == "failed"
    assert "another workspace" in evidence(run, aspen)["reason"]
    assert not EmailAccount.objects.exists()


def test_while_a_person_switches_every_account_is_in_its_workspace(maverick, bison_vendor):
    found = [cast.workspace(maverick, number) for number in (ASPEN, COBALT, OUTPOST, 12)]
    bison_vendor.turn(person_every=13)
    run = sync()
    bison_vendor.turn(person_every=0)
    assert run.state == State.SUCCEEDED, run.evidence
    assert run.counts["thrown_away"] > 0
    for workspace in found:
        assert in_koppel(workspace) == at_vendor(bison_vendor, workspace)


def test_a_key_that_never_stays_proves_nothing(maverick, bison_vendor):
    aspen = cast.workspace(maverick, ASPEN)
    bison_vendor.turn(person_every=1)
    run = sync()
    assert run.state == State.INCOMPLETE
    assert evidence(run, aspen)["state"] == "incomplete"
    assert not EmailAccount.objects.exists()
