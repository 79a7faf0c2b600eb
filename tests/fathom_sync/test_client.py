"""Fathom's limits and odd answers: heavy and light calls, the low limit under load,
lists that are read leniently.
"""

import pytest

from core.errors import BadCredentials, RateLimited, Rejected, Temporary
from core.http import Limits
from core.redis import connection as redis_connection
from fathom_sync import accounts
from fathom_sync.client import FathomClient, NoKey
from sandbox.vendors.fathom import DEMO_KEYS

pytestmark = pytest.mark.django_db

HEAVY = [("include_transcript", "true")]
AT_ONCE = Limits(attempts=1, quota_wait=0.1, total=10)


@pytest.fixture(autouse=True)
def fathom(sandbox, settings, monkeypatch):
    settings.FATHOM_API_BASE_URL = sandbox.url("fathom", "/external/v1")
    monkeypatch.delenv("FATHOM_API_KEY", raising=False)
    forget()
    yield sandbox
    forget()


def forget():
    for pattern in ("koppel:quota:*", "koppel:fathom:*"):
        for key in redis_connection().scan_iter(pattern):
            redis_connection().delete(key)


def client(key=DEMO_KEYS[0], limits=AT_ONCE):
    account = accounts.installation()
    accounts.save(account, api_key=key, actor="a test")
    return FathomClient(account, limits=limits)


def granted(ask, most=70):
    """How many calls are let out before our own quota says wait."""
    for number in range(most):
        try:
            ask()
        except RateLimited as error:
            # -1: not ours but Fathom's limit was met, so that ours let too much through.
            return -1 if error.status else number
    return most


def test_sixty_calls_a_minute_go_out_and_thirty_of_them_may_be_heavy(fathom):
    fathom.turn("fathom", meetings=3)
    api = client()
    assert granted(lambda: api.meetings(HEAVY)) == 30
    assert granted(api.teams) == 30
    assert len(fathom.journal("fathom")) == 60


def test_two_accounts_with_one_key_share_its_quota_and_other_keys_have_their_own(fathom):
    fathom.turn("fathom", meetings=3)
    first = client()
    assert granted(lambda: first.meetings(HEAVY)) == 30
    again = FathomClient(accounts.installation(), limits=AT_ONCE)
    assert granted(lambda: again.meetings(HEAVY)) == 0
    assert granted(lambda: client(DEMO_KEYS[1]).meetings(HEAVY), 5) == 5


def test_when_fathom_refuses_heavy_calls_everybody_keeps_to_five_a_minute(fathom):
    fathom.turn("fathom", meetings=3)
    api = client()
    fathom.fault("fathom", "rate_limited", retry_after="0", times=1)
    with pytest.raises(RateLimited) as refused:
        api.meetings(HEAVY)
    assert refused.value.status == 429
    fathom.heal("fathom")
    fathom.turn("fathom", heavy_limit=5)
    another = FathomClient(accounts.installation(), limits=AT_ONCE)
    # One of the five was the refused one.
    assert granted(lambda: another.meetings(HEAVY)) == 4
    assert granted(another.teams, 10) == 10


def test_a_refused_light_call_says_nothing_of_the_heavy_limit(fathom):
    fathom.turn("fathom", meetings=3)
    api = client()
    fathom.fault("fathom", "rate_limited", retry_after="0", times=1)
    with pytest.raises(RateLimited):
        api.teams()
    assert granted(lambda: api.meetings(HEAVY), 8) == 8


@pytest.mark.parametrize("status", ["unauthorized", "forbidden"])
def test_a_key_of_a_deactivated_person_is_a_bad_key_whatever_the_status(fathom, status):
    fathom.fault("fathom", status)
    with pytest.raises(BadCredentials):
        client().teams()


@pytest.mark.parametrize("fault", ["malformed", "cut", "empty"])
def test_an_answer_that_is_no_list_is_temporary_and_loses_nothing(fathom, fault):
    fathom.fault("fathom", fault)
    with pytest.raises(Temporary):
        client().meetings()


def test_without_a_key_nothing_is_asked(fathom):
    with pytest.raises(NoKey):
        FathomClient(accounts.installation())
    assert fathom.journal("fathom") == []


def test_a_refusal_of_a_webhook_that_is_no_matter_of_the_plan_is_passed_on(fathom):
    fathom.fault("fathom", "not_found", method="POST")
    with pytest.raises(Rejected):
        client().create_webhook("https://koppel.example/api/webhooks/fathom/x")
    assert len(fathom.journal("fathom")) == 1
