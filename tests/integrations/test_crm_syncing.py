"""Contacts of Salesforce and Zoho and ours kept alike, by the sync itself,
by an app's credentials and by a grant.
"""

from typing import Any

import pytest
from django.utils import timezone

from core.models import Run
from crm.models import Contact
from tests.integrations.crm_cast import Crm, synced
from tests.integrations.salesforce_cast import salesforce
from tests.integrations.zoho_cast import zoho

__all__ = ["salesforce", "zoho"]
pytestmark = pytest.mark.django_db
FIRST_NAMES = {"salesforce": "FirstName", "zoho": "First_Name"}
LAST_NAMES = {"salesforce": "LastName", "zoho": "Last_Name"}


@pytest.fixture(params=["salesforce", "zoho"])
def crm(request: Any) -> Crm:
    found: Crm = request.getfixturevalue(request.param)
    return found


def id_of(row: dict[str, Any]) -> str:
    return str(row.get("Id") or row["id"])


def test_both_ways_and_again_nothing_is_left_to_do(boss, crm, northwind):
    Contact.objects.create(
        organization=northwind, name="Nora New", email="nora@example.com", company="Ours"
    )
    if crm.name == "salesforce":
        crm.turn(page_size=50)
    integration = crm.connected(boss)
    run = synced(integration)
    assert (run.state, run.why) == ("succeeded", "")
    assert (run.counts["pulled"], run.counts["pushed"]) == (120, 1)
    theirs = crm.act("contacts")[0]
    found = Contact.objects.get(email=theirs["Email"])
    assert found.name == f"{theirs[FIRST_NAMES[crm.name]]} {theirs[LAST_NAMES[crm.name]]}"
    assert (found.phone, bool(found.company)) == (theirs["Phone"], True)
    (made,) = crm.rows("nora@example.com")
    assert (made[FIRST_NAMES[crm.name]], made[LAST_NAMES[crm.name]]) == ("Nora", "New")
    again = synced(integration)
    assert (again.state, again.counts.get("pushed", 0)) == ("succeeded", 0)
    assert len(crm.rows("nora@example.com")) == 1


def test_what_changed_on_either_side_reaches_the_other(boss, crm):
    integration = crm.connected(boss)
    synced(integration)
    first, second = crm.act("contacts")[:2]
    crm.act("change", of=id_of(first), **{LAST_NAMES[crm.name]: "Changed-There"})
    ours = Contact.objects.get(email=second["Email"])
    ours.phone = "+32 2 555 02 02"
    ours.save()
    run = synced(integration)
    assert (run.state, run.counts["pushed"]) == ("succeeded", 1)
    assert Contact.objects.get(email=first["Email"]).name.endswith("Changed-There")
    assert crm.act("contact", of=id_of(second))["Phone"] == "+32 2 555 02 02"


def test_what_was_deleted_there_is_not_made_again(closer, crm):
    integration = crm.connected(closer)
    synced(integration)
    gone = crm.act("contacts")[0]
    crm.act("remove", of=id_of(gone))
    ours = Contact.objects.get(email=gone["Email"])
    ours.phone = "+32 2 555 03 03"
    ours.save()
    run = synced(integration)
    assert run.state == "succeeded"
    assert not [row for row in crm.rows(gone["Email"]) if not row.get("IsDeleted")]
    assert Contact.objects.filter(email=gone["Email"]).exists()


@pytest.mark.django_db(transaction=True)
def test_a_grant_syncs_and_its_token_is_renewed_meanwhile(closer, crm):
    integration = crm.signed_in(closer)
    crm.act("expire_tokens")
    run = synced(integration, direction="pull")
    assert (run.state, run.counts["pulled"]) == ("succeeded", 120)


def test_a_sync_waits_while_a_limit_is_spent_and_then_goes_on(closer, crm):
    integration = crm.connected(closer)
    limit = {"salesforce": "daily_limit", "zoho": "credits"}[crm.name]
    crm.turn(**{limit: 1})
    run = synced(integration)
    assert (run.state, run.error) == ("queued", "")
    assert run.waits_until is not None
    assert run.waits_until > timezone.now()
    crm.turn(**{limit: 15_000})
    Run.objects.filter(pk=run.pk).update(waits_until=None)
    assert synced(integration).state == "succeeded"
    assert Contact.objects.count() == 120
