"""Codes, states, verifiers, tokens and the client's secret are found nowhere in clear,
whatever becomes of them.
"""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from core.errors import VendorError
from core.models import ApiCall, AuditEvent, User
from integrations import services
from integrations.models import Integration, OAuthGrant, OAuthState
from integrations.oauth.renewing import renewed
from sandbox.vendors.oauth_server import CLIENT_SECRET
from tests.integrations.oauth_cast import (
    ALL,
    NAME,
    OAUTHS,
    ask,
    begin,
    come_back,
    company,
    ended,
    person_in,
    shape,
)
from tests.support import canaries

__all__ = ["company", "shape"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]
OTHERS = sorted(OAUTHS.keys() - {"hubspot"})
PAGES = ("", "/providers")


class Planted(dict):
    """Every secret that came up, by what it is."""

    def begun(self, what):
        self[f"verifier of {what}"] = OAuthState.objects.latest("created_at").verifier.reveal()

    def back(self, what, location):
        query = parse_qs(urlsplit(location).query)
        self[f"code of {what}"] = query["code"][0]
        self[f"state of {what}"] = query["state"][0].partition(".")[2]

    def granted(self, what, company):
        for number, grant in enumerate(company.grants):
            self.update(
                {
                    f"{what}, token {number}.{place}": token
                    for place, token in enumerate(grant["tokens"])
                }
            )
            if grant["refresh"]:
                self[f"{what}, refresh token {number}"] = grant["refresh"]


def portal():
    """Return the pages of the management portal that show what integrations did:
    their models, calls, acts.
    """
    for model in admin.site._registry:
        if model._meta.app_label == "integrations" or model in (ApiCall, AuditEvent):
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            yield reverse(f"{name}_changelist")
            yield from (
                reverse(f"{name}_change", args=[row.pk])
                for row in model._default_manager.all()[:30]
            )


@pytest.mark.parametrize(
    "shape", ["hubspot", *(pytest.param(name, marks=pytest.mark.prove) for name in OTHERS)]
)
def test_no_secret_of_oauth_is_found_in_clear(company, shape):
    ops = User.objects.create_superuser("ops", "ops@example.com", "correct-horse-battery")
    _user, client = person_in()
    planted = Planted({"client secret": CLIENT_SECRET})
    shown = []
    with canaries.Logs() as logs:
        address = begin(client)
        planted.begun("connecting")
        back = company.visit(address)
        planted.back("connecting", back)
        shown.append(come_back(client, back))
        planted.granted("connected", company)
        integration = Integration.objects.select_related("account").get()
        shown.append(come_back(client, back))
        company.turn(rotates=True)
        ask(integration)
        grant = ended(OAuthGrant.objects.get())
        ask(integration)
        planted.granted("renewed", company)
        company.sandbox.fault(NAME, "html", path=company.stand_in.oauth.token, times=2)
        with pytest.raises(VendorError):
            renewed(grant.pk, OAuthGrant.objects.get().version)
        services.try_stored(integration, actor=ops)
        url = client.post(f"{ALL}/{integration.pk}/reconnect").json()["url"]
        planted.begun("another account")
        back = company.visit(url, "second")
        planted.back("another account", back)
        company.turn(rotates=False)
        shown.append(come_back(client, back))
        planted.granted("refused", company)
        begin(client)
        planted.begun("one under way")
        shown += [client.get(f"{ALL}{path}") for path in PAGES]
        shown += [client.get(f"{ALL}/{integration.pk}"), client.get(f"{ALL}/{integration.pk}/logs")]
        browser = Client()
        browser.force_login(ops)
        places = [*canaries.database(), *canaries.in_redis(), *canaries.fetched(browser, portal())]
        shown.append(client.post(f"{ALL}/{integration.pk}/disconnect"))
        places += canaries.database()
    places += [
        *logs.places(),
        *(
            (f"answer {number}", answer.content.decode() + str(answer.headers))
            for number, answer in enumerate(shown)
        ),
    ]
    assert len(planted) > 12
    assert canaries.look(planted, places) == []
