"""Lists that lie: pages that come twice or not at all, that shift under their reader;
who is gone, and who only seems to be."""

import pytest

from core.models import Incident, SourceDay
from crm.models import Contact
from integrations import contacts
from integrations.models import ContactLink
from tests.integrations.contact_cast import (
    contact,
    integration,
    integration_of,
    organization,
    service,
    synced,
)

__all__ = ["integration", "organization", "service"]
pytestmark = pytest.mark.django_db


def linked(state="linked"):
    return set(ContactLink.objects.filter(state=state).values_list("vendor_id", flat=True))


def full(integration, direction="pull", times=1, **wish):
    """Return the last of so many full syncs."""
    for _time in range(times):
        run = synced(integration, direction, is_full=True, **wish)
    return run


def test_pages_that_come_twice_are_counted_once_in_the_proof(integration, service):
    service.fill(45)
    service.repeated = {0, 2, 4}
    run = full(integration)
    assert (run.state, run.why) == ("succeeded", "")
    assert run.evidence["ledger"] == {"at_vendor": 45, "here": 45, "missing": 0}
    assert run.counts["created"] == Contact.objects.count() == 45
    assert run.counts["pulled"] == 45 + 10 + 10 + 5


def test_a_page_that_is_left_out_is_missing_and_heals(integration, service, organization):
    service.fill(45)
    service.dropped = {1}
    contact(organization)
    run = full(integration, "both")
    assert (run.state, run.evidence["ledger"]["missing"]) == ("incomplete", 10)
    # Whoever is on the page that was left out might be sent as new.
    assert (service.writes, Contact.objects.count()) == ([], 36)
    assert not SourceDay.objects.exists()
    service.dropped = set()
    run = synced(integration)
    assert (run.state, run.evidence["ledger"]) == (
        "succeeded",
        {"at_vendor": 45, "here": 45, "missing": 0},
    )
    assert (run.counts["pushed"], SourceDay.objects.get().at_vendor) == (1, 45)


def test_a_page_of_changes_that_is_left_out_is_asked_for_again(integration, service):
    service.fill(30)
    full(integration)
    for number in range(1, 26):
        service.change(str(number), lastname="Changed")
    service.dropped = {1}
    run = synced(integration, "pull")
    assert (run.state, run.evidence["ledger"]["missing"]) == ("incomplete", 10)
    service.dropped = set()
    run = synced(integration, "pull")
    assert run.state == "succeeded"
    assert Contact.objects.filter(name__endswith=" Changed").count() == 25


def test_a_list_that_shifts_under_its_reader_is_not_proved(integration, service):
    service.fill(30)

    def delete_one(number):
        if number == 1 and "1" in service.people:
            service.delete("1")

    service.on_page = delete_one
    run = full(integration)
    # One was deleted, so one more slid to a page that was read already.
    assert (run.state, run.evidence["ledger"]["missing"]) == ("incomplete", 1)
    run = synced(integration, "pull")
    assert (run.state, run.evidence["ledger"]["at_vendor"]) == ("succeeded", 29)
    assert Contact.objects.count() == 30


def test_a_list_that_leads_in_a_circle_is_not_read_for_ever(integration, service, monkeypatch):
    service.fill(30)
    page = service._page
    monkeypatch.setattr(
        service,
        "_page",
        lambda rows, start, is_again: {**page(rows, start, is_again), "next": "10"},
    )
    run = full(integration)
    assert run.state == "failed"
    assert Contact.objects.count() == 20


def test_who_is_gone_is_let_go_after_two_full_passes_and_stays_in_koppel(integration, service):
    service.fill(60)
    full(integration, times=2)
    service.delete("7")
    assert "unlinked" not in full(integration).counts
    assert "7" in linked()
    run = full(integration)
    assert run.counts["unlinked"] == 1
    assert (linked("gone"), Contact.objects.count()) == ({"7"}, 60)
    assert "unlinked" not in full(integration).counts


def test_a_page_that_was_left_out_twice_by_a_service_that_counts_lets_nobody_go(
    integration, service
):
    service.fill(60)
    full(integration, times=2)
    service.dropped = {2}
    run = full(integration, times=4)
    assert run.state == "incomplete"
    assert len(linked()) == 60


def test_a_service_that_does_not_count_costs_links_and_no_contacts(integration, service):
    contacts.choose(integration, when_deleted="remove", deletion_limit=50, actor=integration.owner)
    service.says_total = False
    service.fill(60)
    full(integration, times=2)
    service.dropped = {2}
    full(integration, times=3)
    assert (len(linked()), Contact.objects.count()) == (50, 60)
    service.dropped = set()
    full(integration)
    assert (len(linked()), Contact.objects.count()) == (60, 60)


def test_so_many_gone_at_once_are_believed_by_nobody(integration, service):
    service.fill(60)
    full(integration, times=2)
    for number in range(1, 21):
        service.delete(str(number))
    full(integration)
    run = full(integration)
    assert (run.state, len(linked())) == ("incomplete", 60)
    assert "20 contacts" in run.why
    incident = Incident.objects.get(cause__startswith="integrations.contacts_gone")
    assert incident.organization_id == integration.organization_id
    contacts.choose(integration, deletion_limit=50, actor=integration.owner)
    run = full(integration)
    assert (run.state, run.counts["unlinked"], len(linked())) == ("succeeded", 20, 40)
    incident.refresh_from_db()
    assert incident.closed_at is not None


def test_where_somebody_chose_so_only_what_nobody_else_knows_of_is_deleted(
    integration, service, organization
):
    contacts.choose(integration, when_deleted="remove", actor=integration.owner)
    contact(organization, "Entered", "p3@x.example")
    service.fill(5)
    full(integration, times=2)
    Contact.objects.filter(email="p2@x.example").update(phone="entered in Koppel")
    other = integration_of(service, organization, name="Other")
    full(other)
    ContactLink.objects.filter(integration=other).exclude(vendor_id="4").delete()
    for name in ("1", "2", "3", "4"):
        service.delete(name)
    full(integration)
    run = full(integration)
    assert (run.counts["unlinked"], run.counts["removed"]) == (4, 1)
    assert not Contact.objects.filter(email="p1@x.example").exists()
    assert Contact.objects.count() == 4


@pytest.fixture
def telling(service, organization):
    """An integration of a service that lists what was deleted."""
    return integration_of(service, organization, "TOYPEOPLE2")


def test_what_the_service_says_is_deleted_is_let_go_at_once(telling, service):
    service.fill(10)
    full(telling)
    service.delete("7")
    run = synced(telling)
    assert (run.state, linked("gone"), Contact.objects.count()) == ("succeeded", {"7"}, 10)
    assert service.writes == []


def test_what_the_service_says_is_deleted_is_deleted_in_koppel_only_after_two_full_passes(
    telling, service
):
    contacts.choose(telling, when_deleted="remove", actor=telling.owner)
    service.fill(10)
    full(telling, times=2)
    service.delete("7")
    synced(telling)
    full(telling)
    assert Contact.objects.count() == 10
    assert full(telling).counts["removed"] == 1
    assert Contact.objects.count() == 9


def test_who_comes_back_is_linked_again(telling, service):
    service.fill(3)
    full(telling)
    kept = service.people["2"]
    service.delete("2")
    synced(telling)
    service.people["2"] = kept
    service.gone.clear()
    service.change("2", phone="5")
    run = synced(telling)
    assert (linked(), run.counts["updated"]) == ({"1", "2", "3"}, 1)
    assert Contact.objects.get(email="p2@x.example").phone == "5"
