"""What every provider keeps to: each fault of its service is one error with advice,
and no secret is told anywhere.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest
from django.core.cache import cache

from core.http import call_log
from core.models import ApiCall, AuditEvent, Incident, VendorAccount
from integrations import registry, tasks
from integrations.models import Integration
from sandbox.vendors.anycrm.vendor import TOKEN as ANYCRM_TOKEN
from sandbox.vendors.demo_keys import CHATWOOT_ADMIN_TOKEN
from sandbox.vendors.hubspot.cast import KEYS as HUBSPOT_KEYS
from sandbox.vendors.oauth_server import CLIENT_ID, CLIENT_SECRET
from sandbox.vendors.pipedrive.cast import KEYS as PIPEDRIVE_KEYS
from tests.integrations import anycrm_cast
from tests.integrations.conftest import API
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db

BAD_KEY, BUSY = "BAD_CREDENTIALS", "RATE_LIMITED"
REFUSED, WRONG, DOWN = "REJECTED", "MISCONFIGURED", "UNREACHABLE"
# What each fault may be; a vendor's own documents decide between them.
FAULTS: Final[dict[str, set[str]]] = {
    "unauthorized": {BAD_KEY},
    "forbidden": {BAD_KEY, REFUSED},
    "not_found": {REFUSED, WRONG, BAD_KEY},
    "rate_limited": {BUSY},
    "error": {DOWN},
    "html": {WRONG, DOWN, REFUSED},
    "malformed": {DOWN, REFUSED, WRONG},
    "cut": {DOWN},
}
# Beyond any patience of ours.
NEVER: Final = 200.0
SHORT: Final = 0.01
PIPEDRIVE_TOKEN: Final = PIPEDRIVE_KEYS["Northwind, administrator"].token


@dataclass(frozen=True)
class Case:
    """How a provider is connected to its stand-in, and what of that is secret."""

    vendor: str
    given: Callable[[Sandbox], dict[str, Any]]
    secrets: tuple[str, ...]
    kind: str = "CRM"


def _api(sandbox: Sandbox) -> dict[str, Any]:
    listed = anycrm_cast.PAGINGS["PAGE"]
    return {
        "baseUrl": sandbox.url("anycrm"),
        **anycrm_cast.SIGN_INS["bearer"],
        "path": f"/v1{listed['contactsPath']}",
        "itemsPath": listed["itemsPath"],
        "paging": listed["paging"],
        "mapping": anycrm_cast.MAPPING,
    }


CASES: Final = {
    "HUBSPOT": Case(
        "hubspot",
        lambda sandbox: {"authType": "TOKEN", "accessToken": HUBSPOT_KEYS["Northwind"].token},
        (HUBSPOT_KEYS["Northwind"].token,),
    ),
    "PIPEDRIVE": Case(
        "pipedrive",
        lambda sandbox: {"authType": "TOKEN", "apiToken": PIPEDRIVE_TOKEN},
        (PIPEDRIVE_TOKEN,),
    ),
    "SALESFORCE": Case(
        "salesforce",
        lambda sandbox: {
            "authType": "CLIENT_CREDENTIALS",
            "myDomain": "northwind.my.salesforce.com",
            "clientId": CLIENT_ID,
            "clientSecret": CLIENT_SECRET,
        },
        (CLIENT_SECRET,),
    ),
    "ZOHO": Case(
        "zoho",
        lambda sandbox: {
            "authType": "CLIENT_CREDENTIALS",
            "dataCenter": "eu",
            "clientId": CLIENT_ID,
            "clientSecret": CLIENT_SECRET,
            "organizationId": "20091234567",
        },
        (CLIENT_SECRET,),
    ),
    "CHATWOOT": Case(
        "chatwoot",
        lambda sandbox: {
            "baseUrl": sandbox.url("chatwoot"),
            "accountId": "1",
            "apiKey": CHATWOOT_ADMIN_TOKEN,
        },
        (CHATWOOT_ADMIN_TOKEN,),
        "HELPDESK",
    ),
    "CUSTOM": Case(
        "anycrm", lambda sandbox: anycrm_cast.given(sandbox)["configuration"], (ANYCRM_TOKEN,)
    ),
    "API": Case("anycrm", _api, (ANYCRM_TOKEN,), "API"),
}
# Databases speak no HTTP (test_database.py, test_database_hosts.py).
# Of an endpoint any answer will do, and what it makes of events is test_events_delivered.py's.
OTHERS: Final = {"DATABASE", "WEBHOOK"}


@pytest.fixture(params=sorted(CASES))
def provider(
    request: pytest.FixtureRequest, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> str:
    """One provider, set up on this installation to speak to its stand-in."""
    key: str = request.param
    cache.clear()
    monkeypatch.setenv(f"{key}_BASE_URL", sandbox.url(CASES[key].vendor))
    monkeypatch.setenv(f"{key}_CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv(f"{key}_CLIENT_SECRET", CLIENT_SECRET)
    return key


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the pauses between attempts short."""
    pause = time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: pause(min(seconds, SHORT)))


