"""The cast of every page's test: staff, the people of one organization, a stranger,
and some runs of theirs.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from core.models import Incident, Run, User
from crm.models import Organization
from tests.integrations.chatwoot_cast import chatwoot, installation
from tests.integrations.conftest import toybox
from tests.integrations.events_cast import receiver
from tests.support import people

__all__ = ["chatwoot", "installation", "receiver", "toybox"]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="core.signin.Backend")
    return client


def make_run(of: Organization | None = None, **values: Any) -> Run:
    return Run.objects.create(
        **{"kind": "sync_fathom", "state": "succeeded", "organization_id": of and of.pk} | values
    )


def make_incident(title: str, of: Organization | None = None, **values: Any) -> Incident:
    now = timezone.now() - timedelta(minutes=5)
    defaults = {"cause": title, "title": title, "opened_at": now, "last_seen_at": now}
    return Incident.objects.create(**defaults | {"organization_id": of and of.pk} | values)


@pytest.fixture
def northwind(db: None) -> Organization:
    return people.organization("Northwind Sales")


@pytest.fixture
def contoso(db: None) -> Organization:
    return people.organization("Contoso Growth")


@pytest.fixture
def ops(db: None) -> Client:
    return signed_in(people.staff())


@pytest.fixture
def ceo(northwind: Organization) -> Client:
    return signed_in(people.member("CEO", northwind, "ceo"))


@pytest.fixture
def closer(northwind: Organization) -> Client:
    return signed_in(people.member("CLOSER", northwind, "closer"))


@pytest.fixture
def outsider(contoso: Organization) -> Client:
    return signed_in(people.member("CEO", contoso, "outsider"))
