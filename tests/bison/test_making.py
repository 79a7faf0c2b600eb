"""Keys made at the vendor: for one workspace or for all that have none, with pauses, once,
and lost ones are told.
"""

import threading
import time

import pytest
from django.db import connections
from django.utils import timezone

from bison.keys import bulk_making, making
from bison.models import Workspace
from core import runs
from core.errors import Rejected, Temporary
from core.models import Run
from tests.bison import cast

TOKENS = "/workspaces/v1.1"


@pytest.fixture
def maverick(db, bison_vendor, no_calls_stay, monkeypatch):
    monkeypatch.setattr(bulk_making, "PAUSE_SECONDS", 0.2)
    return cast.instance(bison_vendor)


def asked(bison_vendor):
    """Return the calls that asked for a token."""
    return [
        call
        for call in bison_vendor.calls("maverick", TOKENS, "POST")
        if call["path"].endswith("/api-tokens")
    ]


def worked(started):
    runs.execute(started.run.pk)
    started.run.refresh_from_db()
    return started.run


def test_the_old_key_is_replaced_by_the_one_that_was_made(maverick, bison_vendor):
    aspen = cast.workspace(maverick, 3, bison_vendor, bison_api_key_name="Aspen Labs Workspace API")
    made = making.generate(aspen, actor="test")
    assert made.key_name.startswith("Aspen Labs Workspace API 20")
    assert (aspen.bison_api_key_name, aspen.bison_api_key_scopes) == (made.key_name, ["*"])
    assert aspen.bison_api_key.reveal() != bison_vendor.key(3)
    assert (aspen.key_making, made.is_lost) == (None, False)
    assert bison_vendor.calls("maverick", "/workspaces/v1.1/switch-workspace") == []


def test_where_the_vendor_makes_none_nothing_changes(maverick, bison_vendor):
    aspen = cast.workspace(maverick, 3, bison_vendor)
    bison_vendor.fault("forbidden", "maverick", f"{TOKENS}/3/api-tokens")
    with pytest.raises(Rejected):
        making.generate(aspen, actor="test")
    aspen.refresh_from_db()
    assert (aspen.bison_api_key.reveal(), aspen.next_api_key, aspen.key_making) == (
        bison_vendor.key(3),
        None,
        None,
    )


def test_an_answer_that_broke_off_may_have_left_a_token_and_the_next_attempt_says_so(
    maverick, bison_vendor
):
    outpost = cast.workspace(maverick, 2)
    bison_vendor.fault("cut", "maverick", f"{TOKENS}/2/api-tokens", times=1)
    with pytest.raises(Temporary):
        making.generate(outpost, actor="test")
    outpost.refresh_from_db()
    assert outpost.key_making["holder"] == ""
    made = making.generate(outpost, actor="test")
    assert made.is_lost
    outpost.refresh_from_db()
    assert (outpost.has_key, outpost.key_making) == (True, None)


@pytest.mark.django_db(transaction=True)
def test_of_many_that_ask_at_once_one_has_a_key_made(bison_vendor):
    outpost = cast.workspace(cast.instance(bison_vendor), 2)
    bison_vendor.turn(slow=0.3)
    gate = threading.Barrier(6)
    made, refused = [], []

    def generate():
        gate.wait()
        try:
            made.append(making.generate(Workspace.objects.get(pk=outpost.pk), actor="test"))
        except making.UnderWay:
            refused.append(1)
        connections.close_all()

    threads = [threading.Thread(target=generate) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(made), len(refused), len(asked(bison_vendor))) == (1, 5, 1)


def test_all_that_have_none_get_a_key_with_a_pause_between(maverick, bison_vendor):
    for number in (2, 5, 9):
        cast.workspace(maverick, number)
    aspen = cast.workspace(maverick, 3, bison_vendor)
    begun = time.monotonic()
    run = worked(bulk_making.start(maverick, trigger="command"))
    assert time.monotonic() - begun >= 0.4
    assert (run.state, run.outcomes) == (Run.State.SUCCEEDED, {"made": 3})
    assert not bulk_making.without_key(maverick).exists()
    aspen.refresh_from_db()
    assert aspen.bison_api_key.reveal() == bison_vendor.key(3)


def test_a_workspace_that_got_its_key_meanwhile_is_passed_over(maverick, bison_vendor):
    outpost, grid = cast.workspace(maverick, 2), cast.workspace(maverick, 5)
    started = bulk_making.start(maverick, trigger="command")
    making.generate(grid, actor="test")
    run = worked(started)
    assert run.outcomes == {"made": 1, "has_one": 1}
    outpost.refresh_from_db()
    assert (outpost.has_key, len(asked(bison_vendor))) == (True, 2)


def test_keys_in_use_are_replaced_where_that_is_asked_for(maverick, bison_vendor):
    workspaces = [cast.workspace(maverick, number, bison_vendor) for number in (3, 4)]
    run = worked(bulk_making.start(maverick, workspaces, replace=True, trigger="page"))
    assert run.outcomes == {"made": 2}
    for workspace in workspaces:
        workspace.refresh_from_db()
        assert workspace.bison_api_key.reveal() != bison_vendor.key(workspace.bison_workspace_id)


def test_one_that_fails_is_named_and_the_others_are_made(maverick, bison_vendor):
    for number in (2, 5):
        cast.workspace(maverick, number)
    bison_vendor.fault("forbidden", "maverick", f"{TOKENS}/2/api-tokens")
    run = worked(bulk_making.start(maverick, trigger="command"))
    assert (run.state, run.outcomes) == (Run.State.INCOMPLETE, {"made": 1, "failed": 1})
    assert list(run.evidence["failures"]) == ["Outpost Team"]


def test_an_attempt_that_died_before_it_could_save_loses_one_token_and_says_which_workspaces(
    maverick, bison_vendor
):
    outpost = cast.workspace(maverick, 2)
    started = bulk_making.start(maverick, trigger="command")
    # As a kill leaves it between the vendor's answer and our save.
    outpost.key_making = {"holder": str(started.run.pk), "since": timezone.now().isoformat()}
    outpost.save(update_fields=["key_making"])
    run = worked(started)
    assert run.outcomes == {"made": 1}
    assert list(run.evidence["lost_tokens"]) == ["Outpost Team"]


def test_an_attempt_that_died_after_it_saved_goes_on_with_that_token(maverick, bison_vendor):
    outpost = cast.workspace(maverick, 2)
    started = bulk_making.start(maverick, trigger="command")
    bison_vendor.fault("error", "maverick", "/users", status=422, times=1)
    making.generate(outpost, actor="test")
    outpost.refresh_from_db()
    # A first key that could not be tried is stored and not used;
    # as a kill before the trial, it waits.
    token = outpost.bison_api_key.reveal()
    outpost.next_api_key = token
    outpost.next_api_key_facts = {
        "fingerprint": outpost.key_fingerprint,
        "made": True,
        "type": "workspace",
    }
    outpost.next_api_key_entered_at = timezone.now()
    outpost.bison_api_key, outpost.key_fingerprint = None, ""
    outpost.save()
    run = worked(started)
    outpost.refresh_from_db()
    assert (run.outcomes, outpost.bison_api_key.reveal()) == ({"made": 1}, token)
    assert len(asked(bison_vendor)) == 1
