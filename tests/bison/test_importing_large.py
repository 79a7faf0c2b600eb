"""A file of more keys than a request waits for: stored and tried by the run,
each row once, whoever dies.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import Count
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from bison.keys import expiry, importing
from bison.models import ImportedKey, Instance, Workspace
from core import runs
from core.models import AuditEvent, Run
from sandbox.vendors.email_bison.cast import COMPANIES
from tests.bison import cast
from tests.support import people
from tests.support.people import client_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_calls_stay")]
ROOT = Path(__file__).resolve().parents[2]
HEADER = "workspace_name,bison_instance,api_key,api_key_name,api_key_type"
UNKNOWN = 430
WORK = """
import sys, django
django.setup()
from core import runs
print("ready", flush=True)
runs.execute(sys.argv[1])
"""


def unknown_key(number: int) -> str:
    return f"{number}|a-well-formed-key-of-no-value-{number:08d}"


@pytest.fixture
def maverick(bison_vendor: Any, monkeypatch: pytest.MonkeyPatch) -> Instance:
    monkeypatch.setattr(importing, "AT_ONCE", 20)
    return cast.instance(bison_vendor)


@pytest.fixture
def file(maverick: Instance, bison_vendor: Any) -> bytes:
    """Keys of all workspaces that have one at the vendor, and of many that nobody there knows."""
    keyed = [company for company in COMPANIES["maverick"] if company.keyed]
    for company in keyed:
        cast.workspace(maverick, company.id)
    Workspace.objects.bulk_create(
        Workspace(
            instance=maverick, bison_workspace_id=1000 + number, workspace_name=f"Client {number}"
        )
        for number in range(UNKNOWN)
    )
    lines = [
        f"Client {number},Maverick,{unknown_key(number)},Key {number}," for number in range(UNKNOWN)
    ]
    known = [f"{company.name},Maverick,{bison_vendor.key(company.id)},," for company in keyed]
    return "\n".join([HEADER, *lines[:200], *known, *lines[200:]]).encode()


def begin(run: Run, host: str) -> "subprocess.Popen[str]":
    own = connection.settings_dict
    address = (
        f"postgres://{own['USER']}:{own['PASSWORD']}@{own['HOST']}:{own['PORT']}/{own['NAME']}"
    )
    environment = {
        **os.environ,
        "DATABASE_URL": address,
        "KOPPEL_ALLOW_PRIVATE_HOSTS": host,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    command = [sys.executable, "-c", WORK, str(run.pk)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def kill_once(run: Run, bison_vendor: Any, has_come_so_far: Any) -> None:
    process = begin(run, bison_vendor.sandbox.host)
    deadline = time.monotonic() + 150
    while not has_come_so_far():
        assert time.monotonic() < deadline, "It never came so far"
        assert process.poll() is None, "It was done too soon"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    Run.objects.filter(pk=run.pk).update(heartbeat_at="2026-01-01T00:00:00Z")
    assert runs.sweep() == 1


@pytest.mark.timeout(600)
def test_a_run_that_is_killed_amid_storing_and_amid_trying_gives_each_row_one_result(
    maverick: Instance, file: bytes, bison_vendor: Any
) -> None:
    before = AuditEvent.objects.latest("pk").pk
    done = importing.import_keys(file, actor="test", dry_run=False)
    assert done.run is not None
    keyed = done.rows - UNKNOWN
    assert (done.valid, done.applied, done.is_stored_later, keyed) == (done.rows, 0, True, 13)
    run = done.run.run
    rows = ImportedKey.objects.filter(run=run)
    assert (rows.count(), rows.exclude(key=None).count()) == (done.rows, done.rows)
    assert not Workspace.objects.exclude(next_api_key=None).exists()
    bison_vendor.turn(slow=0.02)
    kill_once(run, bison_vendor, lambda: rows.filter(key=None).exists())
    stored = rows.filter(key=None).count()
    assert stored < done.rows
    assert Workspace.objects.exclude(next_api_key=None).count() == stored
    kill_once(run, bison_vendor, lambda: rows.exclude(outcome="").count() > 20)
    assert rows.filter(outcome="").exists()
    bison_vendor.turn(slow=0.0)
    runs.execute(run.pk)

    run.refresh_from_db()
    assert (run.state, run.attempts) == (Run.State.INCOMPLETE, 3)
    assert run.outcomes == {"in_use": keyed, "waits": UNKNOWN}
    assert (run.counts["keys"], run.counts["stored"], run.progress_done) == (
        done.rows,
        done.rows,
        done.rows,
    )
    assert len(run.evidence["failures"]) == UNKNOWN
    assert not rows.exclude(key=None).exists()
    events = AuditEvent.objects.filter(pk__gt=before)
    assert events.filter(action="key.changed").count() == done.rows
    assert events.filter(action="key.promoted").count() == done.rows
    assert events.get(action="bison.keys_imported").facts["stored"] == done.rows
    # A first key that does not work is kept, and not used.
    by_status = Workspace.objects.exclude(bison_api_key=None).values_list("bison_api_key_status")
    assert dict(by_status.annotate(count=Count("pk"))) == {"active": keyed, "inactive": UNKNOWN}

    # The same file once more comes to the same.
    again = importing.import_keys(file, actor="test", dry_run=False)
    assert again.run is not None
    runs.execute(again.run.run.pk)
    again.run.run.refresh_from_db()
    assert again.run.run.outcomes == run.outcomes


def test_of_a_large_file_nothing_is_stored_before_it_is_wished_for_and_the_api_gives_the_run(
    maverick: Instance, file: bytes, bison_vendor: Any
) -> None:
    ops = client_of(people.staff())

    def send(**more: str) -> Any:
        body = {"file": SimpleUploadedFile("keys.csv", file, content_type="text/csv"), **more}
        content = encode_multipart(BOUNDARY, body)
        return ops.post(
            "/api/bison/api-keys/import", content, content_type=MULTIPART_CONTENT
        ).json()

    looked = send()
    assert (looked["valid"], looked["applied"], looked["runId"]) == (443, 0, None)
    assert not ImportedKey.objects.exists()
    asked = send(dry_run="false")
    assert (asked["valid"], asked["applied"], asked["errors"]) == (443, 0, [])
    run = ops.get(asked["statusUrl"]).json()
    assert (run["kind"], run["state"], run["progress"]["total"]) == (
        "bison.import_keys",
        "queued",
        443,
    )


def test_keys_of_a_run_that_was_cancelled_do_not_stay(maverick: Instance, file: bytes) -> None:
    done = importing.import_keys(file, actor="test", dry_run=False)
    assert done.run is not None
    expiry.look()
    assert ImportedKey.objects.exclude(key=None).count() == done.rows
    runs.cancel(done.run.run, "test")
    expiry.look()
    assert not ImportedKey.objects.exclude(key=None).exists()
    assert not Workspace.objects.exclude(next_api_key=None).exists()
