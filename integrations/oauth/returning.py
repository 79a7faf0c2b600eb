"""Coming back from a vendor: the code is traded, the account looked at, and the grant kept;
else nothing is changed.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from core.errors import BadCredentials, Rejected, VendorError
from core.http import BearerKey, Client, turns
from core.http.exchange import Limits
from core.masking import Secret
from core.models import User
from integrations import access
from integrations.models import Integration, OAuthState
from integrations.oauth import binding, endpoints, hosts, states
from integrations.oauth.binding import Fresh
from integrations.oauth.declaring import OAuth
from integrations.oauth.endpoints import Speaker
from integrations.oauth.problems import ClientRefused, Problem, UnknownReturn
from integrations.oauth.starting import redirect_uri
from integrations.oauth.tokens import Tokens
from integrations.providers.base import Provider

LONGEST_PARAMETER: Final = 4000
LIMITS: Final = Limits(connect=5, read=10, total=20, attempts=2)
# What vendors call a person's no, and a company that has not let the app in.
DENIED: Final = frozenset({"access_denied", "user_denied", "consent_required"})
NOT_INSTALLED: Final = frozenset({"OAUTH_APPROVAL_ERROR_GENERIC", "OAUTH_EC_APP_NOT_FOUND"})


def come_back(
    provider: Provider,
    oauth: OAuth,
    user: User,
    parameters: Mapping[str, str],
    *,
    request: Any = None,
) -> Integration:
    """Finish a sign-in with what the vendor sent the person back with, and return the integration.

    Problem says what went wrong; UnknownReturn where the sign-in is another person's.
    The sign-in is deleted before the vendor is asked, so that nothing is traded twice.
    """
    turns.take()
    given = {name: value for name, value in parameters.items() if len(value) <= LONGEST_PARAMETER}
    if not given.get("state"):
        raise Problem("start_again")
    begun, verifier = states.claim(given["state"], provider.key, user, states.session_of(request))
    if given.get("error") or not given.get("code"):
        raise Problem(_said_no(given.get("error", "")))
    integration = _again(begun, user)
    speaker = Speaker(provider, oauth, begun.organization_id, begun.integration_id)
    try:
        found = _granted(speaker, begun, given, verifier)
    except VendorError as error:
        raise Problem(_code_of(error)) from error
    try:
        return binding.bind(speaker, begun, integration, found, actor=user, request=request)
    except Problem:
        binding.give_back(speaker, found)
        raise


def _said_no(error: str) -> str:
    if error in DENIED:
        return "denied"
    if error in NOT_INSTALLED:
        return "not_installed"
    return "failed"


def _code_of(error: Exception) -> str:
    if isinstance(error, hosts.ForeignHost):
        return "foreign_host"
    if isinstance(error, ClientRefused):
        return "misconfigured"
    if isinstance(error, BadCredentials | Rejected):
        return "failed"
    return "unreachable"


def _again(begun: OAuthState, user: User) -> Integration | None:
    """Return the integration that is connected again; the person may have lost it meanwhile."""
    if begun.integration_id is None:
        return None
    rows = access.integrations_for(user).select_related("account", "organization")
    integration = rows.filter(pk=begun.integration_id).first()
    if integration is None or not access.may_change(user, integration):
        raise UnknownReturn
    return integration


def _granted(
    speaker: Speaker, begun: OAuthState, given: Mapping[str, str], verifier: Secret
) -> Fresh:
    """Trade the code at the vendor's own server, and ask whose account it is."""
    provider, oauth = speaker.provider, speaker.oauth
    origin = hosts.origin_of(provider, oauth, begun.place)
    named = given.get(oauth.token_host_from, "") if oauth.token_host_from else ""
    if named:
        origin = hosts.checked(provider, oauth, named)
    address = hosts.token(provider, oauth, origin)
    tokens = endpoints.exchange(speaker, address, redirect_uri(provider), given["code"], verifier)
    fresh = Fresh(tokens, origin)
    try:
        return _looked_at(speaker, fresh)
    except (Problem, VendorError):
        binding.give_back(speaker, fresh)
        raise


def _looked_at(speaker: Speaker, fresh: Fresh) -> Fresh:
    """Return the grant with the account that it is of."""
    provider, oauth = speaker.provider, speaker.oauth
    if fresh.tokens.refresh is None:
        raise Problem("not_lasting")
    client = Client(
        speaker.vendor,
        speaker.account,
        api_base_of(provider, oauth, fresh.tokens),
        BearerKey(fresh.tokens.access, oauth.scheme),
        context=speaker.context("oauth.whose"),
        limits=LIMITS,
    )
    account = oauth.whose(client)
    if not account.id:
        raise Problem("failed")
    return replace(fresh, account=account)


def api_base_of(provider: Provider, oauth: OAuth, tokens: Tokens) -> str:
    """Return where the API of a grant is; ForeignHost where the answer names none
    of the vendor's.
    """
    if not oauth.api_base_from:
        return hosts.fixed(provider, oauth.api_base)
    return hosts.checked(provider, oauth, tokens.facts.get(oauth.api_base_from, ""))
