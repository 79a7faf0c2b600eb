"""A process that dies between the vendor's answer and our commit,
and deliveries while a secret changes.
"""

import os
import signal
import subprocess
import sys
import threading

import pytest
from django.db import connections

from bison.models import Reply, Turn, Workspace
from bison.webhooks import addresses, registering
from core.models import InboundEvent
from tests.bison import cast
from tests.bison.webhooks import at_vendor, delivered, switch_on, work_all
from tests.support.house import ROOT, wait_for

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_calls_stay")]
CONFIGURE = """
from bison.models import Workspace
from bison.webhooks import registering
registering.configure(Workspace.objects.get(), enabled=True, actor="a process")
"""


@pytest.fixture
def maverick(transactional_db, bison_vendor, live_server, settings):
    settings.PUBLIC_URL = live_server.url
    return cast.instance(bison_vendor)


@pytest.fixture
def aspen(maverick, bison_vendor):
    return cast.workspace(maverick, 3, bison_vendor)


def begin(settings, sandbox):
    """Begin to switch the webhook on, in a process of its own that is at this test's database."""
    database = connections["default"].settings_dict
    url = f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    env = os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "KOPPEL_PUBLIC_URL": settings.PUBLIC_URL,
        "KOPPEL_ALLOW_PRIVATE_HOSTS": sandbox.host,
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", CONFIGURE],
        cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def test_what_a_killed_process_made_is_taken_over_and_never_made_twice(
    aspen, bison_vendor, settings, sandbox
):
    # The vendor has made the webhook, and its answer is on its way for long.
    bison_vendor.fault("drip", "maverick", "/webhook-url", method="POST", seconds=5, times=1)
    process = begin(settings, sandbox)
    try:
        assert wait_for(lambda: len(at_vendor(bison_vendor, aspen)) == 1, 60), process.communicate(
            timeout=1
        )
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    aspen.refresh_from_db()
    assert aspen.bison_webhook_enabled
    assert aspen.bison_webhook_id is None
    # The dead process had its turn; it ends by itself.
    Turn.objects.update(until="2020-01-01T00:00:00Z")
    found = registering.repair(aspen, actor="a test")
    [hook] = at_vendor(bison_vendor, aspen)
    assert (found.bison_webhook_id, found.webhook_drift) == (hook["id"], None)


def test_two_that_switch_it_on_at_once_make_one(aspen, bison_vendor):
    def go():
        try:
            switch_on(Workspace.objects.get(pk=aspen.pk))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(at_vendor(bison_vendor, aspen)) == 1
    aspen.refresh_from_db()
    assert aspen.bison_webhook_id == at_vendor(bison_vendor, aspen)[0]["id"]


def test_while_the_secret_is_changed_no_delivery_is_lost(aspen, bison_vendor):
    switch_on(aspen)
    made: list[int] = []
    stop = threading.Event()

    def people_answer():
        while not stop.is_set():
            made.extend(bison_vendor.act("reply", workspace=3, count=1))
            stop.wait(0.1)

    writing = threading.Thread(target=people_answer)
    writing.start()
    try:
        assert wait_for(lambda: len(made) > 5, 20)
        registering.rotate(aspen, actor="a test")
        count = len(made)
        assert wait_for(lambda: len(made) > count + 5, 20)
    finally:
        stop.set()
        writing.join()
    assert delivered(bison_vendor)
    statuses = [each["statuses"] for each in bison_vendor.act("deliveries")]
    tokens = {each["url"] for each in bison_vendor.act("deliveries")}
    assert len(tokens) == 2
    refused = [found for found in statuses if found[-1] != 200]
    assert refused == []
    work_all()
    assert {int(name) for name in Reply.objects.values_list("vendor_id", flat=True)} == set(made)
    assert InboundEvent.objects.count() == len(made)
    assert at_vendor(bison_vendor, aspen)[0]["url"] == addresses.address(Workspace.objects.get())
