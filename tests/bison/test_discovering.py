"""Every workspace at the vendor has an entry, named as there;
gone is what a whole list does not show.
"""

import pytest

from bison.instances import discovering
from bison.models import Workspace
from core import runs
from core.models import Incident, Run
from tests.bison import cast
from tests.bison.stand_in import LONG_RUN
from tests.support import people
from tests.support.people import client_of


@pytest.fixture
def maverick(db, bison_vendor, no_calls_stay):
    return cast.instance(bison_vendor)


def discover(instance):
    started = discovering.start(instance, trigger="command")
    runs.execute(started.run.pk)
    started.run.refresh_from_db()
    return started.run


def names(instance):
    return set(
        Workspace.objects.filter(instance=instance, gone_at=None).values_list(
            "workspace_name", flat=True
        )
    )


def counted(run):
    return {name: run.evidence[name] for name in ("at_vendor", "here", "new", "gone")}


def test_each_workspace_gets_an_entry_and_the_run_vouches_for_it(maverick, bison_vendor):
    run = discover(maverick)
    assert run.state == Run.State.SUCCEEDED
    assert counted(run) == {"at_vendor": 24, "here": 24, "new": 24, "gone": 0}
    assert "Maison Lumière" in names(maverick)
    assert not Workspace.objects.filter(requires_workspace_key=True).exists()
    maverick.refresh_from_db()
    assert maverick.last_discovered_at is not None
    again = discover(maverick)
    assert (counted(again)["new"], again.outcomes["unchanged"]) == (0, 24)


def test_a_workspace_is_renamed_marked_as_gone_and_found_again(maverick, bison_vendor):
    discover(maverick)
    bison_vendor.ask("/workspaces/v1.1/3", method="PUT", body={"name": "Aspen Works"})
    bison_vendor.ask("/workspaces/v1.1/46", method="DELETE")
    run = discover(maverick)
    assert (run.state, counted(run)) == (
        "succeeded",
        {"at_vendor": 23, "here": 23, "new": 0, "gone": 1},
    )
    assert Workspace.objects.get(bison_workspace_id=3).workspace_name == "Aspen Works"
    gone = Workspace.objects.get(bison_workspace_id=46)
    assert gone.gone_at is not None
    bison_vendor.ask("/workspaces/v1.1", method="POST", body={"name": "Later"})
    Workspace.objects.filter(bison_workspace_id=27).update(gone_at=gone.gone_at)
    run = discover(maverick)
    assert (run.outcomes["back"], Workspace.objects.get(bison_workspace_id=27).gone_at) == (1, None)


def test_two_that_exchange_their_names_keep_their_entries(maverick, bison_vendor):
    discover(maverick)
    for number, name in ((3, "Birchwood Freight"), (4, "Aspen Labs")):
        bison_vendor.ask(f"/workspaces/v1.1/{number}", method="PUT", body={"name": name})
    assert discover(maverick).outcomes["renamed"] == 2
    found = dict(Workspace.objects.values_list("bison_workspace_id", "workspace_name"))
    assert (found[3], found[4]) == ("Birchwood Freight", "Aspen Labs")


def test_a_name_that_another_instance_has_already_gets_its_instance_beside_it(
    maverick, bison_vendor
):
    discover(maverick)
    bison_vendor.ask(
        "/workspaces/v1.1/3",
        bison_vendor.admin(LONG_RUN),
        LONG_RUN,
        method="PUT",
        body={"name": "IRONCLAD"},
    )
    long_run = cast.instance(bison_vendor, LONG_RUN)
    assert discover(long_run).state == Run.State.SUCCEEDED
    assert (
        Workspace.objects.get(instance=long_run, bison_workspace_id=3).workspace_name
        == "IRONCLAD (long-run)"
    )
    assert discover(long_run).outcomes["unchanged"] == 11


@pytest.mark.parametrize("kind", ["duplicate_page", "looping_cursor", "changed_rows"])
def test_a_list_that_lies_marks_nothing_as_gone(maverick, bison_vendor, kind):
    discover(maverick)
    bison_vendor.fault(
        kind, "maverick", "/workspaces/v1.1", **({"shift": -3} if kind == "changed_rows" else {})
    )
    run = discover(maverick)
    assert run.state in {Run.State.INCOMPLETE, Run.State.FAILED, Run.State.SUCCEEDED}
    assert len(names(maverick)) == 24


def test_a_list_that_breaks_off_fails_and_marks_nothing_as_gone(maverick, bison_vendor):
    discover(maverick)
    bison_vendor.fault("malformed", "maverick", "/workspaces/v1.1")
    run = discover(maverick)
    assert run.state == Run.State.FAILED
    assert len(names(maverick)) == 24


def test_a_list_without_rows_marks_nothing_as_gone(maverick, bison_vendor):
    discover(maverick)
    bison_vendor.fault("empty", "maverick", "/workspaces/v1.1")
    assert discover(maverick).state in {Run.State.INCOMPLETE, Run.State.FAILED}
    assert len(names(maverick)) == 24


def test_a_key_that_is_refused_is_an_incident_of_the_instance(maverick, bison_vendor):
    bison_vendor.turn(revoked=[bison_vendor.admin()])
    assert discover(maverick).state == Run.State.FAILED
    assert Incident.objects.get().closed_at is None
    bison_vendor.turn(revoked=[])
    assert discover(maverick).state == Run.State.SUCCEEDED
    assert Incident.objects.get().closed_at is not None


def test_the_search_is_started_and_joined_over_the_api(maverick):
    ops = client_of(people.staff())
    first = ops.post(f"/api/bison/instances/{maverick.pk}/discover")
    assert (first.status_code, first.json()["joined"]) == (202, False)
    second = ops.post(f"/api/bison/instances/{maverick.pk}/discover").json()
    assert (second["joined"], second["runId"]) == (True, first.json()["runId"])
    assert ops.get(first.json()["statusUrl"]).json()["kind"] == "bison.discover"
