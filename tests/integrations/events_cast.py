"""Endpoints of an organization, and somebody who receives what they are sent."""

import json
from typing import Any

import pytest
import standardwebhooks
import svix
import time_machine

from core.models import User
from crm import services
from crm.models import Lead, Organization
from integrations.events import emit, rounds
from integrations.models import Delivery, Integration
from integrations.services import create
from tests.support import people
from tests.support.sandbox import Sandbox

API = "/api/dashboard/integrations"


class Receiver:
    """What came to the stand-in, by the name of the endpoint."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def url(self, name: str = "orders") -> str:
        return self.sandbox.url("receiver", f"/hooks/{name}")

    def turn(self, **switches: Any) -> None:
        self.sandbox.turn("receiver", **switches)

    def came(self, name: str = "orders") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sandbox.act("receiver", "received", hook=name)
        return found

    def effects(self, name: str = "orders") -> dict[str, Any]:
        found: dict[str, Any] = self.sandbox.act("receiver", "effects", hook=name)
        return found

    def bodies(self, name: str = "orders") -> list[Any]:
        return [json.loads(entry["body"]) for entry in self.came(name)]


@pytest.fixture
def receiver(sandbox: Sandbox) -> Receiver:
    return Receiver(sandbox)


@pytest.fixture
def boss(northwind: Organization) -> Any:
    """The CEO, signed in."""
    return people.client_of(people.member("CEO", northwind, "boss"))


def endpoint(client: Any, url: str, **configuration: Any) -> tuple[Integration, str]:
    """Make an endpoint over the API; return it with its secret."""
    body = {
        "name": "Our orders",
        "type": "WEBHOOK",
        "configuration": {"provider": "WEBHOOK", "url": url},
    }
    body["configuration"] |= configuration
    answer = client.post(API, body)
    assert answer.status_code == 201, answer.content
    made = answer.json()
    return Integration.objects.get(pk=made["integration"]["id"]), made["secret"]


def endpoint_of(owner: User, organization: Organization, *, name: str, url: str) -> Delivery:
    """Make an endpoint without the API, whatever the tier; return what it is owed of one event."""
    given = {"provider": "WEBHOOK", "url": url}
    before = organization.tier
    organization.tier = Organization.Tier.PRO_PLUS
    made = create(organization, owner, name=name, kind="WEBHOOK", given=given).integration
    organization.tier = before
    emit(organization.pk, "lead.deleted", {"id": str(made.pk)})
    return Delivery.objects.get(integration=made)


def lead(organization: Organization, name: str = "Ada Lovelace") -> Lead:
    """Make a lead as people do."""
    return services.create_lead(organization=organization, name=name, email="ada@example.com")


def deliver() -> int:
    """Work off what is due."""
    return rounds.deliver(seconds=20)


def verified(entry: dict[str, Any], secret: str) -> Any:
    """Let both libraries judge what came, at the moment at which it was sent; return the body."""
    body, headers = entry["body"].encode(), entry["headers"]
    with time_machine.travel(int(headers["webhook-timestamp"]), tick=False):
        svix.Webhook(secret).verify(body, headers)
        return standardwebhooks.Webhook(secret).verify(body, headers)
