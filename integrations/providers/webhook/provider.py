"""The declaration: an address, which events it wants, and a secret that we make."""

from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core import vendors
from core.http import CallContext, Client, Limits, addresses
from core.masking import BULLETS
from core.models import VendorAccount
from core.vendors import Field, Probe, Values
from core.words.sayings import Text
from crm.models import Organization
from integrations.events import endpoints, sending, signing
from integrations.events.catalogue import KINDS, NAMES_OF_EVENTS
from integrations.models import Integration
from integrations.providers.base import Provider, context_of

ANY_ANSWER: Final = range(200, 600)
UNKNOWN_EVENT: Final = _("There is no event named %(name)s.")
# Top-level names that stand for the machine itself or for its own network.
_NEVER_PUBLIC: Final = frozenset({"localhost", "local", "internal"})
_LIMITS: Final = Limits(connect=5, read=10, total=15, attempts=2, body=1024 * 1024)


def check_events(text: str) -> None:
    """Raise ValidationError for an event that there is not."""
    for name in text.split(","):
        if name and name not in NAMES_OF_EVENTS:
            raise ValidationError(UNKNOWN_EVENT, params={"name": name[:60]}, code="invalid_choice")


def check_address(text: str) -> None:
    """Raise ValidationError for an address that events cannot go to: not on the public internet,
    as far as is known.

    What a name stands for is looked at whenever it is called.
    """
    vendors.check_address(text)
    origin, _path = addresses.parse(text)
    if not origin.exempt and origin.host.rpartition(".")[2] in _NEVER_PUBLIC:
        raise ValidationError(addresses.NOT_PUBLIC, params={"vendor": "Webhook"}, code="invalid")


def _bullets(_secret: str) -> str:
    return BULLETS


def client(account: VendorAccount, values: Values, context: CallContext) -> Client:
    """Return a client for the endpoint's server."""
    origin, _path = addresses.parse(values.text(endpoints.URL))
    return Client(
        sending.VENDOR, account.label, str(origin), None, (), context, limits=_LIMITS, reads="bytes"
    )


def _answers(account: VendorAccount, values: Values) -> Text:
    """Ask the server for nothing: any answer will do, and no event is sent."""
    url = values.text(endpoints.URL)
    caller = client(account, values, context_of(account, "test", by=values.tried_by))
    answer = caller.request("HEAD", url, ok=ANY_ANSWER)
    return _("It answered %(status)s. Send a sample to see whether events are taken.") % {
        "status": answer.status
    }


VENDOR: Final = vendors.Vendor(
    sending.VENDOR,
    "Webhook",
    fields=(
        Field(
            endpoints.URL,
            _("Address"),
            kind="url",
            check=check_address,
            help=_("Events are sent to it by POST, signed as Standard Webhooks are."),
            placeholder="https://example.com/koppel",
            longest=2000,
        ),
        Field(
            endpoints.EVENTS,
            _("Events"),
            kind="choices",
            required=False,
            tried=False,
            check=check_events,
            options=tuple((kind.name, kind.description) for kind in KINDS),
            help=_("Choose none to have all of them."),
            longest=4000,
        ),
        Field(
            "description",
            _("Description"),
            required=False,
            tried=False,
            help=_("What it is for, in your own words."),
        ),
        Field(
            endpoints.SECRET,
            _("Signing secret"),
            secret=True,
            tried=False,
            typed=False,
            mask=_bullets,
        ),
        Field(
            endpoints.PREVIOUS,
            _("Signing secret before"),
            secret=True,
            tried=False,
            typed=False,
            required=False,
            mask=_bullets,
        ),
        Field(endpoints.PREVIOUS_UNTIL, _("Signs until"), tried=False, typed=False, required=False),
    ),
    probes=(Probe(_("The server answers"), _answers),),
    advice=_("See whether the server runs, and correct the address if it has moved."),
)

PROVIDER: Final = Provider(
    key=endpoints.PROVIDER,
    vendor=VENDOR,
    types=(Integration.Type.WEBHOOK,),
    description=_("What happens in Koppel, sent to a server of your own as it happens."),
    icon="activity",
    docs_url="https://www.standardwebhooks.com/",
    client=client,
    features=(
        _("Events of leads, contacts, meetings, calls and recordings"),
        _("Signed, tried again for three days, sent again on request"),
    ),
    minimum_tier=Organization.Tier.PRO_PLUS,
    roles=endpoints.ROLES,
    generated={endpoints.SECRET: signing.new_secret},
    # An endpoint that takes no events for an hour is one (integrations.events).
    has_own_incidents=True,
)
