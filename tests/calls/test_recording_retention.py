"""A recording past its organization's retention is deleted, looked for,
and called gone only then.
"""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.utils import timezone

from calls import recordings
from calls.models import Recording
from core import audit
from core.models import AuditEvent, Incident
from crm.models import OrganizationSettings
from sandbox.vendors import s3
from tests.calls.recorded import available, call_with_somebody, made, objects, open_incidents
from tests.support.people import client_of
from tests.support.sandbox import Sandbox
from tests.support.world import World

pytestmark = pytest.mark.django_db
NOT_DELETED = "calls.recordings_not_deleted"


@pytest.fixture
def world() -> World:
    return World()


def days_ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


@pytest.fixture
def old(vendors: Sandbox, world: World) -> Recording:
    """One of 91 days ago, where 90 days are kept."""
    recording = available(vendors, world)
    Recording.objects.update(ended_at=days_ago(91), checked_at=days_ago(91))
    return recording


def test_it_is_deleted_looked_for_and_written_down(
    vendors: Sandbox, world: World, old: Recording
) -> None:
    assert old.key in objects(vendors)
    assert recordings.expire() == 1
    assert objects(vendors) == {}
    old.refresh_from_db()
    assert (old.state, old.deleted_at is not None) == ("expired", True)
    assert old.deletion_proof["what"] == {
        "endpoint": vendors.url("s3"),
        "bucket": s3.BUCKET,
        "key": old.key,
    }
    answers = [(answer["request"], answer["status"]) for answer in old.deletion_proof["answers"]]
    assert answers == [("HEAD", 200), ("DELETE", 204), ("HEAD", 404)]
    assert (old.deletion_proof["bucket"]["status"], old.deletion_proof["found"]) == (200, "there")
    event = AuditEvent.objects.get(action="recording.deleted")
    assert (event.actor_name, event.target_id, event.organization_id) == (
        "retention",
        str(old.pk),
        world.organization.pk,
    )
    assert audit.verify().intact
    assert open_incidents() == []
    shown = client_of(world.users["CEO"]).get(f"/api/calls/{old.call_id}").json()["recording"]
    assert (shown["state"], "url" in shown) == ("expired", False)
    vendors.forget()
    assert recordings.expire() == 0
    assert vendors.journal("s3") == []


@pytest.mark.parametrize(
    ("kept", "age", "gone"), [(90, 89.9, False), (120, 91, False), (30, 31, True), (1, 1.1, True)]
)
def test_each_organization_keeps_them_as_long_as_it_chose(
    vendors: Sandbox, world: World, old: Recording, kept: int, age: float, gone: bool
) -> None:
    OrganizationSettings.objects.update_or_create(
        organization=world.organization, defaults={"retention_days": kept}
    )
    Recording.objects.update(ended_at=days_ago(age))
    assert recordings.expire() == gone
    assert (objects(vendors) == {}) is gone


def test_an_organization_that_never_chose_keeps_them_ninety_days(
    vendors: Sandbox, old: Recording
) -> None:
    OrganizationSettings.objects.all().delete()
    Recording.objects.update(ended_at=days_ago(89))
    assert recordings.expire() == 0
    Recording.objects.update(ended_at=days_ago(91))
    assert recordings.expire() == 1


def test_of_a_failed_one_a_part_may_lie_there_and_it_stays_failed(
    vendors: Sandbox, old: Recording
) -> None:
    Recording.objects.update(state="failed", reason="late")
    assert recordings.expire() == 1
    old.refresh_from_db()
    assert (old.state, old.reason) == ("failed", "late")
    assert old.deleted_at is not None
    assert objects(vendors) == {}


