"""A dry run writes nothing on either side, and its numbers are those that the real one then has."""

import copy
import random

import pytest

from core.models import SourceDay
from crm.models import Contact, Lead
from integrations import contacts
from integrations.models import ContactConflict, ContactLink, ContactSettings
from tests.integrations import contact_edits
from tests.integrations.contact_cast import (
    contact,
    integration,
    integration_of,
    numbers,
    organization,
    service,
    synced,
)

__all__ = ["integration", "organization", "service"]
pytestmark = pytest.mark.django_db
KEPT = (Contact, Lead, ContactLink, ContactConflict, ContactSettings, SourceDay)


def state(service):
    """Return everything that a sync may write."""
    return [
        copy.deepcopy(service.people),
        *(list(model.objects.order_by("pk").values()) for model in KEPT),
    ]


def agreed(integration, service, direction="both", **wish):
    """Hold a dry run to the real one after it, and return that."""
    before = state(service)
    dry = synced(integration, direction, is_dry=True, **wish)
    assert state(service) == before
    real = synced(integration, direction, **wish)
    assert (dry.counts, dry.outcomes) == (real.counts, real.outcomes)
    assert (dry.state, dry.evidence["dry_run"]) == (real.state, True)
    return real


CASES = [
    ("TOYPEOPLE", "newest", 0),
    ("TOYPEOPLE", "ask", 1),
    ("TOYPEOPLE2", "theirs", 2),
    ("TOYPEOPLE2", "newest", 3),
]


@pytest.mark.parametrize(("key", "rule", "seed"), CASES)
def test_it_says_what_the_real_one_then_does(service, organization, key, rule, seed):
    integration = integration_of(service, organization, key)
    entries = [{**entry, "rule": rule} for entry in contacts.described(integration)["fields"]]
    contacts.choose(integration, fields=entries, when_deleted="remove", actor=integration.owner)
    contact_edits.begin(organization, service, 100)
    agreed(integration, service, "pull" if seed % 2 else "both")
    chance = random.Random(seed)
    # Whom a service deleted in silence only a full pass can know of.
    for is_full in (key == "TOYPEOPLE", True, True):
        contact_edits.edit(organization, service, chance, 50)
        run = agreed(integration, service, is_full=is_full)
        assert run.state == "succeeded"
        assert numbers(run)["pulled"]
        # Nothing goes to and fro.
        quiet = synced(integration)
        assert [quiet.counts.get(name, 0) for name in ("created", "updated", "pushed")] == [0, 0, 0]
        assert contact_edits.apart(integration, service) == []


def test_it_says_so_where_too_many_are_gone(integration, service):
    service.fill(60)
    for _time in range(2):
        synced(integration, "pull", is_full=True)
    for number in range(1, 21):
        service.delete(str(number))
    agreed(integration, service, "pull", is_full=True)
    assert agreed(integration, service, "pull", is_full=True).state == "incomplete"
    contacts.choose(integration, deletion_limit=50, actor=integration.owner)
    assert agreed(integration, service, "pull", is_full=True).counts["unlinked"] == 20


def test_it_shows_what_would_change(integration, service, organization):
    contact(organization, "Grace Hopper", "grace@x.example")
    service.add(firstname="Ada", lastname="Lovelace", email="ada@x.example")
    run = synced(integration, is_dry=True)
    shown = {(each["outcome"], each["name"], each["email"]) for each in run.evidence["preview"]}
    assert shown == {
        ("created", "Ada Lovelace", "ada@x.example"),
        ("pushed_created", "Grace Hopper", "grace@x.example"),
    }


def test_it_holds_what_two_integrations_know_of_one_person(integration, service, organization):
    service.fill(20)
    synced(integration)
    other = integration_of(service, organization, name="Other")
    contacts.settings_of(other)
    agreed(other, service)
    assert Contact.objects.count() == 20
