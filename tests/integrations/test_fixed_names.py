"""The names that clients rely on: each answer of integrations has them, whatever else it has."""

from typing import Any

import pytest

from core import runs
from core.models import Run
from integrations.models import Integration
from tests.integrations import chatwoot_cast
from tests.integrations.chatwoot_cast import chatwoot
from tests.integrations.conftest import API
from tests.integrations.hubspot_cast import NORTHWIND, hubspot
from tests.support import people
from tests.support.people import assert_error

__all__ = ["chatwoot", "hubspot"]
pytestmark = pytest.mark.django_db

INTEGRATION = {
    "id",
    "name",
    "type",
    "provider",
    "configuration",
    "isActive",
    "connectionStatus",
    "createdAt",
    "updatedAt",
}
STATUS = {"isConnected", "state", "lastChecked", "errorMessage", "nextStep"}
PROVIDER = {
    "key",
    "name",
    "type",
    "description",
    "icon",
    "features",
    "docsUrl",
    "minimumTier",
    "fields",
}
FIELD = {"name", "label", "type", "help", "sensitive", "validation"}
DEMO = {"id", "name", "websiteUrl", "inboxId", "botId", "websiteToken", "state"}
COUNTS = {"pulled", "created", "updated", "unchanged", "conflicts", "skipped", "pushed", "errors"}


@pytest.fixture
def ceo(northwind: Any) -> Any:
    return people.client_of(people.member("CEO", northwind, "ceo"))


def test_connecting(chatwoot: Any, ceo: Any) -> None:
    body = chatwoot_cast.given(chatwoot)
    for path in (API, f"{API}/create"):
        made = ceo.post(path, body)
        assert made.status_code == 201
        assert made.json()["success"] is True
        assert made.json()["integration"].keys() >= INTEGRATION
        assert made.json()["integration"]["connectionStatus"].keys() >= STATUS
    listed = ceo.get(API).json()
    assert listed["integrations"][0].keys() >= INTEGRATION
    assert listed["stats"].keys() >= {
        "totalIntegrations",
        "activeIntegrations",
        "inactiveIntegrations",
        "errorIntegrations",
    }
    own = f"{API}/{made.json()['integration']['id']}"
    assert ceo.get(own).json().keys() >= INTEGRATION
    for act in ("activate", "deactivate", "activate"):
        assert ceo.post(f"{own}/{act}").status_code == 200
    tested = ceo.post(f"{own}/test").json()
    assert tested.keys() >= {"success", "message", "details"}
    assert tested["details"].keys() >= {"accountInfo", "features", "version", "steps"}
    assert tested["details"]["steps"][0].keys() >= {"name", "state", "message"}
    masked = {
        **made.json()["integration"]["configuration"],
        "integrationId": made.json()["integration"]["id"],
    }
    tested = ceo.post(f"{API}/test", {"type": "HELPDESK", "configuration": masked}).json()
    assert tested["success"] is True
    assert ceo.get(f"{own}/logs").json()["results"]
    assert ceo.delete(own).status_code == 204


def test_refusing(ceo: Any, northwind: Any) -> None:
    wrong = {
        "name": "x",
        "type": "CRM",
        "configuration": {"provider": "HUBSPOT", "authType": "TOKEN"},
    }
    assert assert_error(ceo.post(API, wrong), 400)["fields"]
    northwind.tier = "FREE"
    northwind.save()
    wrong = {
        "name": "x",
        "type": "API",
        "configuration": {"provider": "API", "baseUrl": "https://api.example.com"},
    }
    answer = ceo.post(API, wrong)
    assert_error(answer, 403)
    assert (answer.json()["error"], answer.json()["requiredTier"]) == ("TIER_LIMIT", "PRO_PLUS")


