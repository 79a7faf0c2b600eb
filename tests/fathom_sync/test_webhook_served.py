"""The published vectors through the door as production serves it (config.asgi),
past Django's middleware.
"""

import asyncio

import pytest
import time_machine

from core.inbox.door import Door
from core.models import InboundEvent
from fathom_sync import accounts
from tests.core.inbox.test_door import Call, elsewhere
from tests.fathom_sync.test_webhook_door import BODY, GOOD, ID, PLAIN, SECRET, STAMP

pytestmark = pytest.mark.django_db(transaction=True)

SIGNATURES = {
    f"v1,{GOOD}": 202,
    f"v1,iYGSfNh4pmyPJmF3g5UFT29idiG2Pr4DRKv16yRhALY= v1,{GOOD}": 202,
    f"v2,AAAA v1,{GOOD}": 202,
    "v1,blC8y3tde1UiwWnbkK0rrFaQL4dx5WwnrgAigrVSKI0=": 401,
    "v1,ERtm2BaW7YTdbBVpkGxyqP6wd82fEiCIzLwB2hF5zyU=": 401,
    "v1,m6U3u+zXgIwLuu+gY+Dc8wV/Cy5INdsWSYHDblyYgIQ=": 401,
    "v1,LV008EGF7tvVunDm653rYL/xwUrR80izl6B0tpw6XDQ=": 401,
    "v1,RW1BXq4YR9gy+sJUStl2h6L1HR69Pdgz+mErYU9+kQY=": 401,
    "v1,50a399094bd3c2d13cd22689e83eaa957c674722b2c4d270d9de74a209689759": 401,
    GOOD: 401,
    "nocomma": 401,
    "": 401,
}


@pytest.fixture
def door():
    made = Door(elsewhere)
    yield made
    made.group_commit._writer.close()


def ask(door, signature, path=PLAIN):
    headers = {"webhook-id": ID, "webhook-timestamp": str(STAMP), "webhook-signature": signature}
    with time_machine.travel(STAMP, tick=True):
        return asyncio.run(Call(path, [BODY], headers).through(door)).status


@pytest.mark.parametrize(("signature", "status"), SIGNATURES.items(), ids=range(len(SIGNATURES)))
def test_each_vector_is_taken_or_refused(door, signature, status, monkeypatch):
    monkeypatch.delenv("FATHOM_WEBHOOK_SECRET", raising=False)
    accounts.save(accounts.installation(), webhook_secret=SECRET, actor="a test")
    assert ask(door, signature) == status
    assert InboundEvent.objects.count() == (1 if status == 202 else 0)


def test_without_a_secret_it_is_503_and_an_unknown_address_404(door, monkeypatch):
    monkeypatch.delenv("FATHOM_WEBHOOK_SECRET", raising=False)
    assert ask(door, f"v1,{GOOD}") == 503
    assert ask(door, f"v1,{GOOD}", f"{PLAIN}/{'x' * 32}") == 404
    assert ask(door, f"v1,{GOOD}", f"{PLAIN}/{'x' * 32}\x00") == 404
