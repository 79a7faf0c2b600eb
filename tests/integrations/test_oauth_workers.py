"""64 processes that need the same token at once, and a process that is killed before it could
keep the new one.
"""

import signal

import pytest
from django.db import connection, transaction

from core.connections import Connection
from core.errors import VendorError
from core.models import AuditEvent, Incident
from core.vendors import state_of
from integrations.models import Integration, OAuthGrant
from integrations.oauth.problems import GrantGone
from tests.integrations.oauth_cast import (
    ALL,
    ask,
    come_back,
    company,
    connect,
    ended,
    person_in,
    shape,
)
from tests.integrations.oauth_workers import started
from tests.support.house import wait_for

__all__ = ["company", "shape"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("no_calls_stay"),
    pytest.mark.long(20),
    pytest.mark.timeout(240),
]
HERD = 64


@pytest.fixture
def client(company):
    _user, client = person_in()
    return client


@pytest.fixture
def integration(company, client):
    return connect(company, client)


@pytest.mark.parametrize("seconds", [2, pytest.param(30, marks=pytest.mark.prove)])
def test_64_processes_ask_once_however_slow_the_vendor_is(company, integration, shape, seconds):
    company.turn(rotates=True, token_latency=seconds)
    before = ended(OAuthGrant.objects.get())
    herd = started(company, shape, integration, HERD)
    answers, _errors = herd.communicate(timeout=200)
    assert answers.splitlines() == ["id-of-first"] * HERD
    assert company.renewals() == 1
    (known,) = company.grants
    assert (known["renewals"], known["reuses"], known["dead"]) == (1, 0, False)
    after = OAuthGrant.objects.get()
    assert (after.state, after.version) == ("live", before.version + 1)
    assert after.refresh_token.reveal() == known["refresh"]
    company.turn(token_latency=0)
    ended(after)
    assert ask(integration) == "id-of-first"


def killed_before_it_was_kept(company, shape, integration):
    """Have a process be given a new token, and kill it while it stores that:
    the table lets nobody write.
    """
    ended(OAuthGrant.objects.get())
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE oauth_grants IN SHARE MODE")
        process = started(company, shape, integration)
        assert wait_for(lambda: bool(company.grants[0]["renewals"]) and is_waiting(), 30)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert process.returncode == -signal.SIGKILL


def is_waiting():
    """Tell whether somebody wants to write to the table, which only comes after
    the vendor's answer.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_locks WHERE relation = 'oauth_grants'::regclass AND NOT granted"
        )
        return cursor.fetchone() is not None


def test_who_is_killed_before_it_was_kept_costs_nothing_where_the_old_one_stays_good(
    company, integration, shape
):
    before = OAuthGrant.objects.get()
    killed_before_it_was_kept(company, shape, integration)
    assert OAuthGrant.objects.get().version == before.version
    assert ask(integration) == "id-of-first"
    after = OAuthGrant.objects.get()
    assert (after.state, after.version) == ("live", before.version + 1)
    assert not Incident.objects.exists()


def test_who_is_killed_before_a_replaced_one_was_kept_is_told_of_and_connected_again(
    company, client, integration, shape
):
    company.turn(rotates=True)
    killed_before_it_was_kept(company, shape, integration)
    with pytest.raises(GrantGone):
        ask(integration)
    grant = OAuthGrant.objects.get()
    assert (grant.state, grant.reason) == ("gone", "refused")
    status = state_of(Integration.objects.select_related("account").get().account)
    assert status.state is Connection.ERROR
    assert "Connect it again" in status.next_step
    assert Incident.objects.get().closed_at is None
    assert AuditEvent.objects.filter(action="integration.grant_gone").count() == 1
    url = client.post(f"{ALL}/{integration.pk}/reconnect").json()["url"]
    assert come_back(client, company.visit(url))["Location"].endswith(f"connected={integration.pk}")
    assert ask(integration) == "id-of-first"
    assert Incident.objects.get().closed_at is not None


@pytest.mark.parametrize("rotates", [False, True])
def test_those_who_wait_for_one_that_is_killed_go_on_at_once(company, integration, shape, rotates):
    company.turn(rotates=rotates, token_latency=6)
    ended(OAuthGrant.objects.get())
    first = started(company, shape, integration)
    assert wait_for(lambda: bool(company.grants[0]["renewals"]), 30)
    company.turn(token_latency=0)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    try:
        answer = ask(integration)
    except VendorError as error:
        answer = type(error).__name__
    assert answer == ("GrantGone" if rotates else "id-of-first")
    assert OAuthGrant.objects.get().state == ("gone" if rotates else "live")
