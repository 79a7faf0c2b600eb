"""What the house decides about suppressions: how many at once,
and which rules add some by themselves.
"""

import re
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.settings_store import Setting, declare, get

MOST: Final = "bison_suppress_most"
SHARE: Final = "bison_suppress_share"
SHARE_OPT_OUTS: Final = "bison_share_opt_outs"
CUSTOMERS: Final = "bison_suppress_customers"
_USUAL: Final = {MOST: 5000, SHARE: 10}


def _check_most(value: str) -> None:
    if not re.fullmatch(r"[1-9][0-9]{0,6}", value):
        raise ValidationError(_("A whole number from 1 to 9999999."), code="invalid")


def _check_percent(value: str) -> None:
    if not re.fullmatch(r"[1-9][0-9]?|100", value):
        raise ValidationError(_("A whole number from 1 to 100."), code="invalid")


def _check_switch(value: str) -> None:
    if value not in {"on", "off"}:
        raise ValidationError(_("One of: on, off."), code="invalid")


declare(
    Setting(MOST, _("Suppressions at once that need no confirmation (5000)"), validate=_check_most)
)
declare(
    Setting(
        SHARE,
        _("Percent of a workspace's leads that may be unsubscribed without confirmation (10)"),
        validate=_check_percent,
    )
)
declare(
    Setting(
        SHARE_OPT_OUTS,
        _("Whoever opts out in one workspace is suppressed in all: on or off (off)"),
        validate=_check_switch,
    )
)
declare(
    Setting(
        CUSTOMERS,
        _("Customers are suppressed in the workspaces of their organization: on or off (off)"),
        validate=_check_switch,
    )
)


def most() -> int:
    """Return how many may be added at once without confirmation."""
    return int(get(MOST) or _USUAL[MOST])


def share() -> int:
    """Return which percentage of a workspace's leads may be unsubscribed without confirmation."""
    return int(get(SHARE) or _USUAL[SHARE])


def is_on(key: str) -> bool:
    return bool(get(key) == "on")
