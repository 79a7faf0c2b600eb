"""Signing in at a service from the pages: there, back, again with the same account,
and its access taken back.
"""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client

from core.models import AuditEvent
from core.signin import roles
from crm.models import Organization
from dashboard.integrations.signing import STARTS_PER_MINUTE
from integrations import services
from integrations.models import Integration, OAuthGrant, OAuthState
from tests.dashboard.conftest import signed_in
from tests.integrations.oauth_cast import Company, come_back, company, shape
from tests.support import people

pytestmark = pytest.mark.django_db
__all__ = ["company", "shape"]
LIST = "/dashboard/integrations"
CHOSEN = {"provider": "SIGNIN", "type": "CRM"}


@pytest.fixture
def anna(northwind: Organization) -> Any:
    return people.member("CLOSER", northwind, "anna")


@pytest.fixture
def hers(anna: Any) -> Client:
    return signed_in(anna)


def address_of(answer: Any) -> str:
    """Return where the page of ours leads on to."""
    assert answer.status_code == 200, answer
    found = re.search(r'content="0;url=([^"]+)"', answer.content.decode())
    assert found, answer.content.decode()
    return unescape(found[1])


def went(client: Client, path: str = f"{LIST}/new/sign-in", **values: str) -> str:
    """Start at a page, and return the address at the service."""
    entered: dict[str, str] = values
    if path.endswith("sign-in"):
        entered = {**CHOSEN, **values}
    return address_of(client.post(path, entered))


def returned(company: Company, client: Client, address: str, who: str = "first") -> str:
    """Allow it there as `who`, and return where the browser ends."""
    answer = come_back(client, company.visit(address, who), HTTP_ACCEPT="text/html")
    assert answer.status_code == 302, answer.content
    return str(answer["Location"])


def connected(company: Company, client: Client, who: str = "first") -> Integration:
    location = returned(company, client, went(client), who)
    return Integration.objects.select_related("account").get(
        pk=parse_qs(urlsplit(location).query)["connected"][0]
    )


def page_of(client: Client, location: str) -> str:
    return str(client.get(location).content.decode())


def test_a_service_is_connected_by_signing_in_and_the_list_says_so(hers, anna, company, northwind):
    form = page_of(hers, f"{LIST}/new?provider=SIGNIN")
    assert "Sign in at Sign-in" in form
    location = returned(company, hers, went(hers))
    made = Integration.objects.get()
    assert location == f"{LIST}?connected={made.pk}"
    page = page_of(hers, location)
    assert f"{made.name} is connected" in page
    assert "You signed in, and Koppel may use it now." in page
    assert (made.owner, made.organization) == (anna, northwind)
    own = page_of(hers, f"{LIST}/{made.pk}")
    assert "Signed in" in own
    assert OAuthGrant.objects.get().external_account_name in own
    tokens = [OAuthGrant.objects.get().access_token, OAuthGrant.objects.get().refresh_token]
    for token in tokens:
        assert token.reveal() not in page + own


def test_a_page_of_ours_leads_there_and_its_address_holds_no_secret_of_ours(hers, company):
    answer = hers.post(f"{LIST}/new/sign-in", CHOSEN)
    address = address_of(answer)
    assert answer.content.decode().count("Go on to Sign-in") == 1
    assert "client_secret" not in address
    (begun,) = OAuthState.objects.all()
    assert begun.verifier.reveal() not in address


def test_a_sign_in_is_bound_to_the_browser_that_began_it(hers, anna, company):
    location = company.visit(went(hers))
    (begun,) = OAuthState.objects.all()
    assert begun.session_hash
    elsewhere = come_back(signed_in(anna), location, HTTP_ACCEPT="text/html")
    assert elsewhere["Location"] == f"{LIST}?problem=start_again"
    assert "without a sign-in begun in Koppel" in page_of(hers, elsewhere["Location"])
    assert not Integration.objects.exists()
    assert "connected=" in come_back(hers, location, HTTP_ACCEPT="text/html")["Location"]


def test_so_is_one_that_connects_it_again(hers, anna, company):
    made = connected(company, hers)
    location = company.visit(went(hers, f"{LIST}/{made.pk}/reconnect"))
    assert OAuthState.objects.get().session_hash
    before = OAuthGrant.objects.get().version
    elsewhere = come_back(signed_in(anna), location, HTTP_ACCEPT="text/html")
    assert elsewhere["Location"] == f"{LIST}?problem=start_again"
    assert OAuthGrant.objects.get().version == before


def test_nobody_else_comes_back_from_it(hers, company, northwind):
    location = company.visit(went(hers))
    colleague = signed_in(people.member("CEO", northwind, "colleague"))
    assert come_back(colleague, location, HTTP_ACCEPT="text/html").status_code == 404
    assert not Integration.objects.exists()
    signed_out = come_back(Client(), location, HTTP_ACCEPT="text/html")
    assert signed_out["Location"] == f"{LIST}?problem=signed_out"


