"""Our webhook at Email Bison: made once, found again, repaired, changed without a delivery lost."""

import pytest
from django.core.exceptions import ValidationError

from bison.keys import MustHaveItsOwn
from bison.models import Workspace
from bison.webhooks import addresses, registering
from core.errors import Conflicting, VendorError
from core.models import ApiCall, AuditEvent, Incident
from tests.bison import cast
from tests.bison.webhooks import at_vendor, switch_on


@pytest.fixture
def maverick(db, bison_vendor, no_calls_stay):
    return cast.instance(bison_vendor)


@pytest.fixture
def aspen(maverick, bison_vendor):
    return cast.workspace(maverick, 3, bison_vendor)


def by_hand(vendor, aspen, **changes):
    hook = at_vendor(vendor, aspen)[0]
    vendor.act("edit_hook", workspace=3, hook=hook["id"], **changes)


@pytest.mark.parametrize("with_key", [True, False], ids=["own key", "shared key"])
def test_switching_it_on_makes_it_at_the_vendor_and_reads_it_back(maverick, bison_vendor, with_key):
    aspen = cast.workspace(maverick, 3, bison_vendor if with_key else None)
    found = switch_on(aspen, ["lead.interested", "LEAD_REPLIED"])
    [hook] = at_vendor(bison_vendor, aspen)
    assert hook["url"] == addresses.address(found)
    assert hook["events"] == ["lead_replied", "lead_interested"]
    assert (found.bison_webhook_id, found.bison_webhook_status) == (hook["id"], "healthy")
    assert found.webhook_drift is None
    assert found.webhook_since is not None


def test_switching_it_on_again_makes_no_second(aspen, bison_vendor):
    first = switch_on(aspen)
    again = switch_on(aspen)
    assert len(at_vendor(bison_vendor, aspen)) == 1
    assert again.bison_webhook_id == first.bison_webhook_id
    assert again.bison_webhook_secret == first.bison_webhook_secret


def test_switching_it_off_removes_it_at_the_vendor(aspen, bison_vendor):
    switch_on(aspen)
    found = registering.configure(aspen, enabled=False, actor="a test")
    assert at_vendor(bison_vendor, aspen) == []
    assert (found.bison_webhook_status, found.bison_webhook_id, found.webhook_since) == (
        "disabled",
        None,
        None,
    )


def test_events_that_are_none_are_refused_and_nothing_is_stored(aspen, bison_vendor):
    with pytest.raises(ValidationError, match=r"email\.clicked"):
        switch_on(aspen, ["lead.interested", "email.clicked"])
    with pytest.raises(Conflicting):
        switch_on(aspen, [])
    aspen.refresh_from_db()
    assert not aspen.bison_webhook_enabled
    assert bison_vendor.calls("maverick", "/webhook-url") == []


def test_without_a_key_of_its_own_nothing_is_stored_where_it_must_have_one(maverick, bison_vendor):
    aspen = cast.workspace(maverick, 3, requires_workspace_key=True)
    with pytest.raises(MustHaveItsOwn):
        switch_on(aspen)
    aspen.refresh_from_db()
    assert aspen.bison_webhook_secret is None


@pytest.mark.parametrize(
    ("change", "what", "state"),
    [
        ({"url": "https://elsewhere.example/hook?key=hush"}, "url", "failing"),
        ({"events": ["email_sent"]}, "events", "degraded"),
    ],
)
def test_what_a_person_changed_there_is_found_shown_and_repaired(
    aspen, bison_vendor, change, what, state
):
    switch_on(aspen)
    by_hand(bison_vendor, aspen, **change)
    found = registering.check(aspen, triggered_by="test")
    assert (found.webhook_drift["what"], found.bison_webhook_status) == (what, state)
    assert "hush" not in str(found.webhook_drift)
    repaired = registering.repair(aspen, actor="a test")
    assert (repaired.webhook_drift, repaired.bison_webhook_status) == (None, "healthy")
    [hook] = at_vendor(bison_vendor, aspen)
    assert (hook["url"], set(hook["events"])) == (
        addresses.address(repaired),
        set(repaired.bison_webhook_events),
    )
    assert (
        AuditEvent.objects.filter(action="bison.webhook_repaired", facts__drift=what).count() == 1
    )


def test_what_a_person_deleted_is_found_and_made_again(aspen, bison_vendor):
    switch_on(aspen)
    bison_vendor.act("delete_hook", workspace=3, hook=at_vendor(bison_vendor, aspen)[0]["id"])
    found = registering.check(aspen, triggered_by="test")
    assert (found.webhook_drift["what"], found.bison_webhook_status) == ("missing", "failing")
    assert registering.repair(aspen, actor="a test").bison_webhook_status == "healthy"
    assert len(at_vendor(bison_vendor, aspen)) == 1


def test_what_stands_there_twice_is_found_and_made_one(aspen, bison_vendor):
    found = switch_on(aspen)
    body = {"name": "Copy", "url": addresses.address(found), "events": ["email_sent"]}
    bison_vendor.ask("/webhook-url", bison_vendor.key(3), method="POST", body=body)
    assert registering.check(aspen, triggered_by="test").webhook_drift == {
        "what": "doubled",
        "expected": 1,
        "found": 2,
    }
    assert registering.repair(aspen, actor="a test").webhook_drift is None
    assert [hook["id"] for hook in at_vendor(bison_vendor, aspen)] == [found.bison_webhook_id]


