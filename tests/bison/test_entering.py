"""A key waits, is tried, and takes a working one's place once it worked;
it is never another workspace's.
"""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from bison.keys import entering, key_for
from bison.models import Workspace
from core.models import AuditEvent
from tests.bison import cast
from tests.support import people

WRONG = "999|thisKeyIsWellFormedAndUnknown00000001"


@pytest.fixture
def maverick(db, bison_vendor, no_calls_stay):
    return cast.instance(bison_vendor)


def made_at_vendor(bison_vendor, number):
    """Have the stand-in make another token, without Koppel."""
    path = f"/workspaces/v1.1/{number}/api-tokens"
    _status, body = bison_vendor.ask(path, method="POST", body={"name": "another"})
    return body["data"]["plain_text_token"]


def actions(workspace):
    rows = AuditEvent.objects.filter(target_id=str(workspace.pk)).order_by("sequence")
    return list(rows.values_list("action", flat=True))


def in_use(workspace):
    return Workspace.objects.get(pk=workspace.pk).bison_api_key.reveal()


def test_a_first_key_is_tried_and_used(maverick, bison_vendor):
    aspen = cast.workspace(maverick, 3)
    saved = entering.enter(aspen, bison_vendor.key(3), actor=people.person("ops"), name="Aspen")
    assert saved.result.success
    assert [str(step.name) for step in saved.result.steps] == [
        "The address answers",
        "The key is accepted",
        "The key opens this workspace",
        "A record can be read",
    ]
    assert (aspen.bison_api_key_status, aspen.bison_api_key_name, aspen.bison_api_key_type) == (
        "active",
        "Aspen",
        "workspace",
    )
    assert not key_for(aspen).is_shared
    assert aspen.next_api_key is None
    assert actions(aspen) == ["key.changed", "connection.tested", "key.promoted"]
    assert bison_vendor.calls("maverick", "/workspaces/v1.1/switch-workspace") == []
    assert bison_vendor.key(3) not in str(list(AuditEvent.objects.values()))


def test_a_first_key_that_is_refused_is_kept_and_not_used(maverick, bison_vendor):
    aspen = cast.workspace(maverick, 3)
    saved = entering.enter(aspen, WRONG, actor="test")
    assert not saved.result.success
    assert "does not accept the key" in saved.message
    assert (aspen.bison_api_key_status, in_use(aspen)) == ("inactive", WRONG)
    assert key_for(aspen).is_shared


def test_a_new_key_that_does_not_work_waits_beside_the_one_in_use(maverick, bison_vendor):
    aspen = cast.workspace(maverick, 3, bison_vendor)
    saved = entering.enter(aspen, WRONG, actor="test")
    assert (saved.waits, in_use(aspen)) == (True, bison_vendor.key(3))
    assert aspen.next_api_key.reveal() == WRONG
    assert "does not accept the key" in aspen.next_api_key_facts["why"]
    assert entering.discard_next(aspen, actor="test")
    assert not entering.discard_next(aspen, actor="test")
    assert (aspen.next_api_key, aspen.next_api_key_facts) == (None, {})


def test_a_new_key_that_works_takes_the_old_ones_place(maverick, bison_vendor):
    aspen = cast.workspace(maverick, 3, bison_vendor)
    other = made_at_vendor(bison_vendor, 3)
    saved = entering.enter(aspen, other, actor="test")
    assert (saved.waits, in_use(aspen)) == (False, other)
    assert aspen.next_api_key is None


def test_while_the_vendor_is_down_the_old_key_stays_and_the_new_one_waits(maverick, bison_vendor):
    aspen = cast.workspace(maverick, 3, bison_vendor)
    other = made_at_vendor(bison_vendor, 3)
    bison_vendor.fault("error", "maverick", "/users", status=422, times=1)
    assert entering.enter(aspen, other, actor="test").waits
    assert in_use(aspen) == bison_vendor.key(3)
    assert entering.use_next(aspen, actor="test", insist=False).result.success
    assert in_use(aspen) == other


def test_whoever_insists_has_the_new_key_used_at_once(maverick, bison_vendor):
    aspen = cast.workspace(maverick, 3, bison_vendor)
    entering.enter(aspen, WRONG, actor="test", insist=True)
    assert (in_use(aspen), aspen.bison_api_key_status) == (WRONG, "active")


