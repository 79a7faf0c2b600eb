"""What the clock does: grants that nobody uses stay alive, and what vendors end is told
half a year ahead.
"""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from core.models import Incident
from integrations import registry, tasks
from integrations.models import OAuthGrant, OAuthState
from integrations.oauth import keeping
from integrations.providers.base import Sunset
from tests.integrations.oauth_cast import KEY, begin, company, connect, person_in, shape

__all__ = ["company", "shape"]
pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 30)


@pytest.fixture
def client(company):
    _user, client = person_in()
    return client


@pytest.fixture
def grant(company, client):
    connect(company, client)
    return OAuthGrant.objects.get()


def unused(grant, days):
    OAuthGrant.objects.filter(pk=grant.pk).update(
        last_refreshed_at=timezone.now() - timedelta(days=days)
    )


@pytest.mark.parametrize("shape", ["salesforce", "pipedrive"])
def test_what_nobody_used_is_renewed_and_what_was_used_is_not(company, grant, shape):
    unused(grant, 19)
    assert keeping.keep_alive() == {"renewed": 0, "failed": 0}
    unused(grant, 21)
    assert keeping.keep_alive() == {"renewed": 1, "failed": 0}
    assert company.renewals() == 1
    after = OAuthGrant.objects.get()
    assert after.version == grant.version + 1
    assert timezone.now() - after.last_refreshed_at < timedelta(minutes=1)
    assert keeping.keep_alive() == {"renewed": 0, "failed": 0}


def test_a_vendor_that_has_a_fault_is_asked_again_the_next_day(company, grant):
    unused(grant, 21)
    company.sandbox.fault("signin", "error", path=company.stand_in.oauth.token)
    assert keeping.keep_alive() == {"renewed": 0, "failed": 1}
    assert OAuthGrant.objects.get().is_live
    company.sandbox.heal()
    assert keeping.keep_alive() == {"renewed": 1, "failed": 0}


def test_one_that_died_unused_is_found_and_told_of(company, grant):
    unused(grant, 40)
    company.act("revoke_grants")
    assert keeping.keep_alive() == {"renewed": 0, "failed": 1}
    assert OAuthGrant.objects.get().state == "gone"
    assert Incident.objects.get().closed_at is None
    assert keeping.keep_alive() == {"renewed": 0, "failed": 0}


def test_one_grant_that_fails_keeps_no_other_from_its_turn(company, client, grant):
    connect(company, client, "second")
    OAuthGrant.objects.update(last_refreshed_at=timezone.now() - timedelta(days=30))
    company.act("revoke_grants", who="first")
    assert keeping.keep_alive() == {"renewed": 1, "failed": 1}


def test_the_task_does_all_and_forgets_who_never_came_back(company, client, grant):
    begin(client)
    begin(client)
    first = OAuthState.objects.order_by("created_at").first()
    OAuthState.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    unused(grant, 21)
    tasks.keep_grants()
    assert company.renewals() == 1
    assert OAuthState.objects.count() == 1


def declared(monkeypatch, company, *sunsets):
    monkeypatch.setitem(registry._known, KEY, replace(company.provider, sunsets=sunsets))


def test_an_end_is_told_half_a_year_ahead_and_more_urgently_in_the_end(company, grant, monkeypatch):
    end = Sunset("API v1", TODAY + timedelta(days=180), "https://signin.example/changes")
    declared(monkeypatch, company, end)
    assert keeping.watch_sunsets(TODAY - timedelta(days=1)) == 0
    assert not Incident.objects.exists()
    assert keeping.watch_sunsets(TODAY) == 1
    assert keeping.watch_sunsets(TODAY) == 1
    incident = Incident.objects.get()
    assert (incident.severity, incident.closed_at) == ("warning", None)
    assert "Sign-in" in incident.title
    assert "API v1" in incident.title
    assert f"{end.on.day} {end.on:%B %Y}" in incident.title
    assert end.url in incident.what_to_do
    keeping.watch_sunsets(TODAY + timedelta(days=160))
    assert Incident.objects.get().severity == "critical"


def test_a_day_that_is_put_off_or_gone_closes_it(company, grant, monkeypatch):
    declared(monkeypatch, company, Sunset("API v1", TODAY + timedelta(days=10)))
    keeping.watch_sunsets(TODAY)
    declared(monkeypatch, company, Sunset("API v1", TODAY + timedelta(days=100)))
    keeping.watch_sunsets(TODAY)
    assert Incident.objects.filter(closed_at=None).count() == 1
    declared(monkeypatch, company)
    assert keeping.watch_sunsets(TODAY) == 0
    assert not Incident.objects.filter(closed_at=None).exists()


def test_a_provider_that_nobody_uses_worries_nobody(company, monkeypatch):
    declared(monkeypatch, company, Sunset("API v1", TODAY))
    assert keeping.watch_sunsets(TODAY) == 0
    assert not Incident.objects.exists()
