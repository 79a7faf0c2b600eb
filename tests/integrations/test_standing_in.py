"""While an integration does not work, its stand-in does."""

import pytest

from core.models import User
from crm.models import Organization
from integrations import services, tasks
from integrations.models import Integration
from integrations.standing_in import worker_for
from tests.integrations.toys import integration_of
from tests.support import people
from tests.toy.service import Service

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(northwind: Organization) -> User:
    return people.member("CLOSER", northwind, "owner")


@pytest.fixture
def pair(toybox: Service, northwind: Organization, owner: User) -> tuple[Integration, Integration]:
    """One whose key is refused, and one that works and stands in for it."""
    failing = integration_of(
        owner, northwind, name="First", baseUrl=toybox.url, apiKey="toy-key-nobody-knows"
    )
    working = integration_of(owner, northwind, name="Second", baseUrl=toybox.url)
    services.stand_in(failing, working, actor=owner)
    return failing, working


def tried(integration: Integration) -> Integration:
    tasks.check(str(integration.pk))
    return Integration.objects.select_related("account").get(pk=integration.pk)


def test_the_stand_in_works_while_the_first_has_failed(
    pair: tuple[Integration, Integration],
) -> None:
    failing, working = pair
    assert worker_for(failing) == failing
    tried(working)
    assert worker_for(tried(failing)) == working


def test_the_first_works_again_once_it_was_seen_to(
    toybox: Service, pair: tuple[Integration, Integration]
) -> None:
    failing, working = pair
    tried(working)
    tried(failing)
    toybox.keys.add("toy-key-nobody-knows")
    assert worker_for(tried(failing)) == failing


def test_a_stand_in_that_was_not_seen_to_work_stands_in_for_nobody(
    pair: tuple[Integration, Integration],
) -> None:
    failing, working = pair
    assert worker_for(tried(failing)) == failing
    tried(working)
    services.deactivate(working, actor=working.owner)
    assert worker_for(tried(failing)) == failing


def test_what_is_switched_off_is_not_stood_in_for(pair: tuple[Integration, Integration]) -> None:
    failing, working = pair
    tried(working)
    failing = tried(failing)
    services.deactivate(failing, actor=failing.owner)
    assert worker_for(failing) == failing


def test_a_colleague_s_that_is_shared_no_longer_stands_in_for_nobody(
    northwind: Organization, pair: tuple[Integration, Integration]
) -> None:
    failing, working = pair
    colleague = people.member("SETTER", northwind, "colleague")
    services.share(working, is_shared=True, actor=working.owner)
    services.transfer(working, colleague, actor=working.owner)
    services.activate(working, actor=colleague)
    tried(working)
    assert worker_for(tried(failing)) == working
    services.share(working, is_shared=False, actor=colleague)
    assert worker_for(tried(failing)) == failing
