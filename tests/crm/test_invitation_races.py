"""Invitations that are accepted, sent and withdrawn at once:
one wins, and everybody is answered.
"""

import threading
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction

from core.models import User
from crm import services
from crm.models import Member
from tests.crm.invited import NEW, invited, token_to
from tests.support.locks import wait_until_held
from tests.support.people import organization, person


def at_once(count: int, act: Any) -> list[str]:
    gate, outcomes = threading.Barrier(count), []

    def run(number: int) -> None:
        gate.wait()
        try:
            act(number)
            outcomes.append("in")
        except (ValidationError, services.InvitationGone) as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_use_one_link_at_once_one_gets_in(mailoutbox):
    token = token_to(invited(for_any_address=True), mailoutbox)
    people = [person() for _ in range(8)]
    outcomes = at_once(
        8, lambda number: services.accept_invitation(token=token, user=people[number])
    )
    assert outcomes == ["InvitationGone"] * 7 + ["in"]
    assert Member.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_invitations_of_one_new_person_accepted_at_once_one_makes_the_account(mailoutbox):
    tokens = [token_to(invited(organization(f"O{number}")), mailoutbox) for number in range(6)]
    outcomes = at_once(6, lambda number: services.accept_as_new_person(token=tokens[number], **NEW))
    assert outcomes == ["ValidationError"] * 5 + ["in"]
    assert (User.objects.count(), Member.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_of_many_invitations_of_one_address_at_once_one_stays_open():
    of = organization()
    outcomes = at_once(6, lambda _number: invited(of))
    assert outcomes == ["in"] * 6
    assert services.open_invitations().count() == 1


@pytest.mark.parametrize("table", ["crm_member", "core_user"])
@pytest.mark.django_db(transaction=True)
def test_a_link_is_used_while_its_address_is_invited_again_and_both_are_answered(table, mailoutbox):
    of, user = organization(), person("ada")
    address = "ada@example.com" if table == "crm_member" else "new@example.com"
    token = token_to(invited(of, address), mailoutbox)
    acts = {
        "crm_member": lambda: services.accept_invitation(token=token, user=user),
        "core_user": lambda: services.accept_as_new_person(token=token, **NEW),
    }
    outcomes: dict[str, Any] = {}

    def run(name: str, act: Any) -> None:
        try:
            act()
            outcomes[name] = "done"
        except (ValidationError, services.InvitationGone, OperationalError) as error:
            outcomes[name] = type(error).__name__
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=("accept", acts[table])),
        threading.Thread(target=run, args=("invite", lambda: invited(of, address))),
    ]
    # Both look into this table between the first thing that they lock and the second.
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        for thread in threads:
            thread.start()
        wait_until_held(2)
    for thread in threads:
        thread.join(30)
    # Whoever came first has won: the link was used and its person belongs here now,
    # or it was replaced by the new one.
    assert outcomes in (
        {"accept": "done", "invite": "ValidationError"},
        {"accept": "InvitationGone", "invite": "done"},
    )
    assert Member.objects.count() == (outcomes["accept"] == "done")
    assert services.open_invitations().count() == (outcomes["invite"] == "done")


@pytest.mark.django_db(transaction=True)
def test_a_link_that_is_used_while_its_organization_is_deleted_opens_nothing(mailoutbox):
    of, user = organization(), person("ada")
    token = token_to(invited(of), mailoutbox)
    outcomes: list[str] = []

    def accept() -> None:
        try:
            services.accept_invitation(token=token, user=user)
        except (ValidationError, services.InvitationGone, OperationalError) as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    thread = threading.Thread(target=accept)
    with transaction.atomic():
        services.delete_organization(organization=of, actor="test")
        thread.start()
        wait_until_held(1)
    thread.join(30)
    assert outcomes == ["InvitationGone"]
    assert Member.objects.count() == 0