def test_the_hooks_of_others_are_left_alone(aspen, bison_vendor):
    body = {"name": "Zapier", "url": "https://hooks.example/1", "events": ["email_sent"]}
    bison_vendor.ask("/webhook-url", bison_vendor.key(3), method="POST", body=body)
    assert switch_on(aspen).webhook_drift is None
    registering.configure(aspen, enabled=False, actor="a test")
    assert [hook["name"] for hook in at_vendor(bison_vendor, aspen)] == ["Zapier"]


def test_one_whose_maker_died_before_it_could_store_it_is_taken_over(aspen, bison_vendor):
    found = switch_on(aspen)
    # As after a kill between the vendor's answer and our commit.
    Workspace.objects.update(
        bison_webhook_id=None, webhook_since=None, bison_webhook_status="disabled"
    )
    again = registering.repair(aspen, actor="a test")
    assert again.bison_webhook_id == found.bison_webhook_id
    assert len(at_vendor(bison_vendor, aspen)) == 1


def test_what_was_made_though_no_answer_came_is_found_by_its_address(aspen, bison_vendor):
    bison_vendor.fault("cut", "maverick", "/webhook-url", method="POST", times=1)
    with pytest.raises(VendorError):
        switch_on(aspen)
    aspen.refresh_from_db()
    assert aspen.bison_webhook_enabled
    found = registering.repair(aspen, actor="a test")
    assert found.bison_webhook_status == "healthy"
    assert len(at_vendor(bison_vendor, aspen)) == 1


def test_a_new_secret_is_read_back_and_the_earlier_one_is_let_in_for_a_while(aspen, bison_vendor):
    earlier, address = switch_on(aspen).webhook_token_hash, addresses.address(aspen)
    found = registering.rotate(aspen, actor="a test")
    [hook] = at_vendor(bison_vendor, aspen)
    assert hook["url"] == addresses.address(found) != address
    assert found.earlier_webhook_token_hash == earlier
    registering.check(aspen, triggered_by="test")
    aspen.refresh_from_db()
    assert aspen.earlier_webhook_token_hash == earlier
    # A third would shut out what is on its way to the first.
    with pytest.raises(registering.RotatedLately):
        registering.rotate(aspen, actor="a test")
    Workspace.objects.update(webhook_rotated_at="2020-01-01T00:00:00Z")
    registering.check(aspen, triggered_by="test")
    aspen.refresh_from_db()
    assert aspen.earlier_webhook_token_hash is None


def test_a_secret_that_the_vendor_never_heard_of_does_not_end_the_earlier_one(aspen, bison_vendor):
    earlier = switch_on(aspen).webhook_token_hash
    bison_vendor.fault("error", "maverick", "/webhook-url", method="PUT", status=500)
    with pytest.raises(VendorError):
        registering.rotate(aspen, actor="a test")
    bison_vendor.sandbox.heal()
    Workspace.objects.update(webhook_rotated_at="2020-01-01T00:00:00Z")
    found = registering.check(aspen, triggered_by="test")
    assert found.webhook_drift["what"] == "url"
    aspen.refresh_from_db()
    assert aspen.earlier_webhook_token_hash == earlier
    # Another change finishes the first one before.
    registering.rotate(aspen, actor="a test")
    aspen.refresh_from_db()
    assert at_vendor(bison_vendor, aspen)[0]["url"] == addresses.address(aspen)


def test_the_token_is_in_no_log_of_calls_and_in_no_drift(aspen, bison_vendor):
    found = switch_on(aspen)
    token = found.bison_webhook_secret.reveal()
    bison_vendor.fault("error", "maverick", "/webhook-url", method="PUT", status=422)
    bison_vendor.act(
        "edit_hook", workspace=3, hook=found.bison_webhook_id, url=f"{addresses.address(found)}x"
    )
    assert registering.check(aspen, triggered_by="test").webhook_drift["what"] == "url"
    with pytest.raises(VendorError):
        registering.repair(aspen, actor="a test")
    aspen.refresh_from_db()
    assert token not in str(aspen.webhook_drift)
    rows = ApiCall.objects.values_list("endpoint", "error_message", "metadata")
    assert not [row for row in rows if token in str(row)]


def test_an_incident_of_the_instance_names_its_workspaces_and_ends_with_the_repair(
    maverick, aspen, bison_vendor
):
    switch_on(aspen)
    bison_vendor.act("delete_hook", workspace=3, hook=at_vendor(bison_vendor, aspen)[0]["id"])
    registering.check(aspen, triggered_by="test")
    registering.status.report(maverick)
    incident = Incident.objects.get(cause="bison_webhooks:maverick")
    assert incident.affected == ["Aspen Labs"]
    registering.repair(aspen, actor="a test")
    incident.refresh_from_db()
    assert incident.closed_at is not None
