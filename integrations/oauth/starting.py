"""Sending a person to a vendor, to allow Koppel there: for a new integration,
or for one that is connected again.
"""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from core.models import User
from crm import access
from crm.models import Organization
from integrations import registry, tiers
from integrations.models import Integration, OAuthGrant
from integrations.oauth import endpoints, hosts, states
from integrations.oauth.declaring import OAuth
from integrations.oauth.endpoints import Speaker
from integrations.oauth.problems import Problem
from integrations.providers.base import Provider
from integrations.services.creating import NotForRole


def oauth_of(key: str) -> tuple[Provider, OAuth]:
    """Return a provider that people sign in at, by its key in whatever case;
    LookupError where there is none.
    """
    provider = registry.find(key.upper())
    if provider is None or provider.oauth is None:
        raise LookupError(f"Nobody signs in at {key}")
    return provider, provider.oauth


def redirect_uri(provider: Provider) -> str:
    """Return where the vendor sends people back to: of the settings,
    whatever a request calls this host.
    """
    path = reverse("api_integrations_oauth_callback", kwargs={"provider": provider.key.lower()})
    return f"{settings.PUBLIC_URL}{path}"


def start(
    provider: Provider,
    user: User,
    organization: Organization,
    integration: Integration | None = None,
    *,
    place: str = "",
    name: str = "",
    request: Any = None,
) -> str:
    """Return the address at the vendor that this person, and nobody else, comes back from.

    `place` is where they sign in, where the vendor has several; a `request` with a session binds it
    to that one. Problem where this installation has no client there, TierLimit or NotForRole where
    they may not connect it.
    """
    oauth = provider.oauth
    if oauth is None:
        raise LookupError(f"Nobody signs in at {provider.key}")
    if not endpoints.is_set_up(provider):
        raise Problem("not_set_up")
    if integration is None:
        kind = provider.types[0]
        tiers.require(organization, tiers.required_for(kind, provider))
        if provider.roles and access.role_in(user, organization.pk) not in provider.roles:
            raise NotForRole
    else:
        place = _place_of(integration, place)
    address = hosts.authorize(provider, oauth, place)
    session = states.session_of(request)
    with transaction.atomic():
        state, verifier = states.begin(
            provider.key, user, organization, integration, place=place, name=name, session=session
        )
    speaker = Speaker(provider, oauth, organization.pk, integration.pk if integration else None)
    return endpoints.authorization(speaker, address, redirect_uri(provider), state, verifier)


def _place_of(integration: Integration, place: str) -> str:
    """Return where the connected account signs in; another place is another account's."""
    known = (
        OAuthGrant.objects.filter(integration=integration).values_list("place", flat=True).first()
    )
    if known is None:
        return place
    return known