@pytest.mark.parametrize("insist", [False, True])
def test_the_key_of_another_workspace_is_refused_and_not_kept(maverick, bison_vendor, insist):
    aspen = cast.workspace(maverick, 3, bison_vendor)
    with pytest.raises(ValidationError) as refused:
        entering.enter(aspen, bison_vendor.key(4), actor="test", insist=insist)
    assert "belongs to another workspace" in str(refused.value)
    aspen.refresh_from_db()
    assert (in_use(aspen), aspen.next_api_key) == (bison_vendor.key(3), None)


@pytest.mark.parametrize("whose", ["admin", "backup"])
def test_a_super_admin_key_is_no_workspaces_own(maverick, bison_vendor, whose):
    birch = cast.workspace(maverick, 4)
    key = getattr(bison_vendor, whose)()
    with pytest.raises(ValidationError) as refused:
        entering.enter(birch, key, actor="test", insist=True)
    assert "opens several workspaces" in str(refused.value)
    assert entering.enter(birch, key, actor="test", key_type="super_admin").result.success
    assert key_for(birch).is_shared


def test_a_key_that_another_workspace_has_is_refused_before_any_call(maverick, bison_vendor):
    cast.workspace(maverick, 3, bison_vendor)
    birch = cast.workspace(maverick, 4)
    before = len(bison_vendor.calls())
    with pytest.raises(ValidationError) as refused:
        entering.enter(birch, bison_vendor.key(3), actor="test")
    assert "Aspen Labs has this key already" in str(refused.value)
    assert len(bison_vendor.calls()) == before


def test_a_mask_keeps_what_is_stored(maverick, bison_vendor):
    aspen = cast.workspace(maverick, 3, bison_vendor)
    before = len(bison_vendor.calls())
    assert entering.enter(aspen, "****...00000003", actor="test").message == "Nothing was changed."
    assert (
        entering.enter(aspen, bison_vendor.key(3), actor="test").message == "Nothing was changed."
    )
    assert len(bison_vendor.calls()) == before
    with pytest.raises(ValidationError):
        entering.enter(cast.workspace(maverick, 4), "****...00000003", actor="test")


@pytest.mark.parametrize(
    "key",
    ["", "no key", "12|short", "12|with a blank inside of it", "12|" + "x" * 600, "é|" + "x" * 20],
)
def test_what_cannot_be_a_key_is_not_stored(maverick, key):
    aspen = cast.workspace(maverick, 3)
    with pytest.raises(ValidationError) as refused:
        entering.enter(aspen, key, actor="test")
    assert list(refused.value.error_dict) == ["api_key"]
    aspen.refresh_from_db()
    assert aspen.next_api_key is None


@pytest.mark.django_db(transaction=True)
def test_of_many_keys_at_once_one_that_works_is_in_use_and_nothing_is_left(bison_vendor):
    aspen = cast.workspace(cast.instance(bison_vendor), 3, bison_vendor)
    keys = [made_at_vendor(bison_vendor, 3) for _number in range(6)]
    gate = threading.Barrier(len(keys))

    def enter(key):
        gate.wait()
        entering.enter(Workspace.objects.get(pk=aspen.pk), key, actor="test")
        connections.close_all()

    threads = [threading.Thread(target=enter, args=[key]) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    aspen.refresh_from_db()
    assert in_use(aspen) in keys
    assert (aspen.bison_api_key_status, aspen.next_api_key) == ("active", None)


@pytest.mark.django_db(transaction=True)
def test_of_two_workspaces_that_are_given_one_key_at_once_one_is_refused(bison_vendor):
    maverick = cast.instance(bison_vendor)
    both = [cast.workspace(maverick, number) for number in (3, 4)]
    gate = threading.Barrier(2)
    refused = []

    def enter(workspace):
        gate.wait()
        try:
            entering.enter(workspace, bison_vendor.key(3), actor="test", insist=True)
        except ValidationError:
            refused.append(workspace.bison_workspace_id)
        connections.close_all()

    threads = [threading.Thread(target=enter, args=[workspace]) for workspace in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 4 in refused
    assert not Workspace.objects.filter(
        bison_workspace_id=4, bison_api_key_status="active"
    ).exists()
