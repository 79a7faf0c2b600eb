"""What the tests of syncs share: the stand-in behind an account, reps of its cast,
and a finished run.
"""

from typing import Any

from core import runs
from core.models import Run
from core.redis import connection as redis_connection
from crm import services
from crm.models import Organization, SalesRep
from fathom_sync import accounts
from fathom_sync.models import FathomAccount
from fathom_sync.syncs import sync
from sandbox.vendors.fathom import DEMO_KEYS

CHLOE = "chloe.martin@example.com"
CHLOES_ALIAS = "c.martin@example.com"


def free_the_quota() -> None:
    """As if a minute had passed."""
    for key in redis_connection().scan_iter("koppel:*fathom*"):
        redis_connection().delete(key)


def point_at(sandbox: Any, settings: Any, monkeypatch: Any) -> Any:
    settings.FATHOM_API_BASE_URL = sandbox.url("fathom", "/external/v1")
    monkeypatch.delenv("FATHOM_API_KEY", raising=False)
    free_the_quota()
    return sandbox


def keyed(account: FathomAccount, key: str) -> FathomAccount:
    accounts.save(account, api_key=key, actor="test")
    return account


def installation(key: str = DEMO_KEYS[0]) -> FathomAccount:
    return keyed(accounts.installation(), key)


def own_account(organization: Organization, key: str = DEMO_KEYS[1]) -> FathomAccount:
    return keyed(accounts.account_for(organization), key)


def chloe(organization: Organization, **values: Any) -> SalesRep:
    return services.create_rep(
        organization=organization, name="Chloe Martin", email=CHLOE, **values
    )


def synced(account: FathomAccount, **options: Any) -> Run:
    """A sync from start to end, in this process."""
    free_the_quota()
    run, _started = sync.start_sync(account, trigger="test", **options)
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


def recorded_by(sandbox: Any, *addresses: str) -> set[str]:
    """The ids of the meetings that the stand-in has of these people."""
    facts = sandbox.act("fathom", "facts")
    return {str(fact["recording_id"]) for fact in facts if fact["recorded_by"].lower() in addresses}