@pytest.mark.parametrize("trouble", ["refuses", "is away", "lies", "does not say"])
def test_while_it_is_not_proved_to_be_gone_it_is_not_called_gone(
    vendors: Sandbox, old: Recording, trouble: str
) -> None:
    if trouble == "refuses":
        vendors.fault("s3", "forbidden", method="DELETE")
    elif trouble == "is away":
        vendors.fault("s3", "error", status=503)
    elif trouble == "lies":
        vendors.turn("s3", lies=True)
    else:  # a key that may not list the bucket hears 403 for what is not there
        vendors.fault("s3", "forbidden", method="HEAD", after=2)
    before = Recording.objects.values().exclude(pk=None).get()
    assert recordings.expire() == 0
    old.refresh_from_db()
    assert (old.state, old.deleted_at, old.deletion_proof) == (before["state"], None, {})
    assert not AuditEvent.objects.filter(action="recording.deleted").exists()
    incident = Incident.objects.get(closed_at=None)
    assert (incident.cause, incident.severity, incident.organization_id) == (
        NOT_DELETED,
        "critical",
        None,
    )

    vendors.heal("s3")
    vendors.turn("s3", lies=False)
    assert recordings.expire() == 0  # the one who tried has it for a moment
    Recording.objects.update(checked_at=days_ago(1))
    assert recordings.expire() == 1
    assert open_incidents() == []
    assert objects(vendors) == {}


def test_what_is_under_way_is_left_alone(vendors: Sandbox, world: World) -> None:
    recording = made(call_with_somebody(vendors, world), state="active")
    Recording.objects.update(created_at=days_ago(400))
    assert recordings.expire() == 0
    recording.refresh_from_db()
    assert recording.state == "active"


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_write_it_down_once(vendors: Sandbox) -> None:
    world = World()
    for _ in range(3):
        available(vendors, world)
    Recording.objects.update(ended_at=days_ago(91), checked_at=days_ago(91))
    start, gone = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        try:
            gone.append(recordings.expire())
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(gone) == 3
    assert AuditEvent.objects.filter(action="recording.deleted").count() == 3
    assert set(Recording.objects.values_list("state", flat=True)) == {"expired"}
    deleted = [request for request in vendors.journal("s3") if request["method"] == "DELETE"]
    assert len(deleted) == 3


class Versioned(BaseHTTPRequestHandler):
    """A bucket that keeps versions: a deletion without a version only puts a mark on top."""

    stack: ClassVar[list[str]] = []

    def do_HEAD(self) -> None:
        if self.path.count("/") == 1:  # the bucket itself
            self.send_response(200)
            self.end_headers()
            return
        top = self.stack[-1] if self.stack else ""
        self.send_response(200 if top.startswith("v") else 404)
        if top:
            self.send_header("x-amz-version-id", top)
        if top.startswith("mark"):
            self.send_header("x-amz-delete-marker", "true")
        self.send_header("Content-Length", "7" if top.startswith("v") else "0")
        self.end_headers()

    def do_DELETE(self) -> None:
        _, _, version = self.path.partition("versionId=")
        if version:
            self.stack.remove(version.partition("&")[0])
        else:
            self.stack.append("mark-new")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Nobody reads it."""


@pytest.fixture
def versioned(settings: Any) -> Iterator[list[str]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Versioned)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    host = f"127.0.0.1:{server.server_address[1]}"
    settings.ALLOW_PRIVATE_HOSTS = [*settings.ALLOW_PRIVATE_HOSTS, host]
    settings.RECORDINGS_S3_ENDPOINT = f"http://{host}"
    yield Versioned.stack
    Versioned.stack.clear()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "stack", [["v1"], ["v1", "v2", "v3"], ["v1", "mark-1"], ["v1", "mark-1", "v2", "mark-2"]]
)
def test_no_version_is_left_where_versions_are_kept(
    old: Recording, versioned: list[str], stack: list[str]
) -> None:
    versioned.extend(stack)
    assert recordings.expire() == 1
    assert versioned == []
    old.refresh_from_db()
    assert old.deletion_proof["answers"][-1]["status"] == 404
    deleted = [
        answer["version"]
        for answer in old.deletion_proof["answers"]
        if answer["request"] == "DELETE"
    ]
    assert deleted == stack[::-1]
