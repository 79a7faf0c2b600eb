"""Connecting a service: the tier is looked at, the values checked, sealed and kept,
and tried right after.
"""

import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core import locks, vendors
from core.errors import Conflicting
from core.models import User, VendorAccount
from crm import access
from crm.models import Organization
from integrations import configuration, registry, tiers
from integrations.models import Integration
from integrations.providers.base import Provider
from integrations.services import waiting
from integrations.services.writing import record

NO_PROVIDER: Final = _("Choose one of the services that can be connected.")
NOT_OF_TYPE: Final = _("This service cannot be connected as that.")
NO_NAME: Final = _("Give it a name.")
NULL: Final = _("Null characters are not allowed.")
NOT_FOR_ROLE: Final = _("Your role may not connect this. Ask whoever runs your organization.")
TOO_MANY: Final = _("%(count)d integrations are as many as can be. Delete those that nobody needs.")
# Each is tested every quarter of an hour, against hosts that may be slow on purpose.
MOST_OF_A_PERSON: Final = 50
MOST_OF_AN_ORGANIZATION: Final = 500
# They have the letters after them read in another order than they stand in.
BIDI: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class TooMany(Conflicting):
    """A person or an organization has as many integrations as can be."""

    conflict = "too_many"


class NotForRole(Exception):
    """The person's role may not connect this provider."""

    def __str__(self) -> str:
        return str(NOT_FOR_ROLE)


@dataclass(frozen=True)
class Created:
    """The new integration, and what is shown this once."""

    integration: Integration
    shown_once: Mapping[str, str] = field(default_factory=dict)


def create(
    organization: Organization,
    owner: User,
    *,
    name: str,
    kind: str,
    given: Mapping[str, Any],
    is_shared: bool = False,
    is_complete: bool = True,
    request: Any = None,
) -> Created:
    """Connect a service, and have it tried as soon as this is committed.

    ValidationError by field for what cannot be stored; TierLimit or NotForRole for what is not
    theirs to connect. With `is_complete=False` values may be missing: a sign-in at the vendor
    brings them.
    """
    provider = chosen(given, kind)
    permit(organization, owner, kind, provider)
    name = checked_name(name)
    entered = configuration.read(provider, given)
    if is_complete:
        entered = configuration.complete(provider, entered)
    generated = {field_name: make() for field_name, make in provider.generated.items()}
    integration_id = uuid.uuid4()
    with transaction.atomic():
        _refuse_too_many(organization, owner)
        account = VendorAccount.objects.create(
            vendor=provider.vendor.key, organization_id=organization.pk, label=str(integration_id)
        )
        integration = Integration.objects.create(
            id=integration_id,
            organization=organization,
            owner=owner,
            name=name,
            type=kind,
            provider=provider.key,
            account=account,
            is_shared=is_shared,
        )
        vendors.store(account, {**entered, **generated}, actor=owner, request=request)
        record("integration.created", integration, owner, request, type=kind)
    if is_complete:
        waiting.have_checked(integration)
    return Created(integration, generated)


def permit(organization: Organization, owner: User, kind: str, provider: Provider) -> None:
    """Raise TierLimit or NotForRole for what is not theirs to connect."""
    tiers.require(organization, tiers.required_for(kind, provider))
    if provider.roles and access.role_in(owner, organization.pk) not in provider.roles:
        raise NotForRole


def _refuse_too_many(organization: Organization, owner: User) -> None:
    """Raise TooMany; two that are created at once wait for each other."""
    locks.hold("integrations.creating", organization.pk)
    rows = Integration.objects.filter(organization=organization)
    for most, found in (
        (MOST_OF_A_PERSON, rows.filter(owner=owner)),
        (MOST_OF_AN_ORGANIZATION, rows),
    ):
        if found.count() >= most:
            raise TooMany(TOO_MANY % {"count": most})


def chosen(given: Mapping[str, Any], kind: str) -> Provider:
    """Return the provider that a configuration names; ValidationError where it cannot
    be of this type.
    """
    provider = registry.find(str(given.get("provider", "")))
    if provider is None:
        raise ValidationError(
            {"configuration.provider": ValidationError(NO_PROVIDER, code="invalid_choice")}
        )
    if kind not in provider.types:
        raise ValidationError({"type": ValidationError(NOT_OF_TYPE, code="invalid_choice")})
    return provider


def _printed(character: str) -> str:
    """Return a character of a name, which is one line: incidents and mails are titled with it."""
    if character != "\x00" and unicodedata.category(character) in ("Cc", "Zl", "Zp"):
        return " "
    return "" if character in BIDI else character


def checked_name(name: str) -> str:
    """Return a name as it is kept; ValidationError for one that is none."""
    text = " ".join("".join(map(_printed, name)).split())
    if not text.strip("\x00"):
        raise ValidationError({"name": ValidationError(NO_NAME, code="required")})
    if "\x00" in text:
        raise ValidationError({"name": ValidationError(NULL, code="null_characters_not_allowed")})
    return text
