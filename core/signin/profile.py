"""What a person says about themselves: name, language, theme, time zone."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core.models import User
from core.words import time_zones

FIELDS = ("first_name", "last_name", "language", "theme", "time_zone")


def change(user: User, **values: str) -> None:
    """Store what changed. ValidationError, and nothing stored,
    when a value is not one of those there are.
    """
    unknown = values.keys() - set(FIELDS)
    if unknown:
        raise TypeError(f"not part of a profile: {', '.join(sorted(unknown))}")
    for name, value in values.items():
        setattr(user, name, value)
    try:
        user.clean_fields(exclude={field.name for field in User._meta.get_fields()} - values.keys())
        if values.get("time_zone", "UTC") not in time_zones.names():
            raise ValidationError({"time_zone": _("This is not a time zone.")})
    except ValidationError:
        user.refresh_from_db(fields=list(values))
        raise
    user.save(update_fields=list(values))