def test_providers_templates_analytics(ceo: Any) -> None:
    providers = ceo.get(f"{API}/providers").json()
    assert {provider["key"] for provider in providers} >= {
        "CHATWOOT",
        "SALESFORCE",
        "HUBSPOT",
        "ZOHO",
        "PIPEDRIVE",
        "CUSTOM",
        "DATABASE",
        "API",
        "WEBHOOK",
    }
    for provider in providers:
        assert provider.keys() >= PROVIDER
        assert all(field.keys() >= FIELD for field in provider["fields"])
    assert ceo.get(f"{API}/templates").status_code == 200
    assert ceo.get(f"{API}/analytics?from=2026-03-01&to=2026-03-31").status_code == 200


def test_the_helpdesk(chatwoot: Any, ceo: Any) -> None:
    chatwoot_cast.connect(ceo, chatwoot)
    agent = ceo.post(
        f"{API}/chatwoot/create-user", {"name": "Desk", "password": chatwoot_cast.PASSWORD}
    )
    assert agent.status_code == 201
    agents = ceo.get(f"{API}/chatwoot/agents").json()
    assert agents.keys() >= {"agents", "limit", "used"}
    inboxes = ceo.get(f"{API}/chatwoot/inboxes").json()["inboxes"]
    wish = {"agentId": agents["agents"][0]["id"], "inboxId": inboxes[0]["id"]}
    for action in ("add", "remove"):
        assert (
            ceo.post(f"{API}/chatwoot/assign-agent", {**wish, "action": action}).status_code == 200
        )
    made = ceo.post(f"{API}/demos", {"name": "Shop", "websiteUrl": "https://shop.example"})
    assert made.status_code in (201, 202)
    for run in Run.objects.filter(state="queued"):
        runs.execute(run.pk)
    demo = ceo.get(f"{API}/demos/{made.json()['id']}").json()
    assert demo.keys() >= DEMO
    assert demo["state"] == "ready"
    assert ceo.get(f"{API}/demos").status_code == 200
    look = {
        "demoId": demo["id"],
        "position": "left",
        "type": "expanded_bubble",
        "launcherTitle": "Ask us",
    }
    assert "chatwootSettings" in ceo.post(f"{API}/widget-script", look).json()["script"]
    assert ceo.delete(f"{API}/demos/{demo['id']}").status_code == 204


def test_contacts(hubspot: Any, ceo: Any) -> None:
    own = f"{API}/{hubspot.signed_in(ceo, NORTHWIND).pk}"
    started = ceo.post(f"{own}/sync", {"direction": "pull", "dryRun": True})
    assert started.status_code == 202
    for run in Run.objects.filter(state="queued"):
        runs.execute(run.pk)
    run = Run.objects.get(kind="integrations.sync_contacts")
    assert run.counts.keys() >= COUNTS
    mapping = ceo.get(f"{own}/mapping").json()
    assert ceo.put(f"{own}/mapping", {"fields": mapping["fields"]}).status_code == 200
    assert ceo.get(f"{own}/conflicts").status_code == 200
    assert ceo.post(f"{own}/reconnect").json()["url"].startswith("http")
    assert ceo.post(f"{own}/disconnect").status_code == 200


def test_events_out(ceo: Any) -> None:
    configuration = {"provider": "WEBHOOK", "url": "https://hooks.example.com/koppel"}
    made = ceo.post(API, {"name": "Ours", "type": "WEBHOOK", "configuration": configuration}).json()
    assert made["secret"].startswith("whsec_")
    own = f"{API}/{made['integration']['id']}"
    assert "whsec_" not in str(ceo.get(own).json())
    for event in ceo.get(f"{API}/webhook-events").json():
        assert event.keys() >= {"name", "description", "schema", "example"}
    assert ceo.post(f"{own}/sample", {"event": "lead.created"}).status_code in (200, 201, 202)
    assert ceo.get(f"{own}/deliveries").status_code == 200
    assert ceo.post(f"{own}/recover", {"since": "2026-03-01T00:00:00Z"}).status_code in (200, 202)
    assert ceo.post(f"{own}/rotate-secret").json()["secret"].startswith("whsec_")
    assert Integration.objects.count() == 1
