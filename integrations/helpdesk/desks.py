"""Which Chatwoot serves a person: their own, else one that is shared with them,
else the installation's.

The installation's Chatwoot serves every organization. There each of them sees what was made for it,
and nothing else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import vendors
from core.errors import Conflicting
from core.http import Client
from core.models import User, VendorAccount
from core.vendors import Values
from crm.models import Organization
from integrations import access
from integrations.models import Integration
from integrations.providers.base import context_of
from integrations.providers.chatwoot.client import base_url, client_of
from integrations.providers.chatwoot.provider import PROVIDER

NO_DESK: Final = _("Connect Chatwoot first: nothing is connected that you could use for this.")
WHICH: Final = _("There are several. Say which one is meant.")
SWITCHED_OFF: Final = _("This integration is switched off. Switch it on first.")


class NoDesk(Conflicting):
    """No Chatwoot is connected."""

    conflict = "not_connected"

    def __init__(self, text: Any = NO_DESK) -> None:
        super().__init__(text, code=self.conflict)


@dataclass(frozen=True, slots=True)
class Open:
    """A desk while somebody works at it: the client, and the values that it was made of."""

    client: Client
    values: Values

    @property
    def place(self) -> tuple[str, str]:
        """Which account of which installation this is: a record's number means
        something there alone.
        """
        return base_url(self.values), self.values.text("accountId")


@dataclass(frozen=True, slots=True)
class Desk:
    """A Chatwoot account, and the organization that it is used for;
    without an integration it is the installation's.
    """

    organization: Organization
    account: VendorAccount
    integration: Integration | None = None

    @property
    def is_shared_by_all(self) -> bool:
        return self.integration is None

    @contextmanager
    def open(self, purpose: str, *, run_id: UUID | None = None, by: str = "") -> Iterator[Open]:
        """Give a client for the values in use, and report whether Chatwoot took them."""
        context = replace(
            context_of(self.account, purpose, run_id=run_id, by=by),
            organization_id=self.organization.pk,
        )
        with vendors.watched(self.account) as values:
            yield Open(client_of(self.account, values, context), values)


def serving(user: User, organization: Organization, integration_id: UUID | None = None) -> Desk:
    """Return the Chatwoot that serves a person.

    Integration.DoesNotExist for one that they do not see, ValidationError where several could
    be meant, NoDesk where there is none.
    """
    rows = (
        access.integrations_for(user, organization.pk)
        .filter(provider=PROVIDER.key)
        .select_related("account")
    )
    if integration_id is not None:
        named = rows.get(pk=integration_id)
        if not named.is_active:
            raise NoDesk(SWITCHED_OFF)
        return Desk(organization, named.account, named)
    active = list(rows.filter(is_active=True).order_by("created_at", "pk"))
    own = [row for row in active if row.owner_id == user.pk]
    others = [row for row in active if row.owner_id != user.pk]
    for theirs in (own, others):
        if len(theirs) > 1:
            raise ValidationError({"integration": ValidationError(WHICH, code="several")})
        if theirs:
            return Desk(organization, theirs[0].account, theirs[0])
    return _of_installation(organization)


def again(organization: Organization, integration: Integration | None) -> Desk:
    """Return the desk at which something was made."""
    if integration is None:
        return _of_installation(organization)
    return Desk(organization, integration.account, integration)


def _of_installation(organization: Organization) -> Desk:
    account = vendors.account_of(PROVIDER.vendor, None)
    if not vendors.current(account).are_enough_for(PROVIDER.vendor):
        raise NoDesk
    return Desk(organization, account)
