"""What somebody deletes while somebody else works on it is gone for the second one:
404, and nothing is written.
"""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Model

from crm import services
from tests.support.locks import wait_until_held
from tests.support.people import assert_error, client_of
from tests.support.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def a_lead(world: World) -> Model:
    return services.create_lead(organization=world.organization, name="Nobody's")


CASES: dict[str, tuple[str, Callable[[World], Model], dict[str, Any]]] = {
    "lead": ("/api/crm/leads", a_lead, {"name": "New"}),
    "contact": ("/api/crm/contacts", lambda world: world.contact, {"name": "New"}),
    "team": ("/api/crm/teams", lambda world: world.team, {"name": "New"}),
    "appointment": ("/api/crm/appointments", lambda world: world.appointment, {"title": "New"}),
    "member": (
        "/api/organization/members",
        lambda world: world.members["CLOSER"],
        {"role": "SETTER"},
    ),
}


def while_it_is_deleted(world: World, path: str, act: Callable[[Any], Any]) -> Any:
    """What the second one is told who has read the row before the first one's
    deletion is committed.
    """
    first, second = client_of(world.users["CEO"]), client_of(world.users["CEO"])
    answers: list[Any] = []

    def late() -> None:
        try:
            answers.append(act(second))
        finally:
            connection.close()

    thread = threading.Thread(target=late)
    with transaction.atomic():
        assert first.delete(path).status_code == 204
        thread.start()
        wait_until_held(1)
    thread.join(20)
    return answers[0]


@pytest.mark.parametrize("case", CASES)
def test_who_changes_it_meanwhile_is_told_that_it_is_not_there(case: str) -> None:
    world = World()
    address, make, body = CASES[case]
    row = make(world)
    path = f"{address}/{row.pk}"

    answer = while_it_is_deleted(world, path, lambda client: client.patch(path, body))

    assert_error(answer, 404, "not_found")
    assert not type(row)._default_manager.filter(pk=row.pk).exists()


@pytest.mark.parametrize("case", CASES)
def test_who_deletes_it_too_is_told_that_it_is_gone(case: str) -> None:
    world = World()
    address, make, _body = CASES[case]
    row = make(world)
    path = f"{address}/{row.pk}"

    answer = while_it_is_deleted(world, path, lambda client: client.delete(path))

    assert answer.status_code in (204, 404)
    assert not type(row)._default_manager.filter(pk=row.pk).exists()
