"""A worker that is killed amid a sync: the next one goes on, nobody comes twice,
and the counts are as foreseen.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection

from core import runs
from core.models import Run
from crm.models import Contact
from integrations import contacts
from integrations.models import ContactLink
from tests.integrations.contact_cast import contact, integration, organization, service, synced

__all__ = ["integration", "organization", "service"]
pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).resolve().parents[2]
WORK = """
import sys, django
django.setup()
from core import runs
runs.execute(sys.argv[1])
"""


def worker(run: Run, host: str) -> subprocess.Popen:
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
    return subprocess.Popen([sys.executable, "-c", WORK, str(run.pk)], cwd=ROOT, env=environment)


class Killer:
    """Has a worker do a run, and kills it at a moment that the service sees."""

    def __init__(self, run: Run, service) -> None:
        self.run, self.service = run, service
        self.process: subprocess.Popen | None = None

    def kill(self) -> None:
        while self.process is None:
            time.sleep(0.01)
        self.process.send_signal(signal.SIGKILL)

    def work(self) -> None:
        self.process = worker(self.run, self.service.host)
        assert self.process.wait(timeout=150) == -signal.SIGKILL
        Run.objects.filter(pk=self.run.pk).update(heartbeat_at="2026-01-01T00:00:00Z")
        assert runs.sweep() == 1


def test_what_was_done_is_done_and_the_rest_follows(integration, service, organization):
    service.fill(120)
    for number in range(50):
        contact(organization, f"Own {number}", f"own{number}@x.example")
    dry = synced(integration, is_dry=True)
    run = contacts.start_sync(integration, trigger="test").run
    first = Killer(run, service)

    def at_a_page(number: int) -> None:
        if number == 6:
            # What was read before is stored meanwhile.
            time.sleep(2)
            first.kill()

    service.on_page = at_a_page
    first.work()
    run.refresh_from_db()
    assert (
        0
        < run.counts["pulled"]
        == ContactLink.objects.count()
        == Contact.objects.count() - 50
        < 120
    )
    service.on_page = lambda number: None
    second = Killer(run, service)
    # The service has the second batch, and nobody has noted that.
    service.on_written = lambda number: second.kill() if number == 2 else None
    second.work()
    service.on_written = lambda number: None
    assert len(service.people) == 160
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.why, run.attempts) == ("succeeded", "", 3)
    assert run.counts == dry.counts
    assert (Contact.objects.count(), ContactLink.objects.filter(state="linked").count()) == (
        170,
        170,
    )
    assert len({each["email"] for each in service.people.values()}) == len(service.people) == 170
    quiet = synced(integration, is_full=True)
    assert {name: number for name, number in quiet.counts.items() if number} == {
        "pulled": 170,
        "unchanged": 170,
    }


def test_a_dry_run_that_is_killed_begins_anew(integration, service):
    service.fill(60)
    run = contacts.start_sync(integration, is_dry=True, trigger="test").run
    killer = Killer(run, service)
    service.on_page = lambda number: killer.kill() if number == 3 else None
    killer.work()
    service.on_page = lambda number: None
    runs.execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.counts["pulled"], run.counts["created"]) == ("succeeded", 60, 60)
    assert not Contact.objects.exists()
