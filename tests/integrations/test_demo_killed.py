"""A worker that dies while it makes a demo: the next one goes on, and nothing is made twice."""

import os
import signal
import subprocess
import sys

import pytest
from django.db import connections

from core import runs
from core.models import Run
from integrations.models import Demo
from tests.integrations.chatwoot_cast import WEBSITE, chatwoot, connect, facts, made_by_us, work
from tests.integrations.conftest import API
from tests.support import people
from tests.support.house import ROOT, wait_for

__all__ = ["chatwoot"]
pytestmark = pytest.mark.django_db(transaction=True)
WORK = "from core import runs; from core.models import Run; runs.execute(Run.objects.get().pk)"


def begin(chatwoot):
    """Work the run in a process of its own that is at this test's database."""
    database = connections["default"].settings_dict
    user = f"{database['USER']}:{database['PASSWORD']}"
    env = os.environ | {
        "DATABASE_URL": f"postgresql://{user}@{database['HOST']}:{database['PORT']}/{database['NAME']}",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "KOPPEL_ALLOW_PRIVATE_HOSTS": chatwoot.host,
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", WORK],
        cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "method", "is_done"),
    [
        ("/api/v1/accounts/1/inboxes", "POST", lambda found: len(found["inboxes"]) == 3),
        ("/api/v1/accounts/1/agent_bots", "POST", lambda found: len(found["bots"]) == 1),
    ],
)
def test_what_a_killed_worker_made_is_found_and_never_made_twice(
    chatwoot, settings, path, method, is_done
):
    client = people.client_of(people.member("CEO", people.organization("Contoso"), "owner"))
    connect(client, chatwoot)
    client.post(f"{API}/demos", {"name": "Shop", "websiteUrl": WEBSITE})
    # The vendor has done it, and its answer is on its way for long.
    chatwoot.fault("chatwoot", "drip", path=path, method=method, seconds=5, times=1)
    process = begin(chatwoot)
    try:
        assert wait_for(lambda: is_done(facts(chatwoot)), 60), process.communicate(timeout=1)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert Demo.objects.get().state == "creating"
    settings.RUN_SILENCE_SECONDS = 0
    runs.sweep()
    work()
    assert Run.objects.get().state == "succeeded"
    [inbox], [bot] = made_by_us(chatwoot)
    found = Demo.objects.get()
    assert (found.state, found.inbox_id, found.bot_id) == ("ready", inbox["id"], bot["id"])
    assert (inbox["name"], inbox["bot"]) == ("Shop", bot["id"])
