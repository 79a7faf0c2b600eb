"""Syncs that wait for Fathom take nobody else's place: with real workers,
and more syncs than there are slots.
"""

import http.client

import pytest

from tests.fathom_sync.test_kills import MEETINGS, PEOPLE, FathomHouse
from tests.support.deliveries import STANDARD, body_of, standard_headers
from tests.support.house import wait_for

# Longer than all that the test waits for.
SLOW = 25
# Four accounts: walks of one go one after another.
KEYS = """
from crm.models import SalesRep
from fathom_sync import accounts
for rep in SalesRep.objects.filter(archived_at=None):
    accounts.save(accounts.account_for(rep), api_key="koppel-demo.fathom-key_0001", actor="test")
"""
SYNC_EACH = """
from crm.models import SalesRep
from fathom_sync import accounts
from fathom_sync.syncs import sync
for rep in SalesRep.objects.filter(archived_at=None):
    sync.start_sync(accounts.account_for(rep), trigger="test")
"""
# As a release without that queue has left it.
OLD_MESSAGE = """
from celery import current_app
from core.models import Run
run = Run.objects.filter(kind="fathom.sync", state="queued").first()
current_app.send_task("core.work_run", args=[str(run.pk)], queue="celery")
print(run.pk)
"""


def deliver(house):
    body = body_of({"event": "meeting", "number": 1})
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=20)
    connection.request("POST", STANDARD, body, standard_headers(body))
    assert connection.getresponse().status // 100 == 2


@pytest.mark.long(30)
@pytest.mark.timeout(240)
def test_a_delivery_is_worked_while_every_slot_for_long_work_waits(tmp_path, sandbox):
    sandbox.turn("fathom", meetings=20)
    with FathomHouse(tmp_path, sandbox) as house:
        house.run(PEOPLE)
        house.run(KEYS)
        sandbox.fault("fathom", "latency", path=MEETINGS, seconds=SLOW)
        house.run(SYNC_EACH)
        states = (
            "SELECT state, count(*) FROM runs WHERE kind = 'fathom.sync' GROUP BY state "
            "ORDER BY state"
        )
        assert wait_for(lambda: house.sql(states) == [("queued", 2), ("running", 2)], 60), (
            house.logs()
        )

        deliver(house)

        processed = "SELECT count(*) FROM webhook_events WHERE processing_status = 'processed'"
        assert wait_for(lambda: house.sql(processed) == [(1,)], 10), house.logs()
        assert house.sql(states) == [("queued", 2), ("running", 2)]

        house.kill("long")
        waiting = house.run(OLD_MESSAGE)
        assert wait_for(lambda: house.state(waiting) == "running", 15), house.logs()
