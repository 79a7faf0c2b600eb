"""What each tier may connect and switch on, generated: every provider,
as every type, in every tier.
"""

from typing import Any, Final

import pytest

from crm.models import Organization
from integrations import registry
from integrations.models import Integration
from tests.integrations.conftest import API
from tests.integrations.test_contract import CASES
from tests.support import people
from tests.support.people import assert_error
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db

TIERS: Final = ("FREE", "STARTER", "TEAM", "BUSINESS", "PRO_PLUS", "ENTERPRISE")
# As the seeds say it.
LOWEST: Final = {
    "CRM": "FREE",
    "HELPDESK": "FREE",
    "CALENDAR": "FREE",
    "CHAT_WIDGET": "STARTER",
    "DATABASE": "PRO_PLUS",
    "API": "PRO_PLUS",
    "WEBHOOK": "PRO_PLUS",
}
OTHERS: Final[dict[str, dict[str, Any]]] = {
    "DATABASE": {
        "engine": "POSTGRESQL",
        "host": "db.example.com",
        "database": "people",
        "user": "reader",
        "password": "reading-is-of-no-value",
        "query": "SELECT id, email FROM people",
        "mapping": {"email": "email"},
    },
    "WEBHOOK": {"url": "https://hooks.example.com/koppel"},
}
CASES_OF_TYPES: Final = [
    (provider.key, str(kind), tier)
    for provider in registry.PROVIDERS
    for kind in provider.types
    for tier in TIERS
]


def reaches(tier: str, kind: str) -> bool:
    return TIERS.index(tier) >= TIERS.index(LOWEST[kind])


def body(key: str, kind: str, sandbox: Sandbox) -> dict[str, Any]:
    configuration = OTHERS[key] if key in OTHERS else CASES[key].given(sandbox)
    return {"name": "Ours", "type": kind, "configuration": {**configuration, "provider": key}}


def refused(answer: Any, kind: str) -> None:
    assert_error(answer, 403)
    assert (answer.json()["error"], answer.json()["requiredTier"]) == ("TIER_LIMIT", LOWEST[kind])


@pytest.mark.parametrize(("key", "kind", "tier"), CASES_OF_TYPES)
def test_a_tier_connects_and_switches_on_what_it_reaches(
    key: str, kind: str, tier: str, sandbox: Sandbox
) -> None:
    organization = people.organization(tier=tier)
    ceo = people.client_of(people.member("CEO", organization, "ceo"))
    tried = ceo.post(f"{API}/test", body(key, kind, sandbox))
    if reaches(tier, kind):
        assert tried.status_code == 200, tried.content
    else:
        refused(tried, kind)
    answer = ceo.post(API, body(key, kind, sandbox))
    if reaches(tier, kind):
        assert answer.status_code == 201, answer.content
        assert answer.json()["integration"]["type"] == kind
    else:
        refused(answer, kind)
        assert not Integration.objects.exists()
        Organization.objects.update(tier="ENTERPRISE")
        answer = ceo.post(API, body(key, kind, sandbox))
        assert answer.status_code == 201, answer.content
        Organization.objects.update(tier=tier)
    # What was connected in a higher tier stays, is seen, tried and switched off: but not on again.
    made = answer.json()["integration"]
    own = f"{API}/{made['id']}"
    assert ceo.get(own).status_code == 200
    assert ceo.post(f"{own}/test").status_code == 200
    masked = {**made["configuration"], "integrationId": made["id"]}
    tried = ceo.post(f"{API}/test", {"type": kind, "configuration": masked})
    assert tried.status_code == 200, tried.content
    assert ceo.post(f"{own}/deactivate").status_code == 200
    switched_on = ceo.post(f"{own}/activate")
    if reaches(tier, kind):
        assert switched_on.json()["integration"]["isActive"] is True
    else:
        refused(switched_on, kind)
        assert Integration.objects.get().is_active is False
    assert ceo.delete(own).status_code == 204


def test_every_type_of_the_seeds_is_in_the_matrix() -> None:
    assert set(LOWEST) == set(Integration.Type.values)
    assert set(TIERS) == set(Organization.Tier.values)
