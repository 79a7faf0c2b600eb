"""The trial's people have work, once, however often it is loaded."""

import pytest

from core.models import User
from crm import access
from crm.models import Appointment, Contact, Lead, SalesRep, Team
from sandbox import demo

KINDS = (Team, SalesRep, Lead, Contact, Appointment)


@pytest.mark.django_db
def test_each_demo_person_sees_something_of_theirs_and_a_second_load_adds_nothing():
    demo.load("koppel-demo")
    first = [list(kind.objects.order_by("pk").values()) for kind in KINDS]
    assert all(first)
    seen = {
        name: access.appointments_for(User.objects.get(username=name)).count()
        for name in ("ops", "ceo", "manager", "closer", "setter", "outsider")
    }
    assert seen == {"ops": 6, "ceo": 5, "manager": 4, "closer": 4, "setter": 4, "outsider": 1}
    demo.load("koppel-demo")
    assert [list(kind.objects.order_by("pk").values()) for kind in KINDS] == first
