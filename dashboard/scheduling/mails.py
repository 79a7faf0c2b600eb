"""How often somebody mails leads from the pages: as often as over the API, and counted together with it."""

from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.api import throttles
from core.models import User

# Whoever adds leads chooses their addresses: it must not become a way to write to the whole world.
AN_HOUR: Final = 120
TOO_MANY = _("You have mailed many leads. Try again in an hour.")


def take(user: User) -> None:
    """Count one mail; raise ValidationError where there were as many as there may be."""
    if throttles.take("lead-mail", f"user:{user.pk}", AN_HOUR, 3600):
        raise ValidationError({"mail_lead": ValidationError(TOO_MANY, code="throttled")})
