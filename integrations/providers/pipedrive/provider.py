"""What Pipedrive is to Koppel: its fields, what it is good for,
and how a connection is made and tried.
"""

import re
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import vendors
from core.vendors import Field
from integrations import naming
from integrations.contacts.speaking import Contacts
from integrations.models import Integration
from integrations.oauth.declaring import BASIC, REFRESH, OAuth
from integrations.providers.base import Provider, one_of
from integrations.providers.pipedrive.client import client_of
from integrations.providers.pipedrive.fields import FIELDS, MAPPING, describe
from integrations.providers.pipedrive.names import KEY, OAUTH, VENDOR
from integrations.providers.pipedrive.probes import PROBES, who_left, whose
from integrations.providers.pipedrive.reading import fetch, fetch_with
from integrations.providers.pipedrive.writing import BATCH, upsert

SIGN_IN: Final = "OAUTH"
TOKEN: Final = "TOKEN"  # noqa: S105 - the name of a choice
METHODS: Final = ((SIGN_IN, _("Sign in at Pipedrive")), (TOKEN, _("A personal API token")))
NO_TOKEN: Final = _(
    "This is not one of Pipedrive's API tokens, which have forty letters and digits. Copy it whole "
    "from Pipedrive, under Company settings, Personal preferences, API."
)
_TOKEN: Final = re.compile(r"[0-9A-Za-z]{32,64}")


def check_token(value: str) -> None:
    """Raise ValidationError for what is no API token."""
    if not _TOKEN.fullmatch(value):
        raise ValidationError(NO_TOKEN, code="invalid")


PIPEDRIVE: Final = vendors.Vendor(
    VENDOR,
    "Pipedrive",
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
            "apiToken",
            _("API token"),
            secret=True,
            check=check_token,
            shown_if=f"authType={TOKEN}",
            help=_(
                "Found in Pipedrive under Company settings, Personal preferences, API. It sees "
                "what its person sees: an administrator's sees all."
            ),
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
    describe=describe,
    fetch_with=fetch_with,
)
SIGNING_IN: Final = OAuth(
    authorize=f"{OAUTH}/oauth/authorize",
    token=f"{OAUTH}/oauth/token",
    revoke=f"{OAUTH}/oauth/revoke",
    allowed=("*.pipedrive.com",),
    whose=whose,
    # The app's own settings there say what it may.
    scopes=(),
    client_auth=BASIC,
    pkce=False,
    api_base_from="api_domain",
    idle_days=60,
    revokes=(REFRESH,),
    revokes_as_client=True,
    # To take the refresh token back is to remove the app.
    revokes_for_all=True,
    uninstalled=who_left,
)
PROVIDER: Final = Provider(
    key=KEY,
    vendor=PIPEDRIVE,
    types=(Integration.Type.CRM,),
    description=_("Persons of a Pipedrive company, kept alike on both sides."),
    icon="users",
    docs_url="https://developers.pipedrive.com/docs/api/v1",
    client=client_of,
    features=(_("Contacts"), _("Fields of your own can be mapped"), _("Changes as they happen")),
    oauth=SIGNING_IN,
    contacts=CONTACTS,
    leave="integrations.providers.pipedrive.hooks.leave",
)
