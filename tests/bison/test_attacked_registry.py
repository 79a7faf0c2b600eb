"""Names that others chose, and registries of any size, keep neither the search nor
an import from its end.
"""

import contextlib
import json
from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bison.instances import discovering
from bison.keys import importing, moving
from bison.models import Workspace
from core import runs
from core.models import Run
from tests.bison import cast
from tests.bison.stand_in import LONG_RUN

HEADER = "workspace_name,bison_instance,api_key"


@pytest.fixture
def maverick(db, bison_vendor, no_calls_stay):
    return cast.instance(bison_vendor)


def discovered(instance) -> Run:
    started = discovering.start(instance, trigger="test")
    runs.execute(started.run.pk)
    return Run.objects.get(pk=started.run.pk)


def test_a_client_that_calls_itself_as_another_would_be_called_stops_no_search(
    maverick, bison_vendor
):
    renames = {3: "A", 4: "A (maverick)", 5: "A (maverick 7)", 7: "A"}
    for number, name in renames.items():
        bison_vendor.ask(f"/workspaces/v1.1/{number}", method="PUT", body={"name": name})
    assert discovered(maverick).state == "succeeded"
    found = dict(Workspace.objects.values_list("bison_workspace_id", "workspace_name"))
    assert [found[number] for number in renames] == [
        "A",
        "A (maverick)",
        "A (maverick 7)",
        "A (maverick 7, 2)",
    ]
    assert discovered(maverick).outcomes["unchanged"] == 24


def test_a_search_asks_the_database_as_often_for_many_workspaces_as_for_few(maverick):
    listed = {number: f"Client {number}" for number in range(1000, 1400)}
    few = dict(list(listed.items())[:2])
    asked = []
    for names in (few, listed):
        with CaptureQueriesContext(connection) as queries:
            discovering._names(maverick, names, {})
        asked.append(len(queries))
    assert asked == [1, 1]


def test_a_file_of_keys_needs_no_lock_for_each(maverick):
    Workspace.objects.bulk_create(
        Workspace(instance=maverick, bison_workspace_id=number, workspace_name=f"Client {number}")
        for number in range(1000, 1040)
    )
    lines = [
        f"Client {number},maverick,{number}|a-well-formed-key-of-no-value"
        for number in range(1000, 1040)
    ]
    before = locks_now()
    done = importing.import_keys("\n".join([HEADER, *lines]).encode(), actor="test", dry_run=False)
    assert done.applied == 40
    # The test's own transaction keeps them.
    assert locks_now() - before < 10


def locks_now() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def test_a_name_that_two_instances_have_is_no_end_of_an_import(maverick, bison_vendor, tmp_path):
    cast.instance(bison_vendor, LONG_RUN)
    cast.workspace(maverick, 3)
    rows = [
        {"workspace_name": "Aspen Labs", "bison_instance": "long-run", "bison_workspace_id": 90},
        {"workspace_name": "Both", "bison_instance": "long-run", "bison_workspace_id": 91},
        {"workspace_name": "Both", "bison_instance": "maverick", "bison_workspace_id": 92},
    ]
    file = tmp_path / "registry.json"
    file.write_text(json.dumps(rows))
    # A file without a key has nothing to try.
    with contextlib.suppress(CommandError):
        call_command("import_client_registry", str(file))
    found = dict(Workspace.objects.values_list("bison_workspace_id", "workspace_name"))
    assert found == {
        3: "Aspen Labs",
        90: "Aspen Labs (long-run)",
        91: "Both",
        92: "Both (maverick)",
    }


def test_a_large_registry_is_looked_at_once_for_each_row(maverick, monkeypatch):
    Workspace.objects.bulk_create(
        Workspace(instance=maverick, bison_workspace_id=number, workspace_name=f"Client {number}")
        for number in range(1000, 1300)
    )
    calls = Counter()
    squeezed = moving.squeezed

    def counting(name):
        calls["squeezed"] += 1
        return squeezed(name)

    monkeypatch.setattr(moving, "squeezed", counting)
    rows = [
        {"workspace_name": f"Client {number}", "bison_instance": "maverick"}
        for number in range(1000, 1300)
    ]
    assert moving.look(json.dumps(rows).encode()).file.problems == []
    assert calls["squeezed"] <= 600
