"""The steps in which a connection to Pipedrive is tried:
few, as each call costs tokens of the company's day.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Rejected
from core.http import Client
from core.models import VendorAccount
from core.vendors import Found, Probe, Values
from integrations.oauth.declaring import ExternalAccount
from integrations.providers.base import context_of
from integrations.providers.pipedrive.answers import Odd, body_of, number_in, record_of, rows_of
from integrations.providers.pipedrive.client import client_of, stranger
from integrations.providers.pipedrive.names import LONGEST, ME, PERSONS, VENDOR

TEST: Final = "test"
VERSION: Final = "v2"
# Asked without a token, Pipedrive says that there is none.
REACHED: Final = (200, 401)
# Nobody has this number: whoever may write is told so, and whoever may not is told that.
NOBODY: Final = f"{PERSONS}/0"
WRITES_NOTHING: Final = (200, 400, 404, 410, 422)
SEES_PART: Final = _(
    "Contacts can be read, and written. This person is no administrator in Pipedrive: contacts "
    "that others keep to themselves are not seen, and Pipedrive does not say which."
)
READS_ALONE: Final = _(
    "Contacts can be read, but not written: what changes in Koppel stays in Koppel. For both ways, "
    "the app needs the scope contacts:full in Pipedrive."
)


def what_answers(account: VendorAccount, values: Values) -> Any:
    """Ask without a token whether Pipedrive is there."""
    stranger(context_of(account, TEST, by=values.tried_by)).get(ME, ok=REACHED)
    return _("Pipedrive answers, and its certificate is valid.")


def whose_token(account: VendorAccount, values: Values) -> Found:
    """Ask whose access it is."""
    shown = details(_client(account, values))
    info = {
        "id": str(shown["company_id"]),
        "name": _text(shown, "company_name"),
        "user": _text(shown, "name"),
    }
    info |= {"domain": _text(shown, "company_domain"), "timeZone": _text(shown, "timezone_name")}
    words = str(_("The access is of %(user)s at %(name)s.") % info)
    return Found(words, {"accountInfo": info, "version": VERSION})


def what_it_may(account: VendorAccount, values: Values) -> Found:
    """Read a person as the sync does, and look whether persons may be written."""
    client = _client(account, values)
    rows_of(body_of(client.get(PERSONS, params={"limit": "1"})))
    try:
        client.patch(NOBODY, json={}, ok=WRITES_NOTHING)
    except Rejected as error:
        if error.status != 403:
            raise
        return Found(READS_ALONE, {"features": ["contacts.read"]})
    features = {"features": ["contacts.read", "contacts.write"]}
    if not is_administrator(details(client)):
        return Found(SEES_PART, features)
    return Found(_("Contacts can be read and written."), features)


def details(client: Client) -> Mapping[str, Any]:
    """Return what Pipedrive says of the person; Odd where it does not say
    which company that is of.
    """
    shown = record_of(client.get(ME))
    if number_in(shown) is None or number_in(shown, "company_id") is None:
        raise Odd(VENDOR)
    return shown


def is_administrator(shown: Mapping[str, Any]) -> bool:
    """Tell whether a person sees all that is in the company."""
    access = shown.get("access")
    return isinstance(access, list) and any(
        isinstance(each, Mapping) and each.get("admin") is True for each in access
    )


def whose(client: Client) -> ExternalAccount:
    """Return whose a fresh grant is: a person's in a company, as what they see is theirs."""
    shown = details(client)
    name = f"{_text(shown, 'company_name')} · {_text(shown, 'name')}".strip(" ·")
    return ExternalAccount(f"{shown['company_id']}:{shown['id']}", name[:LONGEST])


def _text(shown: Mapping[str, Any], name: str) -> str:
    return str(shown.get(name) or "").strip()[:LONGEST]


def _client(account: VendorAccount, values: Values) -> Client:
    return client_of(account, values, context_of(account, TEST, by=values.tried_by))


PROBES: Final = (
    Probe(_("Address and encryption"), what_answers),
    Probe(_("Credentials"), whose_token),
    Probe(_("Permissions, and a contact read"), what_it_may),
)


def who_left(body: Mapping[str, Any]) -> ExternalAccount:
    """Return the account that has removed the app, as Pipedrive says it to the way back."""
    return ExternalAccount(f"{body['company_id']}:{body['user_id']}", "")
