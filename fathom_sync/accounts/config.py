"""What is set for Fathom, and what a key and a secret look like.

Stored for the installation or for one organization (core.settings_store); a rep's own lies in their account. The status
and the time of the last test are written by `fathom_sync.accounts` alone.
"""

import base64
import binascii
import re
from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.connections import Connection
from core.settings_store import Setting, declare

API_KEY: Final = "fathom_api_key"
WEBHOOK_SECRET: Final = "fathom_webhook_secret"  # noqa: S105  a setting's name
STATUS: Final = "fathom_connection_status"
LAST_TEST: Final = "fathom_last_test"
TESTS_PER_MINUTE: Final = "fathom_tests_per_minute"

SHORTEST_KEY: Final = 20
LONGEST: Final = 500
DEFAULT_TESTS: Final = 10
PREFIX: Final = "whsec_"

TOO_SHORT = _("An API key has at least %(least)d characters; this one has %(found)d. Copy the whole key again.")
TOO_LONG = _("This is too long for what Fathom gives. Copy it again.")
NOT_A_KEY = _("An API key has only letters, digits, dots, underscores and hyphens. Copy the key again.")
NOT_A_SECRET = _("A webhook secret begins with “whsec_”, followed by what Fathom shows. Copy the whole secret again.")


def check_key(value: str) -> None:
    """ValidationError, in the reader's language, for what cannot be a key of Fathom."""
    if not re.fullmatch(r"[a-zA-Z0-9._-]+", value):
        raise ValidationError(NOT_A_KEY, code="invalid")
    if len(value) < SHORTEST_KEY:
        raise ValidationError(TOO_SHORT, code="too_short", params={"least": SHORTEST_KEY, "found": len(value)})
    if len(value) > LONGEST:
        raise ValidationError(TOO_LONG, code="too_long")


def check_secret(value: str) -> None:
    """ValidationError for what no signature could be checked with: `whsec_`, then base64."""
    if len(value) > LONGEST:
        raise ValidationError(TOO_LONG, code="too_long")
    text = value.removeprefix(PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not value.startswith(PREFIX) or not key:
        raise ValidationError(NOT_A_SECRET, code="invalid")


def _check_state(value: str) -> None:
    if value not in set(Connection):
        raise ValidationError(_("One of: connected, error, not_configured."), code="invalid")


def _check_moment(value: str) -> None:
    try:
        datetime.fromisoformat(value)
    except ValueError as error:
        raise ValidationError(_("A time has the form 2026-03-01T15:00:00+01:00."), code="invalid") from error


def _check_count(value: str) -> None:
    if not re.fullmatch(r"[1-9][0-9]{0,3}", value):
        raise ValidationError(_("A whole number from 1 to 9999."), code="invalid")


declare(Setting(API_KEY, _("Fathom API key"), secret=True, env="FATHOM_API_KEY", validate=check_key))
declare(
    Setting(WEBHOOK_SECRET, _("Fathom webhook secret"), secret=True, env="FATHOM_WEBHOOK_SECRET", validate=check_secret)
)
declare(Setting(STATUS, _("State of the connection to Fathom"), by_hand=False, validate=_check_state))
declare(Setting(LAST_TEST, _("Last test of the connection to Fathom"), by_hand=False, validate=_check_moment))
declare(Setting(TESTS_PER_MINUTE, _("Tests of the connection to Fathom, a minute and person"), validate=_check_count))
