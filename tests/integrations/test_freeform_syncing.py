"""A CRM of any make and somebody's database through the contact sync:
read into contacts, written where that can be.
"""

import pytest

from core.http.databases import Engine
from core.models import ApiCall, Run
from crm.models import Contact
from integrations.models import Integration
from tests.integrations import anycrm_cast, database_cast
from tests.integrations.contact_cast import numbers, synced
from tests.support.database_servers import PASSWORD

pytestmark = pytest.mark.django_db


def test_a_crm_of_any_make_is_synced_both_ways(sandbox, boss, northwind):
    body = anycrm_cast.given(sandbox, "oauth2", "CURSOR", write=anycrm_cast.WRITING)
    account = anycrm_cast.made(boss, {**body, "isShared": True})
    Contact.objects.create(organization=northwind, name="Ours Alone", email="ours@example.com")
    run = synced(Integration.objects.get(account=account))
    assert run.state == Run.State.SUCCEEDED, run.error
    assert Contact.objects.filter(organization=northwind).count() == 26
    assert Contact.objects.get(email="person1@customers.example").company
    emails = [each["emails"][0]["value"] for each in sandbox.act("anycrm", "contacts")]
    assert emails.count("ours@example.com") == 1
    assert len(emails) == 26


@pytest.mark.parametrize("engine", [Engine.POSTGRESQL])
def test_a_database_is_fetched_and_never_written(engine, server_of, closer, northwind):
    account = database_cast.made(closer, server_of(engine))
    Contact.objects.create(organization=northwind, name="Ours Alone", email="ours@example.com")
    run = synced(Integration.objects.get(account=account), direction="pull")
    assert run.state == Run.State.SUCCEEDED, run.error
    assert Contact.objects.filter(organization=northwind).count() == 26
    assert Contact.objects.get(email="person7@example.com").name == "Person 7"
    assert numbers(run)
    assert PASSWORD not in str(list(ApiCall.objects.values()))
