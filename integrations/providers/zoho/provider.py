"""Zoho CRM, declared: its fields, its sign-in, its contacts."""

from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.http import Client
from core.vendors import Field, Vendor
from integrations import naming
from integrations.contacts.speaking import Contacts
from integrations.oauth.declaring import ExternalAccount, OAuth
from integrations.providers.base import Provider, one_of
from integrations.providers.zoho import contacts
from integrations.providers.zoho.client import client
from integrations.providers.zoho.fields import MAPPING, USUAL, describe
from integrations.providers.zoho.names import (
    CENTERS,
    CHOICES,
    CLIENT,
    HOSTS,
    KEY,
    METHODS,
    REFRESH,
    SCHEME,
    SCOPES,
    SIGN_IN,
    USUAL_CENTER,
    VENDOR,
)
from integrations.providers.zoho.probing import PROBES, user_of
from integrations.providers.zoho.writing import BATCH, write

SELF_CLIENT: Final = f"authType={CLIENT}|{REFRESH}"
NO_ORGANIZATION: Final = _(
    "Enter the number alone. It stands in Zoho CRM under Setup, Company Details."
)
_ACCOUNTS: Final = f"https://{CENTERS[USUAL_CENTER].accounts}"


def check_organization(value: str) -> None:
    """Raise ValidationError for what is no organization's number."""
    if not (value.isascii() and value.isdecimal() and len(value) <= 20):
        raise ValidationError(NO_ORGANIZATION, code="invalid")


FIELDS: Final = (
    Field(
        "authType", _("Access"), kind="select", options=METHODS, default=SIGN_IN,
        check=one_of(METHODS),
        help=_("Signing in needs nothing but your Zoho password. A "
"self client is made in Zoho's API console."),
    ),
    Field(
        "dataCenter", _("Data center"), kind="select", options=CHOICES, default=USUAL_CENTER,
        check=one_of(CHOICES), required=False, shown_if=SELF_CLIENT,
        help=_("The ending of the address that your Zoho CRM has."),
    ),
    Field(
        "clientId", _("Client ID"), shown_if=SELF_CLIENT,
        help=_("Of a self client in the API console of your data center."),
    ),
    Field("clientSecret", _("Client secret"), secret=True, kind="password", shown_if=SELF_CLIENT),
    Field(
        "organizationId", _("Organization ID"), check=check_organization,
        shown_if=f"authType={CLIENT}", longest=20,
        help=_("The number under Setup, Company Details, in Zoho CRM."),
    ),
    Field(
        "refreshToken", _("Refresh token"), secret=True, kind="password",
        shown_if=f"authType={REFRESH}",
        help=_("What the code of the self client was exchanged for."),
    ),
)  # fmt: skip


def whose(client_of_grant: Client) -> ExternalAccount:
    """Ask whose a grant is: a user, whose id is of one organization alone."""
    return ExternalAccount(*user_of(client_of_grant))


OAUTH: Final = OAuth(
    authorize=f"{_ACCOUNTS}/oauth/v2/auth",
    token=f"{_ACCOUNTS}/oauth/v2/token",
    revoke=f"{_ACCOUNTS}/oauth/v2/token/revoke",
    allowed=HOSTS,
    whose=whose,
    scopes=SCOPES,
    scope_joiner=",",
    # Without both there is no lasting access.
    parameters={"access_type": "offline", "prompt": "consent"},
    places={key: f"https://{center.accounts}" for key, center in CENTERS.items()},
    token_host_from="accounts-server",  # noqa: S106 - the name of a parameter
    api_base_from="api_domain",
    error_with_200=True,
    gone=frozenset({"invalid_code", "invalid_grant"}),
    scheme=SCHEME,
)

PROVIDER: Final = Provider(
    key=KEY,
    vendor=Vendor(
        VENDOR,
        "Zoho CRM",
        fields=FIELDS,
        probes=PROBES,
        advice=_(
            "Connect Zoho again, or enter the self client's new values, and test the connection."
        ),
        name_of=naming.name_of,
        cause="integration",
        has_own_page=True,
    ),
    types=("CRM",),
    description=_("Contacts of Zoho CRM in any of its data centers, both ways."),
    icon="users",
    docs_url="https://www.zoho.com/crm/developer/docs/api/v8/",
    client=client,
    features=(
        _("Contacts come in and go out, the deleted ones too"),
        _("Fields of your own can be mapped"),
        _("No workflow rules run for what Koppel writes"),
    ),
    oauth=OAUTH,
    # No version of the API has an end that is published.
    contacts=Contacts(
        fields=USUAL,
        mapping=MAPPING,
        fetch=contacts.fetch,
        upsert=write,
        batch=BATCH,
        count=contacts.count,
        fetch_deleted=contacts.fetch_deleted,
        describe=describe,
        fetch_with=contacts.fetch_with,
    ),
)
