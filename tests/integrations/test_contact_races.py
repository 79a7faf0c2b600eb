"""Syncs at once: of one integration, of two that bring the same people,
and beats at the same second.
"""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from core import runs
from core.models import Run
from crm.models import Contact
from integrations import contacts
from integrations.contacts import scheduling
from integrations.models import ContactLink, Integration
from tests.integrations.contact_cast import (
    integration,
    integration_of,
    organization,
    service,
    synced,
)

__all__ = ["integration", "organization", "service"]
pytestmark = pytest.mark.django_db(transaction=True)


def together(*works):
    """Each in a thread of its own, all let go at once; what one raises is raised here."""
    gate = threading.Barrier(len(works))

    def run(work):
        gate.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result() for future in [pool.submit(run, work) for work in works]]


def test_two_who_start_the_same_get_one_run(integration):
    started = together(
        *[lambda: contacts.start_sync(integration, trigger="test") for _time in range(4)]
    )
    assert len({each.run.pk for each in started}) == 1
    assert [each.is_new for each in started].count(True) == 1


def test_another_sync_of_the_same_integration_waits_for_its_turn(integration, service):
    service.fill(40)
    first = contacts.start_sync(integration, direction="pull", trigger="test").run
    second = contacts.start_sync(integration, direction="pull", is_full=True, trigger="test")
    assert (second.is_new, second.waits) == (True, True)
    together(lambda: runs.execute(first.pk), lambda: runs.execute(second.run.pk))
    runs.execute(second.run.pk)
    states = dict(Run.objects.values_list("pk", "state"))
    assert (states[first.pk], states[second.run.pk]) == ("succeeded", "succeeded")
    assert Contact.objects.count() == ContactLink.objects.count() == 40


def test_two_integrations_that_bring_the_same_people_make_each_once(
    integration, service, organization
):
    service.fill(60)
    other = integration_of(service, organization, name="Other")
    for _time in range(2):
        done = together(
            lambda: synced(integration, "pull", is_full=True),
            lambda: synced(other, "pull", is_full=True),
        )
        assert [run.state for run in done] == ["succeeded", "succeeded"]
    assert (Contact.objects.count(), ContactLink.objects.count()) == (60, 120)


def test_an_edit_amid_a_sync_is_not_lost(integration, service):
    service.fill(40)
    synced(integration)
    for name in list(service.people):
        service.change(name, phone="2")

    def edit(number):
        if number == 2:
            Contact.objects.filter(email="p5@x.example").update(
                company="Edited", updated_at=timezone.now()
            )
            connection.close()

    service.on_page = edit
    run = synced(integration)
    assert run.state == "succeeded"
    edited = Contact.objects.get(email="p5@x.example")
    assert (edited.phone, edited.company) == ("2", "Edited")
    synced(integration)
    assert service.people["5"]["company"] == "Edited"


def test_of_two_beats_one_starts_a_sync(integration):
    Integration.objects.update(next_sync_at=timezone.now(), sync_every=60)
    started = together(*[scheduling.start_due for _time in range(4)])
    assert sum(started) == 1
    assert Run.objects.count() == 1
