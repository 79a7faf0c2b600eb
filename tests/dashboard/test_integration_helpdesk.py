"""The pages of a helpdesk: agents, inboxes, demos and the widget."""

from typing import Any

import pytest

from core import runs
from core.models import Run
from crm.models import Organization
from integrations.models import Demo, HelpdeskAgent
from sandbox.vendors import demo_keys
from tests.dashboard.conftest import signed_in
from tests.integrations.chatwoot_cast import PASSWORD, WEBSITE, facts
from tests.support import people

pytestmark = pytest.mark.django_db
LIST = "/dashboard/integrations"
DESK, DEMOS = f"{LIST}/helpdesk", f"{LIST}/demos"


@pytest.fixture
def hers(northwind) -> Any:
    return signed_in(people.member("CLOSER", northwind, "anna"))


def page_of(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content
    return str(answer.content.decode())


def test_without_a_chatwoot_the_page_says_how_to_get_one(hers):
    page = page_of(hers, DESK)
    assert "Connect Chatwoot" in page
    assert "Agents and inboxes" not in page_of(hers, LIST)
    assert hers.post(DESK, {"name": "Front Desk", "password": PASSWORD}).status_code == 404


def test_agents_are_made_within_the_tier_and_put_into_inboxes(hers, installation, northwind):
    assert "Agents and inboxes" in page_of(hers, LIST)
    answer = hers.post(DESK, {"name": "Front Desk", "password": "short"})
    assert "It needs at least 8 characters." in answer.content.decode()
    assert hers.post(DESK, {"name": "Front Desk", "password": PASSWORD}).status_code == 302
    page = page_of(hers, DESK)
    assert "anna+front-desk@example.com" in page
    assert PASSWORD not in page
    assert "Agents of your plan used: 1 of 3." in page
    Organization.objects.update(tier="FREE")
    answer = hers.post(DESK, {"name": "Second", "password": PASSWORD}).content.decode()
    assert "The plan Starter has room for more." in answer
    assert HelpdeskAgent.objects.count() == 1


def test_who_answers_where_is_changed_by_one_button(hers, chatwoot):
    entered = {
        "provider": "CHATWOOT",
        "type": "HELPDESK",
        "integration_name": "Our Chatwoot",
        "baseUrl": chatwoot.url("chatwoot"),
        "accountId": "1",
        "apiKey": demo_keys.CHATWOOT_ADMIN_TOKEN,
    }
    assert hers.post(f"{LIST}/new", entered).status_code == 302
    page = page_of(hers, DESK)
    assert "Northwind Support website" in page
    agent = next(row for row in facts(chatwoot)["agents"] if row["name"] == "Teun Bakker")
    inbox = next(row for row in facts(chatwoot)["inboxes"] if row["name"] == "Mail of the API")
    wish = {"agent": agent["id"], "inbox": inbox["id"]}
    answer = hers.post(f"{DESK}/assign", {**wish, "action": "add"}, follow=True).content.decode()
    assert "answers in this inbox now" in answer
    answer = hers.post(f"{DESK}/assign", {**wish, "action": "remove"}, follow=True).content.decode()
    assert "no longer answers" in answer
    assert hers.post(f"{DESK}/assign", {**wish, "action": "both"}).status_code == 400
    answer = hers.post(
        f"{DESK}/assign", {**wish, "inbox": 999, "action": "add"}, follow=True
    ).content.decode()
    assert "There is no such inbox." in answer


def test_a_demo_is_made_and_its_widget_shown_and_both_deleted(hers, installation):
    assert "No demos yet" in page_of(hers, DEMOS)
    answer = hers.post(DEMOS, {"name": "Shop", "website_url": "shop"}).content.decode()
    assert "Enter the address of a website" in answer
    assert hers.post(DEMOS, {"name": "Shop", "website_url": WEBSITE}).status_code == 302
    runs.execute(Run.objects.latest("created_at").pk)
    assert "Shop" in page_of(hers, DEMOS)
    demo = Demo.objects.get()
    address = f"{DEMOS}/{demo.pk}/widget"
    page = page_of(hers, address)
    assert demo.website_token in page
    title = "</script><b>'\""
    answer = hers.get(
        address, {"position": "left", "type": "expanded_bubble", "launcher_title": title}
    )
    page = answer.content.decode()
    assert "position=left" in page
    assert "</script><b>" not in page
    part = hers.get(address, {"position": "left", "locale": "x!"}, headers={"HX-Request": "true"})
    assert "Enter a language" in part.content.decode()
    Organization.objects.update(tier="FREE")
    assert "Your plan does not include this. The plan Starter does." in page_of(hers, address)
    assert hers.post(f"{DEMOS}/{demo.pk}/delete").status_code == 302
    assert not Demo.objects.exists()
