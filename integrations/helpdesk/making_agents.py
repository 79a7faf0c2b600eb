"""Making an agent at Chatwoot: with a password by the platform app where there is one,
else by an invitation.

The account's own API sets no password. The platform app's token is the installation's, and goes
to no other server; who asks for it must be an administrator of the account by a token of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core import vendors
from core.errors import Conflicting, VendorError
from core.http import Client, HeaderKey
from core.masking import Secret
from core.vendors import Values
from integrations.helpdesk.desks import Desk, Open
from integrations.providers.chatwoot.answers import VENDOR, judge
from integrations.providers.chatwoot.client import (
    HEADER,
    LIMITS,
    base_url,
    fields_of,
    number_of,
    path_of,
)
from integrations.providers.chatwoot.probes import require_administrator
from integrations.providers.chatwoot.provider import PROVIDER

PLATFORM: Final = "/platform/api/v1"
ROLE: Final = "agent"
KNOWN: Final = _(
    "Somebody at Chatwoot has this address already, with a password of their own. "
    "Choose another name."
)


class KnownElsewhere(Conflicting):
    """The address belongs to somebody in another account of that Chatwoot."""

    conflict = "already_there"


@dataclass(frozen=True, slots=True)
class New:
    """The agent as Chatwoot describes it, and whether it has to accept an invitation."""

    agent: Mapping[str, Any]
    is_invited: bool


def make(desk: Desk, at: Open, *, name: str, email: str, password: str) -> New:
    """Make the agent, whichever way there is."""
    if _has_platform(at.values):
        return _by_platform(desk, at, name=name, email=email, password=password)
    body = {"name": name, "email": email, "role": ROLE}
    agent = fields_of(at.client.post(path_of(at.values, "/agents"), json=body))
    return New(agent, is_invited=agent.get("confirmed") is not True)


def sets_passwords(desk: Desk) -> bool:
    """Tell whether an agent of this desk gets the password that was entered for them."""
    return _has_platform(vendors.current(desk.account))


def _has_platform(values: Values) -> bool:
    """Tell whether the account is on the server whose platform app we know."""
    own = str(vendors.in_environment(PROVIDER.vendor.field("baseUrl"))).rstrip("/")
    return bool(settings.CHATWOOT_PLATFORM_TOKEN) and bool(own) and own == base_url(values)


def _by_platform(desk: Desk, at: Open, *, name: str, email: str, password: str) -> New:
    require_administrator(at.client, at.values)
    client = Client(
        VENDOR,
        "platform",
        base_url(at.values),
        HeaderKey(HEADER, Secret(settings.CHATWOOT_PLATFORM_TOKEN)),
        (),
        at.client.context,
        limits=LIMITS,
        on_answer=_judged,
    )
    wish = {"name": name, "email": email, "password": password}
    user = fields_of(client.post(f"{PLATFORM}/users", json=wish))
    if user.get("accounts"):
        # The vendor gives whoever has the address, unchanged: the password would be another.
        raise KnownElsewhere({"name": KNOWN})
    number = number_of(user)
    try:
        # Of an earlier attempt whose answer was lost the password may be another.
        client.patch(f"{PLATFORM}/users/{number}", json={"password": password}, idempotent=True)
        path = f"{PLATFORM}/accounts/{at.values.text('accountId')}/account_users"
        client.post(path, json={"user_id": number, "role": ROLE}, idempotent=True)
    except VendorError:
        _take_back(client, number)
        raise
    return New(
        {"id": number, "name": name, "email": email, "role": ROLE, "confirmed": True},
        is_invited=False,
    )


def _take_back(client: Client, number: int) -> None:
    """Remove a user who got into no account; one who cannot be removed can do nothing either."""
    try:
        client.delete(f"{PLATFORM}/users/{number}")
    except VendorError:
        return


def _judged(answer: Any, _costs: Any) -> None:
    judge(answer)
