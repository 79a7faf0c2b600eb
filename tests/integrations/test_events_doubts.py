"""Events out where something changes meanwhile, comes in thousands, or ends in silence."""
# ruff: noqa: F811 - fixtures come by their names

import threading
import time
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone, translation

from core.models import Incident
from core.redis import connection as redis
from crm import services
from integrations import services as integrations
from integrations.events import forgetting, hints, lanes
from integrations.models import Delivery, Event, Integration
from integrations.serializers.events import DeliverySerializer
from tests.integrations import events_cast as cast
from tests.integrations.events_cast import boss, receiver  # noqa: F401
from tests.support import people

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_calls_stay")]


def messages():
    """Return how many messages wait that something is due."""
    return sum(hints.DELIVER in each for each in redis().lrange("celery", 0, -1))


def test_who_lost_sight_of_the_organization_while_nothing_was_due_is_told_so(
    northwind, boss, receiver
):
    made, _secret = cast.endpoint(boss, receiver.url())
    people.member("CEO", northwind, "another boss")
    member = northwind.members.get(user__username="boss")
    services.change_role(member=member, role="CLOSER", actor="a test")
    cast.lead(northwind, "In between")
    assert cast.deliver() == 0
    made.refresh_from_db()
    assert made.is_active is False
    assert "no longer sees" in Incident.objects.get().title
    cast.lead(northwind, "While it was off")
    services.change_role(member=member, role="CEO", actor="a test")
    integrations.activate(made, actor="a test")
    assert cast.deliver() == 2
    assert {body["data"]["name"] for body in receiver.bodies()} == {
        "In between",
        "While it was off",
    }


def test_of_many_changes_one_message_waits(northwind, boss):
    cast.endpoint(boss, "https://hooks.example.com/koppel")
    redis().flushdb()
    with transaction.atomic():
        for number in range(30):
            cast.lead(northwind, f"Lead {number}")
        assert [entry[1] for entry in connection.run_on_commit].count(hints.send) == 1
    for number in range(30):
        cast.lead(northwind, f"Later {number}")
    assert messages() == 1
    hints.take_up()
    cast.lead(northwind, "After somebody looked")
    assert messages() == 2


def test_a_message_is_asked_for_again_where_the_first_was_taken_back(northwind, boss):
    cast.endpoint(boss, "https://hooks.example.com/koppel")
    redis().flushdb()
    with transaction.atomic():
        with transaction.atomic():
            cast.lead(northwind, "Taken back")
            transaction.set_rollback(True)
        cast.lead(northwind, "Kept")
    assert messages() == 1


def test_what_is_switched_off_amid_a_round_gets_no_more(northwind, boss, receiver, monkeypatch):
    monkeypatch.setattr(lanes, "LOOKED_AT_EVERY", 0.1)
    made, _secret = cast.endpoint(boss, receiver.url())
    for number in range(120):
        cast.lead(northwind, f"Lead {number}")
    receiver.turn(seconds=0.3)

    def switch_off():
        time.sleep(1)
        integrations.deactivate(Integration.objects.get(pk=made.pk), actor="a test")
        connection.close()

    switching = threading.Thread(target=switch_off)
    switching.start()
    taken = cast.deliver()
    switching.join()
    assert 0 < taken < 100
    waiting = Delivery.objects.filter(state="waiting")
    assert (waiting.count(), set(waiting.values_list("attempts", flat=True))) == (120 - taken, {0})


def test_another_address_is_heeded_amid_a_round(northwind, boss, receiver, monkeypatch):
    monkeypatch.setattr(lanes, "LOOKED_AT_EVERY", 0.1)
    made, _secret = cast.endpoint(boss, receiver.url("before"))
    for number in range(120):
        cast.lead(northwind, f"Lead {number}")
    receiver.turn(seconds=0.3)

    def change():
        time.sleep(0.5)
        row = Integration.objects.get(pk=made.pk)
        integrations.change(row, given={"url": receiver.url("after")}, actor="a test", insist=True)
        connection.close()

    changing = threading.Thread(target=change)
    changing.start()
    assert cast.deliver() == 120
    changing.join()
    assert receiver.effects("after")["effects"] > 20


def test_what_was_cut_off_is_said_in_the_readers_language(northwind, boss, receiver):
    cast.endpoint(boss, receiver.url())
    cast.lead(northwind)
    Delivery.objects.update(
        attempts=10,
        tries=[{"at": "2026-11-30T09:00:00+00:00", "status": 500, "ms": 1, "error": {}}],
    )
    assert cast.deliver() == 0
    with translation.override("fr"):
        shown = DeliverySerializer(Delivery.objects.get()).data
        assert shown["error"] == translation.gettext("The last attempt was cut off.")
    assert shown["error"] != Delivery.objects.get().error
    assert len(shown["tries"]) == 2


def test_thousands_of_one_moment_are_forgotten_whole(northwind, boss):
    made, _secret = cast.endpoint(boss, "https://hooks.example.com/koppel")
    long_ago = timezone.now() - timedelta(days=31)
    events = Event.objects.bulk_create(
        Event(id=uuid.uuid4(), organization=northwind, name="lead.created", created_at=long_ago)
        for _each in range(6000)
    )
    Delivery.objects.bulk_create(
        Delivery(integration=made, event=event, next_attempt_at=long_ago, created_at=long_ago)
        for event in events
    )
    assert forgetting.forget(timezone.now()) == 6000
    assert (Event.objects.count(), Delivery.objects.count()) == (0, 0)
