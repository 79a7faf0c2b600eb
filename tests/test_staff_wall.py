"""What is for staff alone is refused to everybody else, whatever it is and whether it exists."""

from uuid import uuid4

import pytest

from core.signin import roles
from crm.models import Member
from tests.support.addresses import every_address
from tests.support.people import member, organization, staff
from tests.support.staff_only import STAFF
from tests.support.visitor import Visitor

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ADDRESSES = [address for address in every_address() if address.name in STAFF]


@pytest.mark.parametrize("role", Member.Role.values)
def test_what_is_for_staff_is_403_for_every_role(role, subtests):
    visitor = Visitor(member(role, organization()))
    for address in ADDRESSES:
        path = address.fill(**dict.fromkeys(address.parameters, uuid4()))
        for method in METHODS:
            with subtests.test(f"{method} {path}"):
                assert visitor.ask(address, method, path).status_code in (403, 405)


def test_auditors_have_nothing_of_it_and_viewers_change_nothing(subtests):
    auditor, viewer = Visitor(staff(roles.AUDITOR)), Visitor(staff(roles.OPERATIONS_VIEWER))
    for address in ADDRESSES:
        path = address.fill(**dict.fromkeys(address.parameters, uuid4()))
        with subtests.test(path):
            assert auditor.ask(address, "GET", path).status_code in (403, 405)
            for method in METHODS[1:]:
                assert viewer.ask(address, method, path).status_code in (403, 405)


def test_every_one_of_them_exists():
    assert {address.name for address in ADDRESSES} == STAFF
