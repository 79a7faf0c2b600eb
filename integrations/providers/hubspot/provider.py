"""What HubSpot is to Koppel: its fields, what it is good for,
and how a connection is made and tried.
"""

from datetime import date
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import vendors
from core.vendors import Field
from integrations import naming
from integrations.contacts.speaking import Contacts
from integrations.models import Integration
from integrations.oauth.declaring import REFRESH, OAuth
from integrations.providers.base import Provider, Sunset, one_of
from integrations.providers.hubspot.client import client_of
from integrations.providers.hubspot.fields import FIELDS, MAPPING, describe
from integrations.providers.hubspot.names import API, KEY, OAUTH_VERSION, SCOPES, VENDOR
from integrations.providers.hubspot.probes import PROBES, whose
from integrations.providers.hubspot.reading import count, fetch, fetch_deleted, fetch_with
from integrations.providers.hubspot.writing import BATCH, upsert

SIGN_IN: Final = "OAUTH"
TOKEN: Final = "TOKEN"  # noqa: S105 - the name of a choice
METHODS: Final = (
    (SIGN_IN, _("Sign in at HubSpot")),
    (TOKEN, _("A service key or private app token")),
)
SHORTEST_KEY: Final = 12
NO_KEY: Final = _(
    "This is not one of HubSpot's keys, which begin with pat-. Copy it whole from HubSpot, under "
    "Development, Keys. The old API keys have not worked since 2022."
)
CHANGES: Final = "https://developers.hubspot.com/changelog"


def check_key(value: str) -> None:
    """Raise ValidationError for what is no service key and no token of a private app."""
    if not value.startswith("pat-") or len(value) < SHORTEST_KEY:
        raise ValidationError(NO_KEY, code="invalid")


HUBSPOT: Final = vendors.Vendor(
    VENDOR,
    "HubSpot",
    fields=(
        Field(
            "authType",
            _("How Koppel gets in"),
            check=one_of(METHODS),
            required=False,
            kind="select",
            options=METHODS,
            default=SIGN_IN,
        ),
        Field(
            "accessToken",
            _("Service key"),
            secret=True,
            check=check_key,
            shown_if=f"authType={TOKEN}",
            help=_(
                "Made in HubSpot under Development, Keys, with the scopes "
                "crm.objects.contacts.read and crm.objects.contacts.write. The token of an older "
                "private app works too."
            ),
            placeholder="pat-eu1-…",
        ),
    ),
    probes=PROBES,
    name_of=naming.name_of,
    cause="integration",
    has_own_page=True,
)
CONTACTS: Final = Contacts(
    fields=FIELDS,
    mapping=MAPPING,
    fetch=fetch,
    upsert=upsert,
    batch=BATCH,
    count=count,
    fetch_deleted=fetch_deleted,
    describe=describe,
    fetch_with=fetch_with,
)
SIGNING_IN: Final = OAuth(
    authorize="https://app.hubspot.com/oauth/authorize",
    token=f"{API}/oauth/{OAUTH_VERSION}/token",
    revoke=f"{API}/oauth/{OAUTH_VERSION}/token/revoke",
    allowed=("api.hubapi.com", "app.hubspot.com", "app-eu1.hubspot.com"),
    whose=whose,
    scopes=SCOPES,
    api_base=API,
    revokes=(REFRESH,),
    revokes_as_client=True,
)
PROVIDER: Final = Provider(
    key=KEY,
    vendor=HUBSPOT,
    types=(Integration.Type.CRM,),
    description=_("Contacts of a HubSpot account, kept alike on both sides."),
    icon="users",
    docs_url="https://developers.hubspot.com/docs",
    client=client_of,
    features=(
        _("Contacts"),
        _("Deletions"),
        _("Fields of your own can be mapped"),
        _("Changes as they happen"),
    ),
    oauth=SIGNING_IN,
    contacts=CONTACTS,
    sunsets=(
        Sunset(
            _("HubSpot's OAuth of version 1, which Koppel does not use"), date(2027, 2, 16), CHANGES
        ),
        Sunset(
            _("HubSpot's API paths with numbers for versions, which Koppel does not use"),
            date(2027, 9, 1),
            CHANGES,
        ),
    ),
)
