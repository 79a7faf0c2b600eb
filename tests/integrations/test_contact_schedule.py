"""When contacts are synced: on the schedule, soon after a nudge, and by one beat alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core import vendors
from core.connections import Connection
from core.models import Run
from core.words.sayings import Saying
from integrations import contacts, services, tasks
from integrations.models import Integration
from tests.integrations.conftest import connected
from tests.integrations.contact_cast import integration, integration_of, organization, service
from tests.support import people

__all__ = ["integration", "organization", "service"]
pytestmark = pytest.mark.django_db


def runs_of(integration):
    return Run.objects.filter(kind="integrations.sync_contacts", subject_id=integration.pk)


def test_a_schedule_begins_at_once_and_goes_on(integration):
    services.schedule(integration, 60, actor=integration.owner)
    tasks.sync_due_contacts()
    run = runs_of(integration).get()
    assert (run.trigger, run.started_by, run.parameters["direction"]) == ("schedule", None, "both")
    integration.refresh_from_db()
    assert (
        timedelta(minutes=59) < integration.next_sync_at - timezone.now() <= timedelta(minutes=60)
    )
    tasks.sync_due_contacts()
    assert runs_of(integration).count() == 1


def test_what_is_under_way_when_its_time_comes_again_is_waited_for(integration):
    contacts.start_sync(integration, trigger="test")
    services.schedule(integration, 60, actor=integration.owner)
    tasks.sync_due_contacts()
    assert runs_of(integration).count() == 1
    runs_of(integration).update(state="succeeded")
    tasks.sync_due_contacts()
    assert runs_of(integration).count() == 2


def test_many_nudges_are_one_sync_and_a_schedule_keeps_its_pace(integration):
    for _time in range(5):
        contacts.nudge(integration)
    integration.refresh_from_db()
    assert timedelta(0) < integration.next_sync_at - timezone.now() <= timedelta(seconds=30)
    tasks.sync_due_contacts()
    assert not runs_of(integration).exists()
    Integration.objects.update(next_sync_at=timezone.now())
    tasks.sync_due_contacts()
    integration.refresh_from_db()
    assert (runs_of(integration).count(), integration.next_sync_at) == (1, None)


def test_what_is_off_is_not_synced(integration):
    services.schedule(integration, 60, actor=integration.owner)
    services.deactivate(integration, actor=integration.owner)
    contacts.nudge(integration)
    tasks.sync_due_contacts()
    assert not runs_of(integration).exists()


def test_what_has_no_contacts_keeps_no_other_from_its_sync(integration, toybox, organization):
    owner = people.client_of(people.member("CLOSER", organization))
    toys = Integration.objects.get(pk=connected(owner, toybox)["id"])
    for each in (toys, integration):
        services.schedule(each, 60, actor=each.owner)
    tasks.sync_due_contacts()
    assert runs_of(integration).count() == 1
    assert runs_of(toys).count() == 0


def test_while_it_has_failed_its_stand_in_is_synced(integration, organization, service):
    second = integration_of(service, organization, name="Second people")
    services.transfer(second, integration.owner, actor=second.owner)
    services.stand_in(integration, second, actor=integration.owner)
    services.schedule(integration, 60, actor=integration.owner)
    for row, state in ((integration, Connection.ERROR), (second, Connection.CONNECTED)):
        values = vendors.current(row.account)
        failure = Saying("As the test wants it") if state is Connection.ERROR else None
        vendors.report(row.account, values, failure)
    tasks.sync_due_contacts()
    assert (runs_of(integration).count(), runs_of(second).count()) == (0, 1)
