"""What HubSpot's refusals mean, and what of its answers is read.

A spent day is a 429 like a spent second, a missing scope a 403 with the scope's name,
an account that moves a 477.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import structlog
from django.utils.translation import gettext_lazy as _

from core.errors import UNREADABLE, BadCredentials, RateLimited, Rejected, Temporary
from core.http import Answer
from core.words.sayings import Text
from integrations.providers.hubspot.names import READ, VENDOR, WRITE
from integrations.providers.judging import object_in

KEY_REFUSED: Final = _(
    "HubSpot does not accept this access: the key was rotated or deleted, or Koppel was removed "
    "from the account. Enter a new service key, or connect again."
)
NO_READING: Final = _(
    "HubSpot does not let this key read contacts. Give it the scope crm.objects.contacts.read in "
    "HubSpot, under Development, Keys; or connect again and allow it."
)
NO_WRITING: Final = _(
    "HubSpot does not let this key write contacts. Give it the scope crm.objects.contacts.write in "
    "HubSpot, under Development, Keys; or connect again and allow it."
)
NO_SCOPE: Final = _(
    "HubSpot does not let this key do that. Give it the scopes that Koppel needs in HubSpot, under "
    "Development, Keys; or connect again and allow them."
)
DAY_SPENT: Final = _(
    "The HubSpot account has used all of its API calls of today. Koppel goes on by itself after "
    "midnight in the account's time zone. HubSpot shows under Development, Monitoring, which app "
    "takes them."
)
MOVING: Final = _(
    "HubSpot is moving this account to another data centre, which takes up to a day. "
    "Nothing was lost; Koppel goes on by itself."
)
BLOCKED: Final = _(
    "HubSpot's protection held the call back. The key is not to blame; Koppel tries again later."
)
LOCKED: Final = _("Somebody else is changing this in HubSpot at the moment. It is tried again.")
TAKEN: Final = _("Another contact in HubSpot has this e-mail address. Merge the two there.")
BAD_ADDRESS: Final = _("HubSpot does not take this e-mail address.")
NO_PROPERTY: Final = _(
    "A property of the mapping does not exist in HubSpot. Choose another in the mapping."
)
READ_ONLY: Final = _(
    "A property of the mapping cannot be written in HubSpot. Choose another in the mapping."
)
NEEDED: Final = _(
    "HubSpot asks for a property that this contact does not have. See the validation rules there."
)
BAD_VALUE: Final = _("HubSpot does not take one of the values of this contact.")
NOT_SAID: Final = _(
    "HubSpot did not say what became of this contact. The next sync writes it again."
)
GONE: Final = _("The contact is not in HubSpot any more.")

AN_HOUR: Final = 3600.0
A_QUARTER: Final = 900.0
_ROWS: Final[tuple[tuple[str, Text], ...]] = (
    ("INVALID_EMAIL", BAD_ADDRESS),
    ("PROPERTY_DOESNT_EXIST", NO_PROPERTY),
    ("READ_ONLY_VALUE", READ_ONLY),
    ("MISSING_REQUIRED_PROPERTY", NEEDED),
    ("MISSING_CONDITIONAL_REQUIRED_PROPERTY", NEEDED),
    ("CONFLICT", TAKEN),
    ("OBJECT_NOT_FOUND", GONE),
)
_ID: Final = re.compile(r"[0-9a-zA-Z-]{8,60}")
logger = structlog.get_logger(__name__)


class Odd(Temporary):
    """HubSpot answered something that its own description does not have."""

    text = UNREADABLE


def judge(answer: Answer) -> None:
    """Raise what HubSpot's own word for a refusal means; nothing where its status says enough."""
    if answer.status < 400:
        is_empty = answer.status == 200 and not answer.body
        if is_empty or answer.is_web_page:
            # The address is always the same: a page is of something in between, or of a bad day.
            raise Odd(VENDOR, status=answer.status)
        return
    body = object_in(answer)
    _note(answer, body)
    if answer.status == 401:
        raise BadCredentials(VENDOR, KEY_REFUSED, status=401)
    if answer.status == 403:
        _judge_forbidden(answer, body)
    if answer.status == 423:
        raise Temporary(VENDOR, LOCKED, status=423, retry_after=2)
    if answer.status == 477:
        raise Temporary(VENDOR, MOVING, status=477, retry_after=answer.retry_after or A_QUARTER)
    if answer.status == 429:
        _judge_limit(body)


def row_error(error: Mapping[str, Any]) -> Text:
    """Return why an input of a batch was refused: the codes stand in the message
    as often as beside it.
    """
    text = json.dumps(error)
    for code, words in _ROWS:
        if code in text:
            return words
    return BAD_VALUE


def is_missing(error: Mapping[str, Any]) -> bool:
    """Tell whether an input names a contact that there is not."""
    return error.get("category") == "OBJECT_NOT_FOUND"


def fields_of(answer: Answer) -> Mapping[str, Any]:
    """Return an answer's object; Odd for anything else."""
    body = answer.json()
    if not isinstance(body, Mapping):
        raise Odd(VENDOR, status=answer.status)
    return body


def rows_of(body: Mapping[str, Any], name: str = "results") -> list[Mapping[str, Any]]:
    """Return the records of a list; Odd where there is no list."""
    rows = body.get(name)
    if not isinstance(rows, list):
        raise Odd(VENDOR)
    return [row for row in rows if isinstance(row, Mapping)]


def _judge_forbidden(answer: Answer, body: Mapping[str, Any]) -> None:
    if answer.is_web_page:
        raise RateLimited(VENDOR, BLOCKED, retry_after=A_QUARTER, status=403)
    text = json.dumps(body)
    words = NO_SCOPE
    if READ in text:
        words = NO_READING
    elif WRITE in text:
        words = NO_WRITING
    raise Rejected(VENDOR, words, status=403)


def _judge_limit(body: Mapping[str, Any]) -> None:
    """Judge the limit: nobody waits for a day that is spent.

    A second is over soon; ten are the client's to wait for.
    """
    policy = body.get("policyName")
    if policy == "DAILY":
        raise RateLimited(VENDOR, DAY_SPENT, retry_after=AN_HOUR, status=429)
    if policy == "SECONDLY":
        raise RateLimited(VENDOR, retry_after=1, status=429)


def _note(answer: Answer, body: Mapping[str, Any]) -> None:
    """Write down the id that HubSpot's support asks for, and nothing else of the answer."""
    found = str(answer.headers.get("x-hubspot-correlation-id") or body.get("correlationId") or "")
    if _ID.fullmatch(found):
        logger.info("hubspot_refused", status=answer.status, correlation_id=found)
