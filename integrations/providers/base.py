"""What a provider declares: its fields and its test, who may connect it, and what it can do."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import vendors
from core.http import CallContext, Client
from core.models import VendorAccount
from core.vendors import Values
from core.words.sayings import Text
from crm.models import Organization
from integrations import naming

if TYPE_CHECKING:
    from integrations.contacts.speaking import Contacts
    from integrations.oauth.declaring import OAuth

NOT_A_CHOICE: Final = _("Choose one of those that are offered.")
NOT_A_NUMBER: Final = _("Enter a whole number.")


@dataclass(frozen=True, slots=True)
class Sunset:
    """The day on which the vendor ends something that we use, and where it says so."""

    what: Text
    on: date
    url: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Provider:
    """A service that people connect.

    `key` is what `configuration.provider` says; `vendor` has the fields and the steps of a test.
    `client` makes a client for an account's values. `generated` makes the values of fields that
    nobody types, shown once when the integration is created. `roles` are those that may connect it;
    none named: all. With `has_own_incidents` something else opens an incident where it does not
    answer. `leave` names a function that takes away what was put at the vendor for an integration,
    before that is deleted, and tells whether it could.
    """

    key: str
    vendor: vendors.Vendor
    types: Sequence[str]
    description: Text
    icon: str
    docs_url: str
    client: Callable[[VendorAccount, Values, CallContext], Client] | None = None
    features: Sequence[Text] = ()
    minimum_tier: str = Organization.Tier.FREE
    roles: Sequence[str] = ()
    oauth: "OAuth | None" = None
    contacts: "Contacts | None" = None
    sunsets: Sequence[Sunset] = ()
    generated: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    has_own_incidents: bool = False
    leave: str = ""

    def __post_init__(self) -> None:
        # What holds for every integration's account is not left to each provider to repeat.
        same = replace(self.vendor, name_of=naming.name_of, has_own_page=True, groups_outages=True)
        object.__setattr__(self, "vendor", same)

    @property
    def name(self) -> str:
        return self.vendor.name


def context_of(
    account: VendorAccount, function_name: str, *, run_id: UUID | None = None, by: str = ""
) -> CallContext:
    """Return on whose behalf a call is made; what is tried before it is saved has
    no integration yet.
    """
    integration_id = None
    if account.label:
        integration_id = UUID(account.label)
    return CallContext(
        organization_id=account.organization_id,
        integration_id=integration_id,
        run_id=run_id,
        function_name=function_name,
        triggered_by=by[:40],
    )


def host(provider_key: str, usual: str) -> str:
    """Return a vendor's address, or what `<PROVIDER>_BASE_URL` puts in the place
    of all of its hosts.
    """
    return os.environ.get(f"{provider_key}_BASE_URL", "").rstrip("/") or usual


def one_of(options: Sequence[tuple[str, Any]]) -> Callable[[str], None]:
    """Return a check for a field whose value is one of these."""

    def check(value: str) -> None:
        if value not in dict(options):
            raise ValidationError(NOT_A_CHOICE, code="invalid_choice")

    return check


def whole_number(value: str) -> None:
    """Raise ValidationError for what is no whole number."""
    if not (value.isascii() and value.isdecimal() and len(value) <= 18):
        raise ValidationError(NOT_A_NUMBER, code="invalid")
