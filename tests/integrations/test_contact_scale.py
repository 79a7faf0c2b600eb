"""Many contacts, edited on both sides, with pages that repeat or are left out,
duplicates and deletions.

At the end both sides are alike, nobody is there twice, and nobody was lost.
"""

import random
import sys
import time
from collections import Counter

import pytest

from crm.models import Contact
from integrations.models import ContactConflict, ContactLink
from tests.integrations import contact_edits
from tests.integrations.contact_cast import (
    integration,
    integration_of,
    organization,
    service,
    synced,
)

__all__ = ["integration", "organization", "service"]
pytestmark = pytest.mark.django_db


def timed(integration, *words, **wish):
    """Return a sync that was worked to its end, and say how long it took."""
    began = time.monotonic()
    run = synced(integration, *words, **wish)
    seconds = time.monotonic() - began
    sys.stderr.write(f"{seconds:8.1f} s  {run.state:10}  {dict(run.counts)}\n")
    return run


@pytest.mark.parametrize(
    "count", [400, pytest.param(50_000, marks=[pytest.mark.prove, pytest.mark.timeout(5_400)])]
)
def test_both_sides_end_alike(service, organization, count):
    integration = integration_of(service, organization, "TOYPEOPLE2")
    chance = random.Random(count)
    service.size = 10 if count < 1000 else 100
    pages = count // service.size
    contact_edits.begin(organization, service, count)
    listed = len(service.people)
    service.repeated = set(chance.sample(range(pages), pages // 10))
    service.dropped = {pages // 2}
    run = timed(integration)
    assert (run.state, run.evidence["ledger"]["missing"]) == ("incomplete", service.size)
    assert service.writes == []
    service.dropped = set()
    dry = timed(integration, is_dry=True)
    run = timed(integration)
    assert (run.state, run.evidence["ledger"]["at_vendor"], run.counts) == (
        "succeeded",
        listed,
        dry.counts,
    )
    for _round in range(2 if count < 1000 else 1):
        contact_edits.edit(organization, service, chance, count // 10)
        dry = timed(integration, is_dry=True, is_full=True)
        run = timed(integration, is_full=True)
        assert (run.state, run.counts) == ("succeeded", dry.counts)
        assert contact_edits.apart(integration, service) == []
    # Who was deleted there is let go of by the second pass without them;
    # a second record of theirs is linked then.
    assert timed(integration, is_full=True).state == "succeeded"
    run = timed(integration, is_full=True)
    assert [run.counts.get(name, 0) for name in ("created", "updated", "pushed")] == [0, 0, 0]
    assert run.evidence["ledger"]["at_vendor"] == len(service.people)
    linked = ContactLink.objects.filter(integration=integration, state="linked")
    assert not Counter(linked.values_list("contact_id", "lead_id")).most_common(1)[0][1] > 1
    assert not ContactConflict.objects.exists()
    # At the service are those who were there twice before, and nobody else.
    twice = [
        email
        for email, number in Counter(each["email"] for each in service.people.values()).items()
        if number > 1
    ]
    assert all(email == "not an address" or email.startswith("p") for email in twice)
    addresses = Contact.objects.exclude(email="").values_list("email_normalized", flat=True)
    assert Counter(addresses).most_common(1)[0][1] == 1
