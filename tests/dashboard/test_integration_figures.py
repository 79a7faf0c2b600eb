"""The page of figures of integrations, and what the list says about the services
that colleagues use.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.connections import Connection
from core.models import VendorAccount
from core.signin import roles
from crm.models import Organization
from dashboard.integrations import figures
from integrations import services
from integrations.models import Integration
from tests.dashboard.conftest import signed_in
from tests.integrations.test_analytics import called
from tests.integrations.toys import integration_of
from tests.support import people

pytestmark = pytest.mark.django_db
LIST = "/dashboard/integrations"
PAGE = f"{LIST}/analytics"


@pytest.fixture
def anna(northwind: Organization) -> Any:
    return people.member("CLOSER", northwind, "anna")


@pytest.fixture
def hers(anna: Any) -> Client:
    return signed_in(anna)


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.content
    return str(answer.content.decode())


def works(
    owner: Any, organization: Organization, name: str, *, is_shared: bool = False
) -> Integration:
    made = integration_of(owner, organization, name=name)
    VendorAccount.objects.filter(pk=made.account_id).update(state=Connection.CONNECTED)
    if is_shared:
        services.share(made, is_shared=True, actor=owner)
    return made


def test_calls_are_shown_by_day_and_one_by_one_with_their_logs(hers, anna, northwind):
    busy, quiet = (
        integration_of(anna, northwind, name="Busy"),
        integration_of(anna, northwind, name="Quiet"),
    )
    today = timezone.now().date()
    for number in range(4):
        called(busy, today, success=number != 0)
    called(busy, today - timedelta(days=20), took=900)
    page = text_of(hers.get(PAGE))
    assert "80 %" in page
    assert "Calls by the day" in page
    assert "Response times by the day" in page
    assert page.index("Busy") < page.index("Quiet")
    assert f'href="{LIST}/{busy.pk}/logs?period=30"' in page
    week = text_of(hers.get(f"{PAGE}?period=7"))
    assert "75 %" in week
    assert f'href="{LIST}/{quiet.pk}/logs?period=7"' in week
    assert "period=90" in week
    assert "period=year" not in week


def test_a_figure_is_held_against_the_period_before_while_its_calls_are_kept(hers, anna, northwind):
    busy = integration_of(anna, northwind, name="Busy")
    today = timezone.now().date()
    for _number in range(3):
        called(busy, today)
    called(busy, today - timedelta(days=8))
    assert "200 % more than in the 7 days before" in text_of(hers.get(f"{PAGE}?period=7"))
    assert "stat-delta" not in text_of(hers.get(f"{PAGE}?period=90"))


def test_odd_days_are_cut_to_what_is_kept(hers, anna, northwind):
    integration_of(anna, northwind)
    long = text_of(hers.get(f"{PAGE}?since=2020-01-01"))
    assert "what is older is not counted" in long
    assert "what is older is not counted" not in text_of(hers.get(PAGE))
    for query in (
        "since=2098-01-01",
        "period=nonsense",
        "since=x&until=2020-01-01",
        "until=2001-01-01",
    ):
        text_of(hers.get(f"{PAGE}?{query}"))


def test_without_calls_and_without_integrations_it_says_so(hers, anna, northwind):
    page = text_of(hers.get(PAGE))
    assert "Nothing is connected yet" in page
    assert "period-menu" not in page
    assert PAGE not in text_of(hers.get(LIST))
    integration_of(anna, northwind)
    page = text_of(hers.get(PAGE))
    assert "Nothing was asked of your services in these days." in page
    assert "Calls by the day" not in page
    assert f'href="{PAGE}"' in text_of(hers.get(LIST))


def test_nobody_sees_what_is_not_theirs_and_staff_choose(hers, anna, northwind, contoso, outsider):
    hers_alone = integration_of(anna, northwind, name="Of Northwind")
    called(hers_alone, timezone.now().date())
    stranger = people.member("CLOSER", contoso, "stranger")
    integration_of(stranger, contoso, name="Of Contoso")
    assert "Of Contoso" not in text_of(hers.get(PAGE))
    assert "Of Northwind" not in text_of(outsider.get(PAGE))
    for role in (roles.OPERATIONS_ADMIN, roles.OPERATIONS_VIEWER, roles.AUDITOR):
        client = signed_in(people.staff(role, role))
        every = text_of(client.get(PAGE))
        assert "Of Contoso" in every
        assert "Of Northwind" in every
        assert "Of Contoso" not in text_of(client.get(f"{PAGE}?organization={northwind.pk}"))
    assert hers.post(PAGE).status_code == 405
    assert Client().get(PAGE).status_code == 302


def test_it_costs_the_same_for_one_and_for_many(hers, anna, northwind, monkeypatch):
    called(integration_of(anna, northwind), timezone.now().date())
    cache.clear()
    hers.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        hers.get(PAGE)
    for number in range(4):
        called(integration_of(anna, northwind, name=f"Toys {number}"), timezone.now().date())
    with CaptureQueriesContext(connection) as many:
        hers.get(PAGE)
    assert len(many) == len(few)
    assert len(few) == 8, [query["sql"] for query in few]
    monkeypatch.setattr(figures, "SHOWN", 2)
    page = text_of(hers.get(PAGE))
    assert "The 2 busiest of 5" in page
    assert page.count("/logs?period=30") == 2


def test_the_list_says_what_colleagues_use(hers, anna, northwind):
    ada = people.member("SETTER", northwind, "ada")
    ada.first_name = "Ada"
    ada.save()
    works(ada, northwind, "Ada's toys", is_shared=True)
    hers.get(LIST)
    with CaptureQueriesContext(connection) as few:
        page = text_of(hers.get(LIST))
    Integration.objects.update(is_shared=False)
    page = text_of(hers.get(LIST))
    assert "Your team uses Toybox: 1 colleague." in page
    assert "shared with you" not in page
    for name in ("ben", "cas"):
        works(people.member("SETTER", northwind, name), northwind, name)
    shared = works(ada, northwind, "Ada's second", is_shared=True)
    with CaptureQueriesContext(connection) as many:
        page = text_of(hers.get(LIST))
    assert (len(few), len(many)) == (16, 16)
    assert "Your team uses Toybox: 3 colleagues." in page
    assert "Use the one of Ada, which is shared with you" in page
    assert f'href="{LIST}/{shared.pk}"' in page
    works(anna, northwind, "Our toys")
    assert "Your team uses" not in text_of(hers.get(LIST))


def test_nothing_is_recommended_to_staff_or_beyond_the_wall_or_the_tier(
    hers, ops, outsider, northwind, contoso
):
    ada = people.member("SETTER", northwind, "ada")
    works(ada, northwind, "Ada's toys")
    assert "Your team uses" in text_of(hers.get(LIST))
    assert "Your team uses" not in text_of(outsider.get(LIST))
    assert "Your team uses" not in text_of(ops.get(f"{LIST}?organization={northwind.pk}"))
