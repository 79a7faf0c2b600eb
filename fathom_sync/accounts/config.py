"""What is set for Fathom, and what a key and a secret look like.

They lie with `core.vendors`, under the names that the old system's settings had.
"""

import base64
import binascii
import re
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.settings_store import Setting, declare

# As core.vendors knows Fathom, and the fields of an account.
VENDOR: Final = "fathom"
API_KEY: Final = "fathom_api_key"
WEBHOOK_SECRET: Final = "fathom_webhook_secret"  # noqa: S105  a field's name
TESTS_PER_MINUTE: Final = "fathom_tests_per_minute"

SHORTEST_KEY: Final = 20
LONGEST: Final = 500
DEFAULT_TESTS: Final = 10
PREFIX: Final = "whsec_"

TOO_SHORT = _(
    "An API key has at least %(least)d characters; this one has %(found)d. Copy the "
    "whole key again."
)
TOO_LONG = _("This is too long for what Fathom gives. Copy it again.")
NOT_A_KEY = _(
    "An API key has only letters, digits, dots, underscores and hyphens. Copy the key again."
)
NOT_A_SECRET = _(
    "A webhook secret begins with “whsec_”, followed by what Fathom shows. Copy the "
    "whole secret again."
)


def check_key(value: str) -> None:
    """Raise ValidationError, in the reader's language, for what cannot be a key of Fathom."""
    if not re.fullmatch(r"[a-zA-Z0-9._-]+", value):
        raise ValidationError(NOT_A_KEY, code="invalid")
    if len(value) < SHORTEST_KEY:
        raise ValidationError(
            TOO_SHORT, code="too_short", params={"least": SHORTEST_KEY, "found": len(value)}
        )
    if len(value) > LONGEST:
        raise ValidationError(TOO_LONG, code="too_long")


def check_secret(value: str) -> None:
    """Raise ValidationError for what no signature could be checked with: `whsec_`, then base64."""
    if len(value) > LONGEST:
        raise ValidationError(TOO_LONG, code="too_long")
    text = value.removeprefix(PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not value.startswith(PREFIX) or not key:
        raise ValidationError(NOT_A_SECRET, code="invalid")


def _check_count(value: str) -> None:
    if not re.fullmatch(r"[1-9][0-9]{0,3}", value):
        raise ValidationError(_("A whole number from 1 to 9999."), code="invalid")


declare(
    Setting(
        TESTS_PER_MINUTE,
        _("Tests of the connection to Fathom, a minute and person"),
        validate=_check_count,
    )
)
