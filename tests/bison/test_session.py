"""Where a key is while a workspace is read: own keys are nowhere else,
shared ones are moved, and mistrusted.
"""

import threading

import pytest
from django.db import connections

from bison import lists, turns
from bison.keys import MustHaveItsOwn, NoKey, key_for
from bison.models import Workspace
from bison.session import KeyOfAnother, WrongWorkspace, session
from core.errors import RateLimited
from core.models import ApiCall
from tests.bison import cast

HOW = {"function_name": "test", "triggered_by": "test"}


@pytest.fixture
def maverick(db, bison_vendor, no_calls_stay):
    return cast.instance(bison_vendor)


def emails(found: Workspace) -> set[str]:
    with session(found, **HOW) as at:
        return {account["email"] for account in lists.everything(at, "/sender-emails").items}


def at_vendor(bison_vendor, found: Workspace) -> set[str]:
    listed = bison_vendor.rows("/sender-emails", bison_vendor.key(found.bison_workspace_id))
    return {account["email"] for account in listed}


def test_an_own_key_reads_its_workspace_and_never_switches(maverick, bison_vendor):
    aspen = cast.workspace(maverick, 3, bison_vendor)
    assert emails(aspen) == at_vendor(bison_vendor, aspen)
    assert len(emails(aspen)) == 282
    assert bison_vendor.calls("maverick", "/workspaces") == []


def test_a_shared_key_is_moved_to_the_workspace_first(maverick, bison_vendor):
    aspen = cast.workspace(maverick, 3)
    assert emails(aspen) == at_vendor(bison_vendor, aspen)
    call = ApiCall.objects.filter(endpoint__contains="/sender-emails").first()
    assert (call.workspace_name, call.instance, call.api_key_type) == (
        "Aspen Labs",
        "maverick",
        "super_admin",
    )


def test_what_was_read_while_a_person_moved_the_key_is_thrown_away(maverick, bison_vendor):
    aspen = cast.workspace(maverick, 3)
    bison_vendor.turn(person_every=13)
    with session(aspen, **HOW) as at:
        found = {account["email"] for account in lists.everything(at, "/sender-emails").items}
        assert at.thrown_away > 0
    bison_vendor.turn(person_every=0)
    assert found == at_vendor(bison_vendor, aspen)


def test_a_key_that_never_stays_is_given_up_on(maverick, bison_vendor):
    bison_vendor.turn(person_every=1)
    with pytest.raises(WrongWorkspace), session(cast.workspace(maverick, 3), **HOW):
        raise AssertionError("It cannot have entered")


def test_a_workspace_that_requires_its_own_key_is_refused_before_any_call(maverick, bison_vendor):
    aspen = cast.workspace(maverick, 3, requires_workspace_key=True)
    before = len(bison_vendor.calls())
    with pytest.raises(MustHaveItsOwn), session(aspen, **HOW):
        raise AssertionError("There is no key for it")
    assert len(bison_vendor.calls()) == before


def test_a_revoked_or_expired_key_is_not_used(maverick, bison_vendor):
    aspen = cast.workspace(
        maverick, 3, bison_vendor, bison_api_key_expires_at="2020-01-01T00:00:00Z"
    )
    aspen.refresh_from_db()
    assert key_for(aspen).is_shared
    aspen.bison_api_key_expires_at = None
    assert not key_for(aspen).is_shared
    aspen.bison_api_key_status = Workspace.KeyStatus.REVOKED
    assert key_for(aspen).is_shared


def test_without_any_key_nothing_is_called(db, bison_vendor, no_calls_stay):
    bare = cast.instance(bison_vendor, super_admin_key="", backup_key="")
    with pytest.raises(NoKey):
        key_for(cast.workspace(bare, 3))


def test_the_key_of_another_workspace_is_found_out(maverick, bison_vendor):
    aspen = cast.workspace(maverick, 3)
    aspen.bison_api_key = bison_vendor.key(4)
    aspen.bison_api_key_status = Workspace.KeyStatus.ACTIVE
    with session(aspen, **HOW) as at, pytest.raises(KeyOfAnother):
        at.confirm_own()


@pytest.mark.django_db(transaction=True)
def test_of_many_that_use_one_key_each_reads_its_own_workspace(bison_vendor):
    maverick = cast.instance(bison_vendor)
    chosen = [cast.workspace(maverick, number) for number in (3, 6, 8, 12)]
    found: dict[str, set[str]] = {}

    def read(workspace: Workspace) -> None:
        found[workspace.workspace_name] = emails(workspace)
        connections.close_all()

    threads = [threading.Thread(target=read, args=[workspace]) for workspace in chosen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {each.workspace_name: at_vendor(bison_vendor, each) for each in chosen}


def test_a_turn_that_does_not_come_is_a_reason_to_come_again(db):
    with turns.of("a-key", patience=0), pytest.raises(RateLimited), turns.of("a-key", patience=0):
        raise AssertionError("Two have it")


def test_a_turn_whose_holder_died_ends_by_itself(db):
    lost = turns.Lease("a-key")
    assert lost.take()
    turns.Turn.objects.update(until="2020-01-01T00:00:00Z")
    with turns.of("a-key", patience=0):
        with pytest.raises(turns.LostTurn):
            lost.renew()
        lost.give_back()
        assert not turns.Lease("a-key").take()
