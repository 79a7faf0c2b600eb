"""People who have a Chatwoot, which is the stand-in; and what there is at it."""

from typing import Any

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from core import runs
from core.models import Run
from integrations.models import Integration
from sandbox.vendors import demo_keys
from tests.integrations.conftest import API
from tests.support.sandbox import Sandbox

PASSWORD = "Str0ng!enough"
WEBSITE = "https://shop.example"


@pytest.fixture
def chatwoot(sandbox: Sandbox, settings: Settings) -> Sandbox:
    """The stand-in, allowed by the address guard; nobody is connected to it,
    and no platform app is known.
    """
    cache.clear()
    settings.CHATWOOT_PLATFORM_TOKEN = ""
    sandbox.turn("chatwoot", rate_limits=False)
    return sandbox


@pytest.fixture
def installation(chatwoot: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """The same, set for the whole installation by the environment."""
    monkeypatch.setenv("CHATWOOT_BASE_URL", chatwoot.url("chatwoot"))
    monkeypatch.setenv("CHATWOOT_ACCOUNT_ID", "1")
    monkeypatch.setenv("CHATWOOT_API_KEY", demo_keys.CHATWOOT_ADMIN_TOKEN)
    return chatwoot


def given(chatwoot: Sandbox, **values: Any) -> dict[str, Any]:
    """Return a body that connects account 1 as its administrator."""
    configuration = {
        "provider": "CHATWOOT",
        "baseUrl": chatwoot.url("chatwoot"),
        "accountId": "1",
        "apiKey": demo_keys.CHATWOOT_ADMIN_TOKEN,
        **values,
    }
    return {"name": "Our Chatwoot", "type": "HELPDESK", "configuration": configuration}


def connect(client: Any, chatwoot: Sandbox, **values: Any) -> dict[str, Any]:
    """Connect it, and return the integration as the API answers it."""
    answer = client.post(API, given(chatwoot, **values))
    assert answer.status_code == 201, answer.content
    return answer.json()["integration"]


def connected(client: Any, chatwoot: Sandbox, **values: Any) -> Integration:
    """Connect it, and return the row."""
    return Integration.objects.get(pk=connect(client, chatwoot, **values)["id"])


def facts(chatwoot: Sandbox, account: int = 1) -> dict[str, Any]:
    """Return all that an account has at the vendor."""
    return chatwoot.act("chatwoot", "facts", account=account)


def agent(client: Any, name: str = "Front desk", password: str = PASSWORD, at: str = "") -> Any:
    return client.post(f"{API}/chatwoot/create-user{at}", {"name": name, "password": password})


def demo(client: Any, name: str = "Shop", website: str = WEBSITE, **more: Any) -> Any:
    """Ask for a demo, and have its run done as a worker does."""
    answer = client.post(f"{API}/demos", {"name": name, "websiteUrl": website, **more})
    if answer.status_code == 202:
        work()
    return answer


def work() -> None:
    """Do what is queued."""
    for run in Run.objects.filter(state=Run.State.QUEUED).order_by("pk"):
        runs.execute(run.pk)


def made_by_us(chatwoot: Sandbox) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the inboxes and the bots beyond those that the account begins with."""
    found = facts(chatwoot)
    inboxes = [
        row
        for row in found["inboxes"]
        if row["name"] not in {"Northwind Support website", "Mail of the API"}
    ]
    return inboxes, found["bots"]
