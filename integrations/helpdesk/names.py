"""What a name must be that is given to something at Chatwoot."""

import unicodedata
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from integrations.models.integrations import LONGEST_NAME

TOO_LONG: Final = _("This is too long.")
ODD_NAME: Final = _("A name is one line of text.")
ODD: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


def checked(name: str, none_given: Any) -> str:
    """Return a name without blanks at its ends; ValidationError for none, a longer one,
    or more than a line.
    """
    name = name.strip()
    if not name:
        raise ValidationError(none_given, code="required")
    if len(name) > LONGEST_NAME:
        raise ValidationError(TOO_LONG, code="too_long")
    if any(unicodedata.category(character) in ODD for character in name):
        raise ValidationError(ODD_NAME, code="invalid")
    return name
