"""What Salesforce and Zoho share where contacts are written:
nobody is made twice, no address is given twice.
"""

import threading
from typing import Any

import pytest
from django.db import connections

from integrations.contacts.speaking import CREATED, FAILED, UPDATED
from integrations.providers.salesforce.answers import TAKEN as TAKEN_AT_SALESFORCE
from integrations.providers.zoho.answers import TAKEN as TAKEN_AT_ZOHO
from tests.integrations.crm_cast import Crm, of_address, of_id
from tests.integrations.salesforce_cast import salesforce
from tests.integrations.zoho_cast import zoho

__all__ = ["salesforce", "zoho"]
pytestmark = pytest.mark.django_db
LAST_NAMES = {"salesforce": "LastName", "zoho": "Last_Name"}
TAKEN = {"salesforce": TAKEN_AT_SALESFORCE, "zoho": TAKEN_AT_ZOHO}
# Where a look for an address goes.
LOOKED_UP_AT = {"salesforce": "/services/data/v66.0/query", "zoho": "/crm/v8/Contacts"}


@pytest.fixture(params=["salesforce", "zoho"])
def crm(request: Any) -> Crm:
    found: Crm = request.getfixturevalue(request.param)
    return found


def test_an_address_that_another_has_is_not_given_to_a_second(closer, crm):
    integration = crm.connected(closer)
    first, second = crm.act("contacts")[:2]
    second_id = second.get("Id") or second["id"]
    written = crm.write(integration, of_id(second_id, Email=first["Email"]))
    assert (written[0].outcome, written[0].error) == (FAILED, TAKEN[crm.name])
    same = crm.write(integration, of_id(second_id, Email=second["Email"], Title="Same"))
    assert same[0].outcome == UPDATED
    assert len(crm.rows(first["Email"])) == 1


def test_one_address_twice_in_a_batch_makes_one_contact(closer, crm):
    last_name = LAST_NAMES[crm.name]
    written = crm.write(
        crm.connected(closer),
        of_address("twice@made.example", **{last_name: "First"}),
        of_address("TWICE@made.example", Title="Second"),
    )
    assert [each.outcome for each in written] == [CREATED, UPDATED]
    rows = crm.rows("twice@made.example")
    assert [(row[last_name], row["Title"]) for row in rows] == [("First", "Second")]


@pytest.mark.django_db(transaction=True)
def test_two_writers_at_once_make_one_contact(closer, crm):
    integration = crm.connected(closer)
    crm.fault("latency", LOOKED_UP_AT[crm.name], seconds=0.3)
    outcomes: list[str] = []

    def write() -> None:
        try:
            outcomes.append(crm.write(integration, of_address("race@made.example"))[0].outcome)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write) for _number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(outcomes) == [CREATED, UPDATED, UPDATED, UPDATED]
    assert len(crm.rows("race@made.example")) == 1
