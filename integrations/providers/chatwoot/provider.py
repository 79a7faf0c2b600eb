"""What Chatwoot is to Koppel: its fields, what it is good for, and how a connection is tried."""

from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import vendors
from core.vendors import Field
from integrations.models import Integration
from integrations.providers.base import Provider, whole_number
from integrations.providers.chatwoot.answers import VENDOR
from integrations.providers.chatwoot.client import client_of
from integrations.providers.chatwoot.contacts import CONTACTS
from integrations.providers.chatwoot.probes import PROBES

Type = Integration.Type
SHORTEST_TOKEN: Final = 10
TOO_SHORT: Final = _(
    "An access token is longer. Copy it whole from the profile settings in Chatwoot."
)


def check_token(value: str) -> None:
    """Raise ValidationError for what is too short to be a token."""
    if len(value) < SHORTEST_TOKEN:
        raise ValidationError(TOO_SHORT, code="too_short")


def _switch(name: str, label: object, text: object) -> Field:
    return Field(
        f"features.{name}",
        label,  # type: ignore[arg-type]
        required=False,
        tried=False,
        kind="checkbox",
        default="true",
        help=text,  # type: ignore[arg-type]
    )


CHATWOOT: Final = vendors.Vendor(
    VENDOR,
    "Chatwoot",
    fields=(
        Field(
            "baseUrl",
            _("Chatwoot base URL"),
            check=vendors.check_address,
            env="CHATWOOT_BASE_URL",
            kind="url",
            help=_("Where you sign in to Chatwoot."),
            placeholder="https://app.chatwoot.com",
        ),
        Field(
            "accountId",
            _("Account ID"),
            check=whole_number,
            env="CHATWOOT_ACCOUNT_ID",
            help=_(
                "The number behind /accounts/ in the address while you are signed in to Chatwoot."
            ),
            placeholder="1",
            longest=18,
        ),
        Field(
            "apiKey",
            _("API access token"),
            secret=True,
            check=check_token,
            env="CHATWOOT_API_KEY",
            help=_(
                "Of an administrator's profile settings in Chatwoot, at the bottom of the page."
            ),
        ),
        _switch(
            "autoCreateInboxes",
            _("Make inboxes"),
            _("A demo gets a website inbox of its own in Chatwoot."),
        ),
        _switch(
            "autoCreateBots",
            _("Make bots"),
            _("A demo gets a bot that calls your agents as soon as a visitor writes."),
        ),
        _switch(
            "syncContacts",
            _("Exchange contacts"),
            _("Contacts are kept alike in Chatwoot and in Koppel."),
        ),
    ),
    probes=PROBES,
    cause="integration",
)
PROVIDER: Final = Provider(
    key="CHATWOOT",
    vendor=CHATWOOT,
    types=(Type.CRM, Type.HELPDESK, Type.CHAT_WIDGET),
    description=_("Conversations with visitors of your websites, and the people who answer them."),
    icon="inbox",
    docs_url="https://www.chatwoot.com/docs/product",
    client=client_of,
    features=(
        _("Contacts"),
        _("Helpdesk agents"),
        _("Website inboxes"),
        _("Bots"),
        _("Chat widget"),
    ),
    contacts=CONTACTS,
    leave="integrations.helpdesk.hooks.leave",
)
