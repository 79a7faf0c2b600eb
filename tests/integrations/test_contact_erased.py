"""Whoever was erased does not come back by a service that has them under another address,
or under none.
"""

import pytest

from core import runs
from crm.models import Contact
from crm.privacy import erasing, returning
from integrations.models import ContactLink
from tests.integrations.contact_cast import integration, organization, service, synced

__all__ = ["integration", "organization", "service"]
pytestmark = pytest.mark.django_db
ADA = "ada@x.example"


def erase(organization) -> None:
    _erasure, started = erasing.ask(organization=organization, email=ADA, again=ADA)
    runs.execute(started.run.pk)


def test_a_record_that_lost_its_address_is_nobody_new(integration, service, organization):
    number = service.add(firstname="Ada", lastname="Lovelace", email=ADA, phone="+44 20 7946 0001")
    synced(integration, "pull")
    assert Contact.objects.get().email == ADA
    erase(organization)
    service.change(number, email="")
    run = synced(integration, "pull", is_full=True)
    assert run.outcomes == {"skipped_erased": 1}
    assert not Contact.objects.exists()
    link = ContactLink.objects.get()
    assert (link.vendor_id, link.state, link.reason) == (number, "left_out", "erased")
    assert (link.email, link.ours, link.theirs) == ("", {}, {})


def test_an_address_that_only_the_service_has_is_theirs_too(integration, service, organization):
    number = service.add(firstname="Ada", lastname="Lovelace", email=ADA)
    synced(integration, "pull")
    ContactLink.objects.update(email="ada@private.example", theirs={"email": "ada@private.example"})
    erase(organization)
    assert returning.is_erased(organization.pk, "ada@private.example")
    service.change(number, email="ada@private.example")
    synced(integration, "pull", is_full=True)
    assert not Contact.objects.exists()


def test_whoever_is_allowed_again_comes_with_the_next_sync(integration, service, organization):
    service.add(firstname="Ada", lastname="Lovelace", email=ADA)
    synced(integration, "pull")
    erase(organization)
    synced(integration, "pull", is_full=True)
    assert not Contact.objects.exists()
    returning.allow(organization.pk, ADA, actor=None)
    synced(integration, "pull", is_full=True)
    assert Contact.objects.get().email == ADA
