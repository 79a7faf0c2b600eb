"""A list that breaks off, shows a page twice or counts nothing proves nothing of what
it does not show.
"""

import pytest

from bison import suppression
from bison.instances import discovering
from bison.ledger import checking, walking
from bison.models import LedgerCheck, Runway, SuppressionState, Workspace
from bison.runway import computing
from bison.syncs.starting import start_sync
from core import runs
from core.models import Run
from tests.bison import cast
from tests.bison.finished import sync

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_calls_stay")]
ASPEN = 3


@pytest.fixture
def aspen(transactional_db, bison_vendor):
    return cast.workspace(cast.instance(bison_vendor), ASPEN, bison_vendor)


def contents(bison_vendor):
    return bison_vendor.vendor.instances["maverick"].workspaces[ASPEN].contents


def worked(started) -> Run:
    runs.execute(started.run.pk)
    return Run.objects.get(pk=started.run.pk)


def test_a_domain_is_not_in_effect_where_its_leads_were_not_all_listed(aspen, bison_vendor):
    bison_vendor.turn(page_size=1)
    domain = contents(bison_vendor).leads.all()[0]["email"].rpartition("@")[2]
    assert (
        sum(row["email"].endswith(f"@{domain}") for row in contents(bison_vendor).leads.all()) > 1
    )
    bison_vendor.fault("duplicate_page", "maverick", "/leads")
    run = worked(suppression.suppress(domain, confirmed=True, actor="test", trigger="test").started)
    assert run.state == "incomplete"
    assert SuppressionState.objects.get().state == "waiting"


def test_a_runway_is_not_computed_from_a_part_of_the_senders(aspen, bison_vendor):
    bison_vendor.fault("duplicate_page", "maverick", "/sender-emails")
    run = worked(computing.start(trigger="test"))
    assert run.evidence["workspaces"]["Aspen Labs"]["state"] == "failed"
    assert not Runway.objects.exists()


def test_the_ledger_proves_nothing_by_replies_that_were_shown_twice(aspen, bison_vendor):
    bison_vendor.turn(page_size=5)
    for row in contents(bison_vendor).replies.all()[-12:]:
        row["interested"] = True
    bison_vendor.fault("duplicate_page", "maverick", "/replies")
    run = worked(checking.start(days=10, trigger="test"))
    assert run.state == "incomplete"
    assert LedgerCheck.objects.get().checked_at is None


def test_the_ledger_proves_nothing_by_a_log_that_was_not_read_to_its_end(
    aspen, bison_vendor, monkeypatch
):
    bison_vendor.turn(page_size=1)
    monkeypatch.setattr(walking, "MOST_PAGES", 1)
    run = worked(checking.start(days=10, trigger="test"))
    assert run.state == "incomplete"
    assert "longer than Koppel reads" in LedgerCheck.objects.get().why


def test_a_list_that_counts_nothing_is_not_whole_by_its_first_page(
    aspen, bison_vendor, monkeypatch
):
    without_counts(bison_vendor, monkeypatch)
    assert sync("email_accounts").state == "incomplete"
    aspen.refresh_from_db()
    assert aspen.accounts_state == "failed"


def test_a_sync_of_a_workspace_that_was_renamed_meanwhile_proves_nothing(aspen):
    started = start_sync("email_accounts", workspaces=["Aspen Labs"], trigger="test")
    Workspace.objects.update(workspace_name="Aspen Works")
    run = worked(started)
    assert (run.state, run.why) == (
        "incomplete",
        "There are no workspaces of these names: Aspen Labs.",
    )


def without_counts(bison_vendor, monkeypatch):
    """Let the stand-in answer as a host that leaves `meta` and `links` out."""
    answer = bison_vendor.vendor.answer

    def bare(request):
        reply = answer(request)
        if isinstance(reply.body, dict):
            reply.body = {name: value for name, value in reply.body.items() if name == "data"}
        return reply

    monkeypatch.setattr(bison_vendor.vendor, "answer", bare)


# More than a column of counts holds, and than one of numbers does.
@pytest.mark.parametrize("total", [2**31, 2**62, 10**30])
@pytest.mark.parametrize("kind", ["email_accounts", "pipeline", "counts"])
def test_a_total_that_no_list_has_costs_no_other_workspace_its_proof(
    aspen, bison_vendor, monkeypatch, kind, total
):
    cobalt = cast.workspace(aspen.instance, 6, bison_vendor)
    lie(bison_vendor, monkeypatch, bison_vendor.key(ASPEN), total)
    run = sync(kind)
    states = {name: found["state"] for name, found in run.evidence["workspaces"].items()}
    assert states.pop(aspen.workspace_name) in {"failed", "incomplete"}
    if kind != "counts":
        assert states == {cobalt.workspace_name: "complete"}
    assert run.state == "incomplete"


def test_a_list_of_workspaces_with_a_total_that_none_has_marks_nothing_as_gone(
    aspen, bison_vendor, monkeypatch
):
    lie(bison_vendor, monkeypatch, bison_vendor.admin("maverick"), 2**62)
    run = worked(discovering.start(aspen.instance, trigger="test"))
    assert run.state == "incomplete"
    assert not Workspace.objects.exclude(gone_at=None).exists()


@pytest.mark.parametrize("number", [2**63, 2**64 - 1])
def test_a_workspace_whose_number_no_column_holds_is_no_answer(
    aspen, bison_vendor, monkeypatch, number
):
    answer = bison_vendor.vendor.answer

    def lying(request):
        reply = answer(request)
        if isinstance(reply.body, dict) and isinstance(reply.body.get("data"), list):
            reply.body["data"][0]["id"] = number
        return reply

    monkeypatch.setattr(bison_vendor.vendor, "answer", lying)
    run = worked(discovering.start(aspen.instance, trigger="test"))
    assert run.state == "failed"
    assert "an answer that cannot be read" in run.why
    assert Workspace.objects.get() == aspen


def lie(bison_vendor, monkeypatch, key, total):
    """Let whoever asks with this key be told that each list has so many rows."""
    answer = bison_vendor.vendor.answer

    def lying(request):
        reply = answer(request)
        if key in str(request.headers) and isinstance(reply.body, dict) and "meta" in reply.body:
            reply.body["meta"]["total"] = total
        return reply

    monkeypatch.setattr(bison_vendor.vendor, "answer", lying)
