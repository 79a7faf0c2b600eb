"""The time zones that people may choose: those of places, and UTC."""

from functools import lru_cache
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

NOT_A_ZONE = _("A name of the time zone database, e.g. Europe/Amsterdam.")
# The machine's own, and the one that stands for none: neither says where somebody is.
NO_PLACE = frozenset({"localtime", "Factory"})


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    return frozenset(available_timezones()) - NO_PLACE
