"""Testing a connection, before it is saved and after: a list of steps, each with what to do.

The same test by the same person within half a minute is answered from memory,
which holds no secret.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.cache import cache
from django.db import transaction
from django.utils import translation

from core import audit, vendors
from core.connections import TestResult
from core.errors import BadCredentials, Misconfigured, RateLimited, Rejected, Temporary
from core.http import turns
from core.masking import Secret
from core.models import User, VendorAccount
from core.vendors import Values, checking
from core.vendors.checking import OnStep
from crm.models import Organization
from integrations import configuration
from integrations.models import Integration
from integrations.providers.base import Provider
from integrations.services import waiting
from integrations.services.creating import chosen, permit

REMEMBERED: Final = 30
# The first that fits says it.
ERRORS: Final = (
    (BadCredentials, "BAD_CREDENTIALS"),
    (RateLimited, "RATE_LIMITED"),
    (Rejected, "REJECTED"),
    (Misconfigured, "MISCONFIGURED"),
    (Temporary, "UNREACHABLE"),
)


@dataclass(frozen=True)
class Tested:
    """What a test found, as the API answers it."""

    success: bool
    message: str
    details: dict[str, Any] = field(default_factory=dict)
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        answer = {"success": self.success, "message": self.message, "details": self.details}
        if self.error:
            answer["error"] = self.error
        return answer


def try_entered(
    organization: Organization,
    user: User,
    *,
    kind: str,
    given: Mapping[str, Any],
    integration: Integration | None = None,
    request: Any = None,
    on_step: OnStep | None = None,
) -> Tested:
    """Try what was entered, without storing it; `integration` has the secrets
    of which masks are sent.

    TierLimit or NotForRole for what is not theirs to connect. What is connected may be tried,
    whatever the tier has become since.
    """
    provider = chosen(given, kind)
    stored: Mapping[str, Any] = {}
    if integration is not None and integration.provider == provider.key:
        stored = vendors.stored(integration.account)
    if integration is None or (integration.provider, integration.type) != (provider.key, kind):
        permit(organization, user, kind, provider)
    entered = configuration.read(provider, given, stored)
    values = _values(provider, entered, stored)
    remembered = _remembered(user, provider, values)
    found = cache.get(remembered)
    if found is not None:
        return Tested(**json.loads(found))
    turns.take()
    account = VendorAccount(vendor=provider.vendor.key, organization_id=organization.pk)
    with waiting.of(user):
        result, _failure, _is_known = checking.probe(
            account, values, entered=list(values), tried_by=user, on_step=on_step
        )
    with transaction.atomic():
        audit.record(
            "connection.tested",
            actor=user,
            request=request,
            organization_id=organization.pk,
            provider=provider.key,
            success=result.success,
            stored=False,
        )
    tested = of(result)
    cache.set(remembered, json.dumps(vars(tested)), REMEMBERED)
    return tested


def try_stored(
    integration: Integration, *, actor: Any, request: Any = None, on_step: OnStep | None = None
) -> Tested:
    """Try what is stored, and keep how the connection is."""
    with waiting.of(actor):
        return of(vendors.check(integration.account, actor=actor, request=request, on_step=on_step))


def check(integration: Integration, *, by: str) -> TestResult:
    """Try what is stored, as the clock does: the state is kept, and no act is written down."""
    values = vendors.current(integration.account)
    result, failure, is_known = checking.probe(integration.account, values, tried_by=by)
    if is_known:
        is_outage = vendors.is_outage(result.failure)
        vendors.report(integration.account, values, failure, tested=True, is_outage=is_outage)
    if (
        failure is not None
        and not Integration.objects.filter(pk=integration.pk, is_active=True).exists()
    ):
        # Switched off while it was tried: nothing is wrong with it any more.
        vendors.end_incident(integration.account)
    return result


def of(result: TestResult) -> Tested:
    """Return what a test found as the API answers it."""
    details: dict[str, Any] = {
        "accountInfo": result.facts.get("accountInfo"),
        "features": list(result.facts.get("features", ())),
        "version": str(result.facts.get("version", "")),
        "steps": result.as_json(),
    }
    error = ""
    if not result.success:
        error = _error(result.failure)
    return Tested(result.success, result.message, details, error)


def _error(failure: Exception | None) -> str:
    for kind, text in ERRORS:
        if isinstance(failure, kind):
            return text
    return "INVALID"


def _values(
    provider: Provider, entered: configuration.Entered, stored: Mapping[str, Any]
) -> Values:
    """Return what is tried: the stored values, what was entered in their place,
    and the defaults.
    """
    found: dict[str, Any] = {
        field.name: field.default for field in provider.vendor.boxes if field.default
    }
    found.update({name: make() for name, make in provider.generated.items()})
    found.update(stored)
    found.update({name: value for name, value in entered.items() if value is not None})
    plain = {name: vendors.in_clear(value) for name, value in found.items()}
    configuration.require_all(provider, plain)
    secrets = {each.name for each in provider.vendor.secrets}
    return Values(
        {
            name: Secret(value) if name in secrets else value
            for name, value in plain.items()
            if value
        }
    )


def _remembered(user: User, provider: Provider, values: Values) -> str:
    language = translation.get_language()
    return f"integrations:test:{user.pk}:{provider.key}:{language}:{values.fingerprint}"
