"""The clock's look at the checklists: one at a time, whoever comes meanwhile."""

import threading
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import timezone

from bison import onboarding, rounds
from bison.models import Instance, Onboarding, Turn, Workspace
from core.models import ApiCall
from tests.bison import cast
from tests.bison.stand_in import BisonVendor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_calls_stay")]
NUMBERS = (3, 4, 6, 8)


@pytest.fixture
def maverick(transactional_db: None, bison_vendor: BisonVendor) -> Instance:
    return cast.instance(bison_vendor)


@pytest.fixture
def four(maverick: Instance, bison_vendor: BisonVendor) -> None:
    for number in NUMBERS:
        cast.workspace(maverick, number, bison_vendor)


def asked() -> int:
    return ApiCall.objects.filter(function_name="onboarding").count()


def taken_until(until: Any) -> None:
    Turn.objects.update_or_create(key="onboarding", defaults={"holder": uuid4(), "until": until})


def test_of_two_at_once_one_looks_and_the_other_asks_nobody(
    four: None, bison_vendor: BisonVendor
) -> None:
    bison_vendor.turn(slow=0.4)
    begins = threading.Barrier(2)
    found: list[int] = []

    def look() -> None:
        begins.wait()
        try:
            found.append(onboarding.look_at_all())
        finally:
            connections.close_all()

    both = [threading.Thread(target=look) for _number in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(found) == [0, len(NUMBERS)]
    assert asked() == len(NUMBERS)
    assert Onboarding.objects.filter(api_key_tested=True).count() == len(NUMBERS)


def test_after_the_one_the_next_looks_again(four: None) -> None:
    assert [onboarding.look_at_all() for _time in range(2)] == [4, 4]


def test_one_that_died_keeps_nobody_waiting_for_longer_than_its_lease(four: None) -> None:
    taken_until(timezone.now() + timedelta(seconds=60))
    assert (onboarding.look_at_all(), asked()) == (0, 0)
    taken_until(timezone.now() - timedelta(seconds=1))
    assert onboarding.look_at_all() == 4


def test_one_whose_turn_another_has_taken_begins_no_other(
    maverick: Instance, bison_vendor: BisonVendor
) -> None:
    for number in range(1000, 1000 + rounds.AT_ONCE + 4):
        # Nobody knows their keys: each is asked once, and refused.
        Workspace.objects.create(
            instance=maverick,
            bison_workspace_id=number,
            workspace_name=f"Client {number}",
            bison_api_key=f"{number}|a-key-of-no-value-0123456789abcdef",
            bison_api_key_type=Workspace.KeyType.WORKSPACE,
            bison_api_key_status=Workspace.KeyStatus.ACTIVE,
        )
    bison_vendor.turn(slow=1.0)
    working = threading.Thread(target=look_and_close)
    working.start()
    wait_for_the_first()
    taken_until(timezone.now() + timedelta(seconds=60))
    working.join()
    assert 0 < asked() <= rounds.AT_ONCE
    # It gave nobody else's turn back.
    assert Turn.objects.get(key="onboarding").holder is not None


def look_and_close() -> None:
    try:
        onboarding.look_at_all()
    finally:
        connections.close_all()


def wait_for_the_first() -> None:
    ends = time.monotonic() + 20
    while time.monotonic() < ends:
        if Onboarding.objects.exists():
            return
        time.sleep(0.02)
    raise AssertionError("Nobody was looked at")
