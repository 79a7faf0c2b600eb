"""The chat widget of a demo, as the script that people put on a website."""

import re
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.errors import Conflicting
from crm.models import Organization
from integrations import tiers
from integrations.helpdesk import limits, script
from integrations.helpdesk.script import POSITIONS, TYPES, Look
from integrations.models import Demo

__all__ = [
    "POSITIONS",
    "TYPES",
    "Look",
    "NotReady",
    "code_for",
    "look_of",
    "require_tier",
    "script_for",
]

LONGEST_TITLE: Final = 200
LOCALE: Final = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,4})?")
NOT_OFFERED: Final = _("Choose one of those that are offered.")
TOO_LONG: Final = _("This is too long.")
NO_LOCALE: Final = _("Enter a language as in nl, fr or pt_BR.")
NOT_READY: Final = _("The demo is not ready yet: it has no widget. Look again once it is made.")


class NotReady(Conflicting):
    """The demo has no inbox whose widget could be shown."""

    conflict = "not_ready"


def require_tier(organization: Organization) -> None:
    """Raise TierLimit where the organization may not put a widget on a website."""
    tiers.require(organization, limits.WIDGET)


def look_of(
    *,
    position: str = "right",
    type: str = "standard",  # noqa: A002
    launcher_title: str = "",
    locale: str = "",
) -> Look:
    """Return how a widget is to look; ValidationError by field for what cannot be."""
    errors: dict[str, ValidationError] = {}
    if position not in POSITIONS:
        errors["position"] = ValidationError(NOT_OFFERED, code="invalid_choice")
    if type not in TYPES:
        errors["type"] = ValidationError(NOT_OFFERED, code="invalid_choice")
    if len(launcher_title) > LONGEST_TITLE:
        errors["launcherTitle"] = ValidationError(TOO_LONG, code="too_long")
    if locale and not LOCALE.fullmatch(locale):
        errors["locale"] = ValidationError(NO_LOCALE, code="invalid")
    if errors:
        raise ValidationError(errors)
    return Look(position, type, launcher_title, locale.replace("-", "_"))


def script_for(demo: Demo, look: Look) -> str:
    """Return the script of a demo's widget, with its tag.

    TierLimit under the tier that may have one, NotReady while the demo has no inbox.
    """
    _check(demo)
    return script.snippet(demo.base_url, demo.website_token, look)


def code_for(demo: Demo, look: Look) -> str:
    """Return the same without its tag, as a page of ours runs it; raises as `script_for` does."""
    _check(demo)
    return script.code(demo.base_url, demo.website_token, look)


def _check(demo: Demo) -> None:
    require_tier(demo.organization)
    if demo.state != Demo.State.READY or not demo.website_token:
        raise NotReady(NOT_READY)
