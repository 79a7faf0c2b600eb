"""A token that ends is renewed once, by one of all who need it, and stored before it is used."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core import vendors
from core.connections import Connection
from core.errors import Misconfigured, Temporary
from core.http import Limits
from core.models import ApiCall, AuditEvent, Incident
from core.vendors import state_of
from integrations import oauth, services
from integrations.models import Integration, OAuthGrant
from integrations.oauth import endpoints, rescuing
from integrations.oauth.problems import GrantGone
from integrations.oauth.renewing import renewed
from tests.integrations.oauth_cast import (
    KEY,
    OAUTHS,
    ask,
    company,
    connect,
    ended,
    person_in,
    shape,
)
from tests.support.house import wait_for

__all__ = ["company", "shape"]
pytestmark = pytest.mark.django_db
AT_ONCE = 64


@pytest.fixture
def integration(company):
    _user, client = person_in()
    return connect(company, client)


@pytest.fixture
def impatient(monkeypatch):
    """Wait a third of a second for a token, and not eight seconds."""
    monkeypatch.setattr(endpoints, "LIMITS", Limits(connect=1, read=0.3, total=1, attempts=1))


@pytest.mark.parametrize("shape", OAUTHS)
def test_a_token_that_ends_is_renewed_before_it_is_used(company, integration, shape):
    old = OAuthGrant.objects.get()
    first, refresh = old.access_token.reveal(), old.refresh_token.reveal()
    ended(old)
    assert ask(integration) == "id-of-first"
    new = OAuthGrant.objects.get()
    assert new.access_token.reveal() != first
    assert (new.refresh_token.reveal(), new.version) == (refresh, old.version + 1)
    assert not new.ends_within(timedelta(minutes=20))
    assert company.renewals() == 1
    assert ask(integration) == "id-of-first"
    assert company.renewals() == 1


def test_it_is_renewed_early(company, integration):
    OAuthGrant.objects.update(expires_at=timezone.now() + timedelta(seconds=80))
    ask(integration)
    OAuthGrant.objects.update(expires_at=timezone.now() + timedelta(seconds=100))
    ask(integration)
    assert company.renewals() == 1


def test_a_refresh_token_that_the_vendor_replaced_is_kept(company, integration):
    company.turn(rotates=True)
    seen = {OAuthGrant.objects.get().refresh_token.reveal()}
    for _again in range(3):
        ended(OAuthGrant.objects.get())
        ask(integration)
        seen.add(OAuthGrant.objects.get().refresh_token.reveal())
    assert len(seen) == 4
    (known,) = company.grants
    assert (known["renewals"], known["reuses"], known["dead"]) == (3, 0, False)


@pytest.mark.parametrize("shape", OAUTHS)
def test_a_token_that_the_vendor_refuses_is_renewed_and_the_call_repeated(
    company, integration, shape
):
    company.act("expire_tokens")
    assert ask(integration) == "id-of-first"
    assert company.renewals() == 1
    assert state_of(integration.account).state is Connection.CONNECTED


def test_a_long_piece_of_work_goes_on_when_its_token_ends(company, integration):
    auth = oauth.auth_of(integration.account, vendors.current(integration.account))
    first = auth.secret.reveal()
    auth._token = ended_token(auth._token)
    assert auth.secret.reveal() != first
    assert company.renewals() == 1


def ended_token(token):
    from dataclasses import replace

    return replace(token, expires_at=timezone.now())


@pytest.mark.django_db(transaction=True)
def test_of_64_that_need_it_at_once_exactly_one_asks(company, integration, no_calls_stay):
    company.turn(rotates=True, token_latency=0.5)
    ended(OAuthGrant.objects.get())
    gate = threading.Barrier(AT_ONCE)

    def work(_number):
        gate.wait()
        try:
            return ask(integration)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(work, range(AT_ONCE)))
    assert answers == ["id-of-first"] * AT_ONCE
    assert company.renewals() == 1
    (known,) = company.grants
    assert (known["renewals"], known["reuses"], known["dead"]) == (1, 0, False)
    assert known["refresh"] == OAuthGrant.objects.get().refresh_token.reveal()


@pytest.mark.django_db(transaction=True)
def test_a_new_token_outlives_the_error_that_comes_after_it(company, integration, no_calls_stay):
    company.turn(rotates=True)
    ended(OAuthGrant.objects.get())
    grant = OAuthGrant.objects.get()
    # Within another transaction the vendor is not even asked:
    # an error there would lose what it gave.
    with pytest.raises(RuntimeError), transaction.atomic():
        renewed(grant.pk, grant.version)
    assert company.renewals() == 0
    renewed(grant.pk, grant.version)
    assert company.grants[0]["refresh"] == OAuthGrant.objects.get().refresh_token.reveal()


def terminated():
    """Have the database end the connection that holds a grant's row."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE state = 'idle in transaction' AND pid <> pg_backend_pid() AND datname "
            "= current_database()"
        )
        return bool(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_used_meanwhile", [False, True])
def test_a_token_that_the_database_could_not_take_is_stored_a_moment_later(
    company, integration, no_calls_stay, is_used_meanwhile, monkeypatch
):
    monkeypatch.setattr(rescuing, "PAUSES", (1.5,))
    company.turn(rotates=True, token_latency=1.5)
    ended(OAuthGrant.objects.get())

    def work():
        try:
            return ask(integration)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(work)
        assert wait_for(lambda: bool(company.grants[0]["renewals"]), 10)
        assert wait_for(terminated, 5)
        company.turn(token_latency=0)
        if is_used_meanwhile:
            with pytest.raises(GrantGone):
                ask(integration)
        assert waiting.result(20) == "id-of-first"
    (known,) = company.grants
    grant = OAuthGrant.objects.get()
    assert (grant.state, grant.reason, known["renewals"]) == ("live", "", 1)
    assert grant.refresh_token.reveal() == known["refresh"]
    assert services.try_stored(Integration.objects.get(), actor="test").success
    assert not Incident.objects.filter(closed_at=None).exists()


def test_a_token_that_lives_shortly_is_not_asked_for_by_each_who_waited(company, integration):
    company.turn(token_life=60)
    grant = ended(OAuthGrant.objects.get())
    first = renewed(grant.pk, grant.version)
    assert renewed(grant.pk, grant.version).version == first.version
    assert company.renewals() == 1


TEMPORARY = [
    {"kind": "error"},
    {"kind": "error", "status": 503},
    {"kind": "rate_limited"},
    {"kind": "html"},
    {"kind": "html", "status": 403},
    {"kind": "html", "status": 400},
    {"kind": "malformed"},
    {"kind": "cut"},
    {"kind": "empty"},
]


@pytest.mark.parametrize("fault", TEMPORARY, ids=str)
def test_what_passes_never_disconnects(company, integration, fault):
    ended(OAuthGrant.objects.get())
    before = OAuthGrant.objects.get()
    company.sandbox.fault("signin", path=company.stand_in.oauth.token, **fault)
    tested = services.try_stored(integration, actor="test")
    assert not tested.success
    after = OAuthGrant.objects.get()
    assert (after.state, after.version) == ("live", before.version)
    assert after.refresh_token.reveal() == before.refresh_token.reveal()
    company.sandbox.heal()
    assert ask(integration) == "id-of-first"
    assert OAuthGrant.objects.get().state == "live"


def test_a_token_in_hand_is_used_to_its_end_while_the_vendor_gives_none(company, integration):
    OAuthGrant.objects.update(expires_at=timezone.now() + timedelta(seconds=60))
    company.sandbox.fault("signin", "error", path=company.stand_in.oauth.token)
    assert ask(integration) == "id-of-first"


def test_a_client_secret_that_is_wrong_breaks_no_grant(company, integration, monkeypatch):
    ended(OAuthGrant.objects.get())
    monkeypatch.setenv(f"{KEY}_CLIENT_SECRET", "another")
    with pytest.raises(Misconfigured):
        ask(integration)
    monkeypatch.delenv(f"{KEY}_CLIENT_SECRET")
    with pytest.raises(Misconfigured):
        ask(integration)
    assert OAuthGrant.objects.get().state == "live"


@pytest.mark.parametrize("shape", OAUTHS)
def test_a_grant_that_is_gone_says_reconnect_and_is_an_incident(company, integration, shape):
    company.act("revoke_grants")
    tested = services.try_stored(integration, actor="test")
    assert not tested.success
    assert "Connect it again" in tested.message
    grant = OAuthGrant.objects.get()
    assert (grant.state, grant.reason) == ("gone", "refused")
    status = state_of(integration.account)
    assert status.state is Connection.ERROR
    assert "Connect it again" in status.next_step
    assert Incident.objects.get().closed_at is None
    assert AuditEvent.objects.filter(action="integration.grant_gone").count() == 1
    before = len(company.asked())
    with pytest.raises(GrantGone):
        ask(integration)
    assert len(company.asked()) == before


def test_a_time_out_is_tried_once_more_with_the_same_token(company, integration, impatient):
    ended(OAuthGrant.objects.get())
    company.sandbox.fault(
        "signin", "latency", path=company.stand_in.oauth.token, seconds=0.6, times=1
    )
    assert ask(integration) == "id-of-first"
    assert OAuthGrant.objects.get().state == "live"


def test_two_time_outs_are_left_for_later(company, integration, impatient):
    ended(OAuthGrant.objects.get())
    company.turn(token_latency=0.6)
    with pytest.raises(Temporary):
        renewed(OAuthGrant.objects.get().pk, OAuthGrant.objects.get().version)
    assert OAuthGrant.objects.get().state == "live"
    company.turn(token_latency=0)
    assert ask(integration) == "id-of-first"


def test_a_token_that_was_lost_on_its_way_from_a_vendor_that_replaces_them_says_reconnect(
    company, integration, impatient
):
    company.turn(rotates=True, token_latency=0.6)
    ended(OAuthGrant.objects.get())
    with pytest.raises(Temporary):
        ask(integration)
    company.turn(token_latency=0)
    with pytest.raises(GrantGone):
        ask(integration)
    assert OAuthGrant.objects.get().state == "gone"
    status = state_of(Integration.objects.select_related("account").get().account)
    assert status.state is Connection.ERROR
    assert "Connect it again" in status.next_step
    assert Incident.objects.get().closed_at is None


def test_no_token_is_shown_by_what_holds_it(company, integration, caplog):
    grant = OAuthGrant.objects.get()
    secrets = {grant.access_token.reveal(), grant.refresh_token.reveal()}
    with caplog.at_level("DEBUG"):
        ended(grant)
        ask(integration)
    auth = oauth.auth_of(integration.account, vendors.current(integration.account))
    grant = OAuthGrant.objects.get()
    secrets |= {grant.access_token.reveal(), grant.refresh_token.reveal()}
    written = f"{caplog.text} {auth!r} {vars(auth)!r} {grant!r} {vars(grant)!r}"
    written += str(list(ApiCall.objects.values())) + str(list(AuditEvent.objects.values()))
    assert not [secret for secret in secrets if secret in written]


def test_a_grant_whose_integration_is_deleted_amid_a_sync_is_gone(company, integration):
    """What was in hand before is refused in words, wherever the renewal was."""
    grant = OAuthGrant.objects.get()
    auth = oauth.auth_of(integration.account, vendors.current(integration.account))
    ended(grant)
    late = oauth.auth_of(integration.account, vendors.current(integration.account))
    services.remove(integration, actor="a test")
    asked = company.renewals()
    for each in (auth, late):
        with pytest.raises(GrantGone) as failure:
            each.renew()
        assert "Connect it again" in failure.value.message
        assert "Oauth" not in failure.value.message
    with pytest.raises(GrantGone):
        renewed(grant.pk, grant.version)
    assert company.renewals() == asked
    assert not Incident.objects.filter(closed_at=None).exists()
