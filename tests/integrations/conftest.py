"""An organization with people, and a service that they connect."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from crm.models import Organization
from tests.support import people
from tests.toy.service import Service

API = "/api/dashboard/integrations"
KEY, OTHER = "toy-key-of-no-value-0001", "toy-key-of-no-value-0002"


@pytest.fixture
def toybox(settings: Settings) -> Iterator[Service]:
    """The service of the provider TOYBOX, allowed by the address guard."""
    cache.clear()
    running = Service()
    settings.ALLOW_PRIVATE_HOSTS = [*settings.ALLOW_PRIVATE_HOSTS, running.host]
    yield running
    running.close()


@pytest.fixture
def northwind(db: None) -> Organization:
    return people.organization(tier="PRO_PLUS")


@pytest.fixture
def closer(northwind: Organization) -> Any:
    return people.client_of(people.member("CLOSER", northwind, "closer"))


@pytest.fixture
def boss(northwind: Organization) -> Any:
    """A client of somebody who sees the whole organization: what they sync is all of it."""
    return people.client_of(people.member("CEO", northwind, "boss"))


def given(service: Service, **values: Any) -> dict[str, Any]:
    """Return a body that connects the toybox."""
    configuration = {"provider": "TOYBOX", "baseUrl": service.url, "apiKey": KEY, **values}
    return {"name": "Our toys", "type": "CRM", "configuration": configuration}


def connected(client: Any, service: Service, **values: Any) -> dict[str, Any]:
    """Connect it, and return the integration as the API answers it."""
    answer = client.post(API, given(service, **values))
    assert answer.status_code == 201, answer.content
    return answer.json()["integration"]


@pytest.fixture(autouse=True)
def nothing_stays(no_calls_stay: None) -> None:
    """Forget the calls that threads of syncs and rounds have logged outside
    the test's transaction.
    """