def test_a_no_and_a_second_return_are_told_as_what_they_are(hers, company):
    state = parse_qs(urlsplit(went(hers)).query)["state"][0]
    path = "/api/dashboard/integrations/oauth/signin/callback"
    denied = come_back(hers, f"{path}?state={state}&error=access_denied", HTTP_ACCEPT="text/html")
    page = page_of(hers, denied["Location"])
    assert "Nothing was connected" in page
    assert "You did not allow it" in page
    location = company.visit(went(hers))
    come_back(hers, location, HTTP_ACCEPT="text/html")
    again = come_back(hers, location, HTTP_ACCEPT="text/html")
    assert again["Location"] == f"{LIST}?problem=expired"
    assert "This sign-in was used already" in page_of(hers, again["Location"])
    assert Integration.objects.count() == 1
    assert "Nothing was connected" not in page_of(hers, f"{LIST}?problem=<b>nonsense</b>")


def test_it_is_connected_again_with_the_same_account(hers, company):
    made = connected(company, hers)
    before = OAuthGrant.objects.get()
    assert "Connect again" in page_of(hers, f"{LIST}/{made.pk}")
    location = returned(company, hers, went(hers, f"{LIST}/{made.pk}/reconnect"))
    assert location == f"{LIST}?connected={made.pk}"
    after = OAuthGrant.objects.get()
    assert after.version == before.version + 1
    assert after.access_token.reveal() != before.access_token.reveal()
    assert AuditEvent.objects.filter(action="integration.reconnected").count() == 1


def test_another_account_is_refused_in_words_and_the_grant_stays(hers, company):
    made = connected(company, hers)
    before = OAuthGrant.objects.get()
    location = returned(company, hers, went(hers, f"{LIST}/{made.pk}/reconnect"), "second")
    assert location == f"{LIST}?problem=other_account"
    page = page_of(hers, location)
    assert "You signed in with another account than the connected one." in page
    assert "connect the other one beside it" in page
    after = OAuthGrant.objects.get()
    assert (after.external_account_id, after.version) == (
        before.external_account_id,
        before.version,
    )
    assert after.access_token.reveal() == before.access_token.reveal()
    assert connected(company, hers, "second") != made


def test_disconnecting_takes_the_access_back_and_keeps_the_integration(hers, company):
    made = connected(company, hers)
    assert "Disconnect from Sign-in" in page_of(hers, f"{LIST}/{made.pk}")
    answer = hers.post(f"{LIST}/{made.pk}/disconnect", follow=True)
    assert answer.redirect_chain == [(f"{LIST}/{made.pk}", 302)]
    page = answer.content.decode()
    assert "The access was taken back at the service" in page
    assert "Disconnect from Sign-in" not in page
    grant = OAuthGrant.objects.get()
    assert (grant.state, grant.access_token, grant.refresh_token) == ("gone", None, None)
    assert company.asked(company.provider.oauth.revoke.partition(".example")[2])
    assert Integration.objects.filter(pk=made.pk).exists()
    location = returned(company, hers, went(hers, f"{LIST}/{made.pk}/reconnect"))
    assert location == f"{LIST}?connected={made.pk}"
    assert OAuthGrant.objects.get().is_live


@pytest.mark.parametrize("shape", ["salesforce"])
def test_of_several_places_the_chosen_one_is_gone_to(hers, company):
    form = page_of(hers, f"{LIST}/new?provider=SIGNIN")
    assert 'name="sign_in-place"' in form
    went(hers, **{"sign_in-place": "sandbox"})
    assert OAuthState.objects.latest("expires_at").place == "sandbox"
    foreign = hers.post(
        f"{LIST}/new/sign-in", {**CHOSEN, "sign_in-own": "evil.example"}, follow=True
    )
    assert "one of its own" in foreign.content.decode()
    assert OAuthState.objects.count() == 1


def test_starting_is_for_those_who_may_and_where_somebody_signs_in(
    hers, company, northwind, monkeypatch
):
    made = connected(company, hers)
    services.share(made, is_shared=True, actor=made.owner)
    colleague = signed_in(people.member("SETTER", northwind, "colleague"))
    viewer = signed_in(people.staff(roles.OPERATIONS_VIEWER, "viewer"))
    for act in ("reconnect", "disconnect"):
        for client in (colleague, viewer):
            assert client.post(f"{LIST}/{made.pk}/{act}").status_code == 403, act
        assert hers.get(f"{LIST}/{made.pk}/{act}").status_code == 405
        assert Client().post(f"{LIST}/{made.pk}/{act}").status_code == 302
    own = {**CHOSEN, "organization": str(northwind.pk)}
    assert viewer.post(f"{LIST}/new/sign-in", own).status_code == 403
    assert (
        hers.post(f"{LIST}/new/sign-in", {"provider": "CUSTOM", "type": "API"}).status_code == 404
    )
    monkeypatch.delenv("SIGNIN_CLIENT_ID")
    assert hers.post(f"{LIST}/new/sign-in", CHOSEN).status_code == 404
    assert hers.post(f"{LIST}/{made.pk}/reconnect").status_code == 404
    assert OAuthState.objects.count() == 0


def test_starts_are_limited(hers, company):
    cache.clear()
    for _number in range(STARTS_PER_MINUTE):
        went(hers)
    refused = hers.post(f"{LIST}/new/sign-in", CHOSEN, follow=True)
    assert refused.redirect_chain
    assert "You have started this often enough" in refused.content.decode()
    assert OAuthState.objects.count() == STARTS_PER_MINUTE
