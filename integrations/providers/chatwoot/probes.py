"""The steps in which a connection to Chatwoot is tried: each says what it found, or what to do."""

import socket
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from core.errors import NO_SUCH_NAME, Misconfigured
from core.http import Client, addresses
from core.models import VendorAccount
from core.vendors import Found, Probe, Values
from core.words.sayings import Saying, Text
from integrations.providers.base import context_of
from integrations.providers.chatwoot.answers import (
    NO_SUCH_ACCOUNT,
    SUSPENDED,
    VENDOR,
    Missing,
    Odd,
    RoleTooLow,
    judge,
)
from integrations.providers.chatwoot.client import (
    LIMITS,
    base_url,
    client_of,
    fields_of,
    path_of,
    payload_of,
    rows_in,
    text_of,
)

TEST: Final = "test"
NOT_CHATWOOT: Final = _(
    "There is no Chatwoot at this address. Enter the address at which people sign in, "
    "without a path."
)
ENCRYPTED: Final = _("The connection is encrypted, and Chatwoot %(version)s answers.")
UNENCRYPTED: Final = _(
    "Chatwoot %(version)s answers without encryption, which is allowed for this address."
)


def where_it_is(account: VendorAccount, values: Values) -> Text:
    """Look the address up, and refuse one that Koppel may not call."""
    try:
        origin, _rest = addresses.parse(base_url(values))
        addresses.resolve(origin.host, origin.port)
    except addresses.Refused as error:
        raise Misconfigured(VENDOR, error.text) from error
    except socket.gaierror as error:
        raise Misconfigured(VENDOR, NO_SUCH_NAME) from error
    return _("The address exists.")


def what_answers(account: VendorAccount, values: Values) -> Found:
    """Ask for the version, which needs no token: what answers is a Chatwoot,
    over a line that is encrypted.
    """
    context = context_of(account, TEST, by=values.tried_by)
    # Refusals are judged, and nothing is noted of the token: it was not sent.
    client = Client(
        VENDOR, "version", base_url(values), None, (), context, limits=LIMITS, on_answer=_judged
    )
    try:
        version = text_of(fields_of(client.get("/api")), "version", 40)
    except (Missing, Odd) as error:
        raise Misconfigured(VENDOR, NOT_CHATWOOT, status=error.status) from error
    if not version:
        raise Misconfigured(VENDOR, NOT_CHATWOOT)
    words = ENCRYPTED
    if urlsplit(base_url(values)).scheme != "https":
        words = UNENCRYPTED
    return Found(str(Saying(words, {"version": version})), {"version": version})


def whose_token(account: VendorAccount, values: Values) -> str:
    """Ask whose token it is."""
    name = text_of(profile_of(_client(account, values)), "name", 200)
    return str(_("The token belongs to %(name)s.") % {"name": name})


def what_it_may(account: VendorAccount, values: Values) -> Found:
    """Look whether the token is an administrator's of this account, and what the account
    has switched on.
    """
    client = _client(account, values)
    require_administrator(client, values)
    shown = fields_of(client.get(path_of(values)))
    features = shown.get("features")
    names = []
    if isinstance(features, Mapping):
        names = sorted(str(name)[:100] for name, is_on in features.items() if is_on is True)
    name = text_of(shown, "name", 200)
    facts = {"accountInfo": {"id": values.text("accountId"), "name": name}, "features": names}
    return Found(str(_("The token administers the account %(name)s.") % {"name": name}), facts)


def one_record(account: VendorAccount, values: Values) -> str:
    """Read contacts, as everything else that is done with the account begins with a list."""
    answer = _client(account, values).get(path_of(values, "/contacts"), params={"page": "1"})
    rows = rows_in(payload_of(answer))
    if not rows:
        return str(_("It has no contacts yet."))
    return str(_("Contacts can be read."))


def profile_of(client: Client) -> Mapping[str, Any]:
    """Return whose token it is, and what they are in each of their accounts."""
    return fields_of(client.get("/api/v1/profile"))


def require_administrator(client: Client, values: Values) -> None:
    """Raise why the token may not administer the account; nothing where it may."""
    number = values.text("accountId")
    accounts = profile_of(client).get("accounts")
    theirs = [row for row in rows_in(accounts) if str(row["id"]) == number]
    if not theirs:
        raise Misconfigured(VENDOR, NO_SUCH_ACCOUNT)
    if theirs[0].get("status") == "suspended":
        raise Misconfigured(VENDOR, SUSPENDED)
    if theirs[0].get("role") != "administrator":
        raise RoleTooLow(VENDOR, status=401)


def _client(account: VendorAccount, values: Values) -> Client:
    return client_of(account, values, context_of(account, TEST, by=values.tried_by))


def _judged(answer: Any, _costs: Any) -> None:
    judge(answer)


PROBES: Final = (
    Probe(_("Address"), where_it_is),
    Probe(_("Encryption"), what_answers),
    Probe(_("Credentials"), whose_token),
    Probe(_("Permissions"), what_it_may),
    Probe(_("Read a record"), one_record),
)
