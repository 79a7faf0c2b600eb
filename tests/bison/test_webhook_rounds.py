"""The round over all webhooks: what somebody changed or removed at the vendor is known
within one round.
"""

import pytest

from bison.models import Workspace
from bison.webhooks import checking, hooks, registering
from core import runs
from core.models import Incident, Run
from tests.bison import cast
from tests.bison.webhooks import at_vendor, switch_on

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_calls_stay")]


@pytest.fixture
def maverick(transactional_db, bison_vendor):
    return cast.instance(bison_vendor)


def look():
    started = checking.start(trigger="test")
    runs.execute(started.run.pk)
    return Run.objects.get(pk=started.run.pk)


def test_of_twenty_four_webhooks_each_that_was_changed_or_removed_is_found(maverick, bison_vendor):
    own = [cast.workspace(maverick, number, bison_vendor) for number in (3, 4, 6, 8)]
    shared = [cast.workspace(maverick, number) for number in (5, 9, 10)]
    for each in (*own, *shared):
        switch_on(each)
    for each in (own[0], shared[0]):
        hook = at_vendor(bison_vendor, each)[0]
        bison_vendor.act("delete_hook", workspace=each.bison_workspace_id, hook=hook["id"])
    for each in (own[1], shared[1]):
        hook = at_vendor(bison_vendor, each)[0]
        bison_vendor.act(
            "edit_hook", workspace=each.bison_workspace_id, hook=hook["id"], events=["email_sent"]
        )
    run = look()
    assert run.state == "succeeded", run.error
    assert run.outcomes == {"drifted": 4, "as_they_should_be": 3}
    found = {
        each.workspace_name: each.webhook_drift["what"]
        for each in Workspace.objects.filter(webhook_drift__isnull=False)
    }
    assert found == {
        own[0].workspace_name: "missing",
        shared[0].workspace_name: "missing",
        own[1].workspace_name: "events",
        shared[1].workspace_name: "events",
    }
    incident = Incident.objects.get(cause="bison_webhooks:maverick")
    assert set(incident.affected) == set(found)
    for each in Workspace.objects.filter(webhook_drift__isnull=False):
        registering.repair(each, actor="a test")
    incident.refresh_from_db()
    assert incident.closed_at is not None
    assert look().outcomes == {"as_they_should_be": 7}


def test_a_workspace_that_cannot_be_asked_costs_the_others_nothing(maverick, bison_vendor):
    aspen, other = (switch_on(cast.workspace(maverick, number, bison_vendor)) for number in (3, 4))
    Workspace.objects.filter(pk=other.pk).update(
        bison_api_key_status="revoked", requires_workspace_key=True
    )
    run = look()
    assert run.state == "incomplete"
    assert run.evidence["workspaces"][other.workspace_name]["state"] == "refused"
    assert run.evidence["workspaces"][aspen.workspace_name] == {"state": "complete", "drift": None}


def test_one_that_is_being_changed_is_looked_at_the_next_time(maverick, bison_vendor):
    aspen = switch_on(cast.workspace(maverick, 3, bison_vendor))
    with hooks.of(aspen, triggered_by="test"):
        run = look()
    assert (run.state, run.outcomes) == ("succeeded", {"being_changed": 1})


def test_what_an_earlier_mistake_made_in_another_workspace_is_found_there_and_removed(
    maverick, bison_vendor
):
    aspen, other = (switch_on(cast.workspace(maverick, number, bison_vendor)) for number in (3, 4))
    stray = {
        "name": "Koppel",
        "url": at_vendor(bison_vendor, aspen)[0]["url"],
        "events": ["lead_replied"],
    }
    bison_vendor.ask("/webhook-url", bison_vendor.key(4), method="POST", body=stray)
    look()
    other.refresh_from_db()
    assert other.webhook_drift["what"] == "doubled"
    registering.repair(other, actor="a test")
    assert len(at_vendor(bison_vendor, other)) == len(at_vendor(bison_vendor, aspen)) == 1


def test_deliveries_that_the_vendor_could_not_bring_are_counted_until_one_comes(
    maverick, bison_vendor
):
    aspen = switch_on(cast.workspace(maverick, 3, bison_vendor))
    events = bison_vendor.vendor.instances["maverick"].workspaces[3]
    bison_vendor.act("reply", workspace=3, count=3, quiet=True)
    hook = at_vendor(bison_vendor, aspen)[0]["id"]
    failed = {"webhook_url_id": hook, "attempt": 5, "response_code": 500}
    for row in events.log[-3:]:
        row["webhook_deliveries"].append(failed)
    look()
    aspen.refresh_from_db()
    assert (aspen.bison_webhook_failure_count, aspen.bison_webhook_status) == (3, "degraded")
    events.log[-1]["webhook_deliveries"].append({**failed, "response_code": 200})
    look()
    aspen.refresh_from_db()
    assert (aspen.bison_webhook_failure_count, aspen.bison_webhook_status) == (0, "healthy")
