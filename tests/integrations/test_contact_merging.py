"""People who were merged, and what services go on having of both: nobody is made again."""

import pytest

from crm import services
from crm.models import Contact
from integrations.models import ContactLink
from tests.integrations.contact_cast import (
    contact,
    integration,
    numbers,
    organization,
    service,
    synced,
)

__all__ = ["integration", "organization", "service"]
pytestmark = pytest.mark.django_db


def test_both_records_are_the_one_who_stayed(integration, service):
    service.fill(2)
    synced(integration, "pull")
    stays, goes = Contact.objects.order_by("email")
    merged = services.merge_people(person=stays, other=goes)
    assert set(ContactLink.objects.values_list("contact_id", flat=True)) == {stays.pk}
    run = synced(integration, is_full=True)
    assert (numbers(run)["pulled"], numbers(run).get("created")) == (2, None)
    stays.refresh_from_db()
    assert (Contact.objects.count(), stays.email) == (1, "p1@x.example")
    services.undo_merge(merge=merged)
    run = synced(integration, is_full=True)
    assert numbers(run).get("created") is None
    assert set(Contact.objects.values_list("name", flat=True)) == {"First1 Last1", "First2 Last2"}
    assert len(set(ContactLink.objects.values_list("contact_id", flat=True))) == 2


def test_a_record_that_comes_under_the_former_address_is_theirs_and_takes_no_address(
    integration, service, organization
):
    stays, goes = contact(organization), contact(organization, "Ada L.", "ada@old.example")
    services.merge_people(person=stays, other=goes)
    service.add(
        firstname="Ada",
        lastname="Lovelace",
        email="ada@old.example",
        phone="+44 1",
        company="Engines",
    )
    synced(integration, "pull")
    stays.refresh_from_db()
    assert (Contact.objects.count(), stays.email, stays.phone) == (1, "ada@x.example", "+44 1")
    assert ContactLink.objects.get().contact == stays
    assert numbers(synced(integration, is_full=True)).get("created") is None
    assert Contact.objects.get().email == "ada@x.example"
