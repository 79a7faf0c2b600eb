"""Calls to one account at Chatwoot, and what of its answers is read."""

from collections.abc import Mapping
from typing import Any, Final

from core.http import Answer, CallContext, Client, HeaderKey, Limits, Quota
from core.models import VendorAccount
from core.vendors import Values
from integrations.providers.chatwoot.answers import VENDOR, Odd, judging

# Both spellings reach the server; what stands in front of many servers drops
# those with underscores.
HEADER: Final = "Api-Access-Token"
# The sample of a server's settings has 300 a minute and address, and 100 searches an account.
QUOTAS: Final = (Quota("minute", 240, 60), Quota("search", 90, 60, cost=0))
SEARCH: Final = {"search": 1}
LIMITS: Final = Limits(total=30)


def base_url(values: Values) -> str:
    """Return where the installation is, without the slash that people paste at its end."""
    return values.text("baseUrl").rstrip("/")


def client_of(account: VendorAccount, values: Values, context: CallContext) -> Client:
    """Return a client for the token and the installation of an account."""
    return Client(
        VENDOR,
        values.fingerprint[:24],
        base_url(values),
        HeaderKey(HEADER, values.secret("apiKey")),
        QUOTAS,
        context,
        limits=LIMITS,
        on_answer=judging(values),
    )


def path_of(values: Values, rest: str = "") -> str:
    """Return a path within the account."""
    return f"/api/v1/accounts/{values.text('accountId')}{rest}"


def fields_of(answer: Answer) -> Mapping[str, Any]:
    """Return an answer's object; Odd for anything else."""
    if not answer.body:
        raise Odd(VENDOR, status=answer.status)
    body = answer.json()
    if not isinstance(body, Mapping):
        raise Odd(VENDOR, status=answer.status)
    return body


def payload_of(answer: Answer) -> Any:
    """Return what stands under `payload`; Odd where nothing does."""
    body = fields_of(answer)
    if "payload" not in body:
        raise Odd(VENDOR, status=answer.status)
    return body["payload"]


def rows_in(found: Any) -> list[Mapping[str, Any]]:
    """Return the records of a list that have a number of their own; Odd for what is no list."""
    if not isinstance(found, list):
        raise Odd(VENDOR)
    return [row for row in found if isinstance(row, Mapping) and is_number(row.get("id"))]


def rows_of(answer: Answer) -> list[Mapping[str, Any]]:
    """Return the records of an answer that is a bare list."""
    if not answer.body:
        raise Odd(VENDOR, status=answer.status)
    return rows_in(answer.json())


def number_of(row: Mapping[str, Any]) -> int:
    """Return a record's number; Odd where it has none."""
    number = row.get("id")
    if not isinstance(number, int) or not is_number(number):
        raise Odd(VENDOR)
    return number


def is_number(value: Any) -> bool:
    """Tell whether it is an id: True would be record 1."""
    return isinstance(value, int) and not isinstance(value, bool)


def text_of(row: Mapping[str, Any], name: str, longest: int = 500) -> str:
    """Return a text of a record, '' for none; never longer than there is room for."""
    value = row.get(name)
    if value is None or isinstance(value, Mapping | list):
        return ""
    return str(value).replace("\x00", "")[:longest]
