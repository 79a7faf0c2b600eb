"""How often somebody mails leads or makes links on the pages: as often as over the API,
counted together with it.
"""

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.api import throttles
from core.models import User

# Whoever adds leads chooses their addresses: it must not become a way to write to the whole world.
AN_HOUR: Final = 120
TOO_MANY = _("You have mailed many leads. Try again in an hour.")
TOO_MANY_LINKS = _("You have made many guest links. Try again in an hour.")


def take(user: User) -> None:
    """Count one mail; raise ValidationError where there were as many as there may be."""
    _take("lead-mail", user, "mail_lead", TOO_MANY)


def take_link(user: User) -> None:
    """Count one guest's link likewise."""
    _take("guest-invite", user, "guest_link", TOO_MANY_LINKS)


def _take(scope: str, user: User, field: str, text: Any) -> None:
    if throttles.take(scope, f"user:{user.pk}", AN_HOUR, 3600):
        raise ValidationError({field: ValidationError(text, code="throttled")})
