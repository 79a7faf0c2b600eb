"""What Salesforce's refusals mean: its status alone does not say.

A spent daily limit is a 403 and no lost key; a locked row is a 400 that passes;
a token that serves no more is a 401, and at the sign-in host a 403 in plain text.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import BadCredentials, RateLimited, Rejected, Temporary, VendorError
from core.http import Answer
from core.http.lenient import loads
from core.words.sayings import Text
from integrations.providers.salesforce.names import VENDOR

LIMIT_REACHED: Final = _(
    "The Salesforce organization has used all of its API calls of the last 24 hours. Koppel goes "
    "on by itself later. Setup, System Overview, shows in Salesforce which app takes them."
)
API_DISABLED: Final = _(
    "The Salesforce organization has no access to the API. Enterprise, Unlimited and Developer "
    "editions have it; Professional needs it bought. Ask your Salesforce administrator."
)
NO_ACCESS: Final = _(
    "The Salesforce user may not do that. Ask your Salesforce administrator for a permission set "
    "that reads and edits contacts."
)
NO_FIELD: Final = _(
    "Salesforce does not know a field that was asked for, or hides it from this user. "
    "Look at the field's visibility in Salesforce, or take it out of the mapping."
)
EXPIRED_LIST: Final = _(
    "Salesforce keeps the list no longer. Nothing was lost; the next sync reads it anew."
)
LOCKED: Final = _(
    "Somebody else is changing this record in Salesforce. It is tried again at the next sync."
)
OLD_VERSION: Final = _(
    "Salesforce no longer serves the version of its API that Koppel uses. Update Koppel."
)
NOT_FOUND: Final = _(
    "Salesforce does not know what was asked for. It was deleted there, or the user may not see "
    "contacts at all."
)
DUPLICATE: Final = _(
    "A duplicate rule in Salesforce refused this contact. Merge it there with the one it resembles."
)
SEVERAL: Final = _(
    "Several contacts in Salesforce have this address. Merge them there; nothing was changed."
)
TAKEN: Final = _(
    "Another contact in Salesforce has this address. Merge them there; nothing was changed."
)
WRONG_KIND: Final = _(
    "Salesforce needs a number, or true or false, in a field that has another text."
)
NO_LAST_NAME: Final = _("Salesforce asks for a last name, and there is none.")
TOO_LONG: Final = _("A value is longer than its field in Salesforce.")
BAD_ADDRESS: Final = _("Salesforce does not take this e-mail address.")
RULE: Final = _("A validation rule in Salesforce refused this contact.")
DELETED: Final = _("The contact was deleted in Salesforce.")
REFUSED_ROW: Final = _("Salesforce refused this contact.")
NO_FIELD_ROW: Final = _(
    "A field of the mapping cannot be written in Salesforce, or does not exist there."
)


class ListDropped(Rejected):
    """Salesforce keeps a list for two days, and has no further page of this one."""


AN_HOUR: Final = 3600.0
_CODES: Final[dict[str, tuple[type[VendorError], Text]]] = {
    "API_DISABLED_FOR_ORG": (Rejected, API_DISABLED),
    "API_CURRENTLY_DISABLED": (Rejected, API_DISABLED),
    "INSUFFICIENT_ACCESS": (Rejected, NO_ACCESS),
    "INSUFFICIENT_ACCESS_OR_READONLY": (Rejected, NO_ACCESS),
    "INVALID_TYPE": (Rejected, NO_ACCESS),
    "INVALID_FIELD": (Rejected, NO_FIELD),
    "INVALID_QUERY_LOCATOR": (ListDropped, EXPIRED_LIST),
    "UNABLE_TO_LOCK_ROW": (Temporary, LOCKED),
    "UNSUPPORTED_API_VERSION": (Rejected, OLD_VERSION),
    "NOT_FOUND": (Rejected, NOT_FOUND),
    "INVALID_SESSION_ID": (BadCredentials, ""),
    "SERVER_UNAVAILABLE": (Temporary, ""),
}
_ROWS: Final[dict[str, Text]] = {
    "DUPLICATES_DETECTED": DUPLICATE,
    "DUPLICATE_VALUE": DUPLICATE,
    "DUPLICATE_EXTERNAL_ID": SEVERAL,
    "REQUIRED_FIELD_MISSING": NO_LAST_NAME,
    "STRING_TOO_LONG": TOO_LONG,
    "INVALID_EMAIL_ADDRESS": BAD_ADDRESS,
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": RULE,
    "ENTITY_IS_DELETED": DELETED,
    "NOT_FOUND": DELETED,
    "INVALID_CROSS_REFERENCE_KEY": DELETED,
    "UNABLE_TO_LOCK_ROW": LOCKED,
    "INSUFFICIENT_ACCESS_OR_READONLY": NO_ACCESS,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": NO_ACCESS,
    "INVALID_FIELD": NO_FIELD_ROW,
    "INVALID_FIELD_FOR_INSERT_UPDATE": NO_FIELD_ROW,
}
_USAGE: Final = re.compile(r"\bapi-usage=(\d{1,9})/(\d{1,9})")


def codes_of(body: Any) -> list[str]:
    """Return the error codes of a refusal, whether it is a list or an object."""
    rows = body if isinstance(body, list) else [body]
    found = []
    for row in rows:
        if isinstance(row, dict):
            code = row.get("errorCode") or row.get("statusCode") or row.get("error")
            found.append(str(code or ""))
    return [code for code in found if code]


def refusal(answer: Answer) -> VendorError | None:
    """Return what Salesforce's own word for an error means; None where its status says enough."""
    if answer.status < 400:
        return None
    text = answer.text(200)
    if answer.status == 403 and text.strip() in {"Bad_OAuth_Token", "Missing_OAuth_Token"}:
        # As a 401, so that a token that can be renewed is.
        return BadCredentials(VENDOR, status=401)
    for code in codes_of(_body(answer)):
        if code == "REQUEST_LIMIT_EXCEEDED":
            return RateLimited(VENDOR, LIMIT_REACHED, retry_after=AN_HOUR, status=answer.status)
        if code in _CODES:
            kind, words = _CODES[code]
            return kind(VENDOR, words, status=answer.status)
    return None


def row_error(errors: Any) -> Text:
    """Return why a row of a batch was not written."""
    rows: Sequence[Any] = errors if isinstance(errors, list) else ()
    for code in codes_of(list(rows)):
        if code in _ROWS:
            return _ROWS[code]
    return REFUSED_ROW


def usage_of(answer: Answer) -> tuple[int, int] | None:
    """Return how many calls of the last 24 hours were made, and how many may be;
    None where it is not told.
    """
    found = _USAGE.search(answer.headers.get("sforce-limit-info", ""))
    if found is None:
        return None
    return int(found[1]), int(found[2])


def _body(answer: Answer) -> Any:
    try:
        return loads(answer.body)
    except ValueError:
        return None