def body(key: str, sandbox: Sandbox) -> dict[str, Any]:
    configuration = {**CASES[key].given(sandbox), "provider": key}
    return {"name": f"Our {key}", "type": CASES[key].kind, "configuration": configuration}


def evidence_of(closer: Any, *answers: Any) -> str:
    """Return everything that is kept, logged or answered of what was done."""
    call_log.flush()
    kept = [
        list(model.objects.values())
        for model in (ApiCall, AuditEvent, Incident, VendorAccount, Integration)
    ]
    pages = [closer.get(path).content.decode() for path in (API, f"{API}/providers")]
    return "\n".join([str(kept), *pages, *map(str, answers)])


def test_every_provider_is_held_to_it() -> None:
    assert {provider.key for provider in registry.PROVIDERS} == {*CASES, *OTHERS}


def test_it_connects_and_says_whose_it_is(provider: str, sandbox: Sandbox, closer: Any) -> None:
    tested = closer.post(f"{API}/test", body(provider, sandbox)).json()
    assert (tested["success"], tested.get("error")) == (True, None), tested
    assert {step["state"] for step in tested["details"]["steps"]} == {"passed"}
    assert len(tested["details"]["steps"]) >= 2
    made = closer.post(API, body(provider, sandbox))
    assert made.status_code == 201, made.content
    tasks.check(made.json()["integration"]["id"])
    shown = closer.get(f"{API}/{made.json()['integration']['id']}")
    assert shown.json()["connectionStatus"]["isConnected"] is True
    everything = evidence_of(closer, tested, made.content.decode(), shown.content.decode())
    for secret in CASES[provider].secrets:
        assert secret not in everything


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_each_fault_is_one_error_with_advice(
    provider: str, fault: str, sandbox: Sandbox, closer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    made = closer.post(API, body(provider, sandbox)).json()["integration"]
    sandbox.fault(CASES[provider].vendor, fault, retry_after="3000")
    tested = closer.post(f"{API}/{made['id']}/test").json()
    assert tested["success"] is False
    assert tested["error"] in FAULTS[fault], tested
    states = [step["state"] for step in tested["details"]["steps"]]
    failed = states.index("failed")
    assert set(states[:failed]) <= {"passed"}
    assert set(states[failed + 1 :]) <= {"skipped"}
    advice = tested["details"]["steps"][failed]["message"]
    assert len(advice) > 20
    assert advice == tested["message"]
    status = closer.get(f"{API}/{made['id']}").json()["connectionStatus"]
    assert status["isConnected"] is False
    account = VendorAccount.objects.get(integration=made["id"])
    everything = evidence_of(closer, tested, status, repr(account), caplog.text)
    for secret in CASES[provider].secrets:
        assert secret not in everything


@pytest.mark.prove
def test_a_service_that_never_answers_is_given_up(
    provider: str, sandbox: Sandbox, closer: Any
) -> None:
    sandbox.fault(CASES[provider].vendor, "latency", seconds=NEVER)
    tested = closer.post(f"{API}/test", body(provider, sandbox)).json()
    assert (tested["success"], tested["error"]) == (False, DOWN)
