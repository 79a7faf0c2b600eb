"""What is for staff alone is refused to everybody else, whatever it is and whether it exists."""

import pytest

from core.signin import roles
from crm.models import Member
from tests.support import staff_only
from tests.support.addresses import every_address
from tests.support.people import member, organization, staff
from tests.support.visitor import Visitor

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ADDRESSES = staff_only.addresses()


@pytest.mark.parametrize("role", Member.Role.values)
def test_whoever_is_no_staff_is_refused_whatever_their_role(role, subtests):
    visitor = Visitor(member(role, organization()))
    for address in ADDRESSES:
        path = staff_only.filled(address)
        # The API says that it is for others; a page is not there.
        refusals = (403, 405) if address.is_api else (404, 405)
        for method in METHODS:
            with subtests.test(f"{method} {path}"):
                assert visitor.ask(address, method, path).status_code in refusals


def test_auditors_read_the_logs_and_nothing_else_of_it(subtests):
    auditor = Visitor(staff(roles.AUDITOR))
    for address in ADDRESSES:
        path = staff_only.filled(address)
        allowed = (200, 404) if address.name in staff_only.LOGS else (403, 405)
        with subtests.test(path):
            assert auditor.ask(address, "GET", path).status_code in allowed
            for method in METHODS[1:]:
                assert auditor.ask(address, method, path).status_code in (403, 405)


def test_viewers_change_nothing(subtests):
    viewer = Visitor(staff(roles.OPERATIONS_VIEWER))
    for address in ADDRESSES:
        path = staff_only.filled(address)
        for method in METHODS[1:]:
            with subtests.test(f"{method} {path}"):
                assert viewer.ask(address, method, path).status_code in (403, 404, 405)


def test_all_of_email_bison_is_for_staff():
    assert len(ADDRESSES) > 40


@pytest.mark.parametrize("role", [None, "CEO"])
def test_the_admin_is_for_staff(role, subtests):
    visitor = Visitor(member(role, organization()) if role else None)
    for address in every_address():
        if not address.is_admin:
            continue
        path = address.fill(**dict.fromkeys(address.parameters, "x"))
        for method in ("GET", "POST"):
            with subtests.test(f"{method} {path}"):
                assert visitor.ask(address, method, path).status_code in (302, 403, 404, 405)
