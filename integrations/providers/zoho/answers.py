"""What Zoho's refusals mean: errors come with 200 too, and a missing right with 401.

A token of another data center looks like one that is not valid. 429 stands for both of its limits,
and does not say for how long.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import BadCredentials, RateLimited, Rejected, Temporary, VendorError
from core.http import Answer
from core.words.sayings import Text
from integrations.providers.judging import object_in
from integrations.providers.zoho.names import VENDOR

TOO_MANY: Final = _(
    "Zoho takes no more calls for the moment: too many at once, or all credits of 24 hours are "
    "used. Koppel goes on by itself later."
)
NOT_VALID: Final = _(
    "Zoho does not accept the access. Connect it again; where it was just entered, see that the "
    "data center is the one whose address your Zoho CRM has."
)
NO_SCOPE: Final = _(
    "The access lacks a right at Zoho. Connect again and allow everything that is asked for; "
    "a self client needs the scopes for contacts, users, organization and fields."
)
NO_ACCESS: Final = _(
    "The Zoho user may not do that. Ask your Zoho administrator for a profile that reads and "
    "edits contacts."
)
NO_MODULE: Final = _(
    "Zoho CRM has no contacts for this user: the module is switched off or hidden."
)
MODIFIED: Final = _(
    "Somebody changed the record in Zoho meanwhile. It is tried again at the next sync."
)
DUPLICATE: Final = _(
    "Another contact in Zoho has this value already, and its field takes no duplicates."
)
TAKEN: Final = _("Another contact in Zoho has this address. Merge them there; nothing was changed.")
NO_LAST_NAME: Final = _("Zoho asks for a value of a field that the mapping does not give.")
BAD_ADDRESS: Final = _("Zoho does not take this e-mail address.")
BAD_VALUE: Final = _(
    "Zoho does not take a value: it is too long, or of another kind than its field."
)
DELETED: Final = _("The contact was deleted in Zoho.")
REFUSED_ROW: Final = _("Zoho refused this contact.")

A_MINUTE: Final = 60.0
_CODES: Final[dict[str, tuple[type[VendorError], Text]]] = {
    "OAUTH_SCOPE_MISMATCH": (Rejected, NO_SCOPE),
    "NO_PERMISSION": (Rejected, NO_ACCESS),
    "INVALID_MODULE": (Rejected, NO_MODULE),
    "RECORD_MODIFIED": (Temporary, MODIFIED),
    "INTERNAL_ERROR": (Temporary, ""),
}
_INVALID_TOKENS: Final = frozenset(
    {"INVALID_TOKEN", "AUTHENTICATION_FAILURE", "INVALID_OAUTHTOKEN"}
)
_LIMITS: Final = frozenset({"TOO_MANY_REQUESTS", "API_LIMIT_EXCEEDED"})
_ROWS: Final[dict[str, Text]] = {
    "DUPLICATE_DATA": DUPLICATE,
    "MANDATORY_NOT_FOUND": NO_LAST_NAME,
    "NO_PERMISSION": NO_ACCESS,
    "RECORD_MODIFIED": MODIFIED,
}
# How a body begins that is an error whatever its status is.
_ERRORS: Final = (b'{"code"', b'{"error"', b'{"status":"error"', b'{"status": "error"')


def refusal(answer: Answer) -> VendorError | None:
    """Return what Zoho's own word for an error means; None where its status says enough."""
    if answer.status == 429:
        return RateLimited(VENDOR, TOO_MANY, retry_after=answer.retry_after or A_MINUTE, status=429)
    if answer.status < 400 and not answer.body.lstrip().startswith(_ERRORS):
        return None
    body = object_in(answer)
    code = str(body.get("code") or body.get("error") or "")
    if code in _LIMITS:
        return RateLimited(VENDOR, TOO_MANY, retry_after=A_MINUTE, status=answer.status)
    if code in _INVALID_TOKENS:
        return BadCredentials(VENDOR, NOT_VALID, status=401)
    if code in _CODES:
        kind, words = _CODES[code]
        return kind(VENDOR, words, status=answer.status)
    is_error = body.get("status") == "error" or "error" in body
    if is_error and answer.status < 400:
        return Rejected(VENDOR, status=answer.status)
    return None


def row_error(answer: Mapping[str, Any]) -> Text:
    """Return why a row was not written."""
    code, name = str(answer.get("code") or ""), field_of(answer)
    if code == "INVALID_DATA":
        return {"Email": BAD_ADDRESS, "id": DELETED}.get(name, BAD_VALUE)
    return _ROWS.get(code, REFUSED_ROW)


def lacks_last_name(answer: Mapping[str, Any]) -> bool:
    """Tell whether a row was refused as it has no last name."""
    return answer.get("code") == "MANDATORY_NOT_FOUND" and field_of(answer) == "Last_Name"


def field_of(answer: Mapping[str, Any]) -> str:
    """Return the field that a refusal is about; '' where it names none."""
    details = answer.get("details")
    return str(details.get("api_name") or "") if isinstance(details, dict) else ""
