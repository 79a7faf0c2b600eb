"""The toy vendor's service, allowed by the address guard, and accounts of it."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from core import vendors
from core.models import VendorAccount
from tests.support import people
from tests.toy.service import Service
from tests.toy.vendor import TOY

KEY, OTHER = "toy-key-of-no-value-0001", "toy-key-of-no-value-0002"


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    running = Service()
    settings.ALLOW_PRIVATE_HOSTS = [*settings.ALLOW_PRIVATE_HOSTS, running.host]
    yield running
    running.close()


@pytest.fixture
def account(db: None, service: Service, no_calls_stay: None) -> VendorAccount:
    """An organization's account that works."""
    found = vendors.account_of(TOY, people.organization().pk)
    vendors.save(found, {"address": service.url, "api_key": KEY}, actor="test")
    return found
