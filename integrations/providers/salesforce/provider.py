"""Salesforce, declared: its fields, its sign-in, its contacts."""

from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.errors import UNREADABLE, Temporary
from core.http import Client
from core.vendors import Field, Vendor
from integrations import naming
from integrations.contacts.speaking import Contacts
from integrations.oauth.declaring import ExternalAccount, OAuth
from integrations.providers.base import Provider, Sunset, one_of
from integrations.providers.salesforce import contacts
from integrations.providers.salesforce.client import client
from integrations.providers.salesforce.fields import MAPPING, USUAL, describe
from integrations.providers.salesforce.names import (
    CLIENT,
    ENVIRONMENTS,
    KEY,
    LOGIN,
    METHODS,
    SANDBOX,
    SIGN_IN,
    VENDOR,
    check_domain,
)
from integrations.providers.salesforce.probing import PROBES
from integrations.providers.salesforce.writing import BATCH, upsert

FIELDS: Final = (
    Field(
        "authType", _("Access"), kind="select", options=METHODS, default=SIGN_IN,
        check=one_of(METHODS),
        help=_("Signing in needs nothing but your Salesforce password. "
"Client credentials need an app in Salesforce."),
    ),
    Field(
        "environment", _("Environment"), kind="select", options=ENVIRONMENTS, default="production",
        check=one_of(ENVIRONMENTS), required=False, shown_if=f"authType={SIGN_IN}",
        help=_("A sandbox has a sign-in of its own."),
    ),
    Field(
        "myDomain", _("My Domain"), check=check_domain, shown_if=f"authType={CLIENT}", longest=120,
        is_destination=True, placeholder="yourcompany.my.salesforce.com",
        help=_("It stands in Salesforce under Setup, My Domain. Only "
"this address takes client credentials."),
    ),
    Field(
        "clientId", _("Consumer key"), shown_if=f"authType={CLIENT}",
        help=_("Of an External Client App with the client credentials "
"flow, a user to run as and the scope api."),
    ),
    Field("clientSecret", _("Consumer secret"), secret=True, kind="password",
          shown_if=f"authType={CLIENT}"),
)  # fmt: skip


def whose(client_of_grant: Client) -> ExternalAccount:
    """Ask whose a grant is: a user within an organization."""
    body = client_of_grant.get("/services/oauth2/userinfo").json()
    found = body if isinstance(body, dict) else {}
    organization, user = found.get("organization_id"), found.get("user_id")
    if not isinstance(organization, str) or not isinstance(user, str):
        raise Temporary(VENDOR, UNREADABLE)
    return ExternalAccount(
        f"{organization}:{user}", str(found.get("preferred_username") or found.get("name") or user)
    )


OAUTH: Final = OAuth(
    authorize=f"{LOGIN}/services/oauth2/authorize",
    token=f"{LOGIN}/services/oauth2/token",
    revoke=f"{LOGIN}/services/oauth2/revoke",
    allowed=("*.salesforce.com",),
    whose=whose,
    scopes=("api", "refresh_token", "id"),
    places={"production": LOGIN, "sandbox": SANDBOX},
    takes_host=True,
    api_base_from="instance_url",
    # Nobody says how long a token lives; a call that is refused renews it.
    life=timedelta(hours=1),
    idle_days=30,
)

PROVIDER: Final = Provider(
    key=KEY,
    vendor=Vendor(
        VENDOR,
        "Salesforce",
        fields=FIELDS,
        probes=PROBES,
        advice=_(
            "Connect Salesforce again, or enter the app's new secret, and test the connection."
        ),
        name_of=naming.name_of,
        cause="integration",
        has_own_page=True,
    ),
    types=("CRM",),
    description=_("Contacts of Sales Cloud, both ways."),
    icon="building-2",
    docs_url="https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/",
    client=client,
    features=(
        _("Contacts come in and go out, the deleted ones too"),
        _("Fields of your own can be mapped"),
        _("Changes come at each sync: Salesforce sends no signed webhooks"),
    ),
    oauth=OAUTH,
    contacts=Contacts(
        fields=USUAL,
        mapping=MAPPING,
        fetch=contacts.fetch,
        upsert=upsert,
        batch=BATCH,
        count=contacts.count,
        fetch_deleted=contacts.fetch_deleted,
        describe=describe,
        fetch_with=contacts.fetch_with,
    ),
    # A version is served for three years at least; this one began in February 2026.
    sunsets=(
        Sunset(
            _("version 66.0 of its API, at the earliest"),
            date(2029, 2, 1),
            "https://developer.salesforce.com/docs/atlas.en-us.api_"
            "rest.meta/api_rest/api_rest_eol.htm",
        ),
    ),
)
