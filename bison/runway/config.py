"""What the house decides about the runway."""

import re
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.settings_store import Setting, declare, get

AHEAD: Final = "bison_runway_days_ahead"
USUAL: Final = 5


def _check_days(value: str) -> None:
    if not re.fullmatch(r"[1-9][0-9]?", value):
        raise ValidationError(_("A whole number from 1 to 99."), code="invalid")


declare(
    Setting(
        AHEAD,
        _("Days ahead on which an incident says that a workspace runs dry (5)"),
        validate=_check_days,
    )
)


def days_ahead() -> int:
    """Return how many days ahead of running dry people are told."""
    return int(get(AHEAD) or USUAL)
