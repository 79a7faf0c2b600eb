"""Wall time: what a clock on the wall shows, in a zone with a name.
A meeting at three stays at three.

A wall time and its zone are what people agreed on; the instant is computed from them by today's
rules, and computed again when the rules change. `fold` tells the two passes of an hour that a clock
shows twice (PEP 495).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.words import time_zones
from core.words.time_zones import NOT_A_ZONE

NO_SUCH_TIME = _("That time does not exist in this time zone: the clock skips it on that day.")


@dataclass(frozen=True)
class Wall:
    """What the clock shows: a time without a zone, and which pass of it when
    the clock shows it twice.
    """

    time: datetime
    fold: int = 0


def check_zone(name: str) -> None:
    """Raise ValidationError when there is no such time zone. It is a model's validator."""
    if name not in time_zones.names():
        raise ValidationError(NOT_A_ZONE, code="invalid")


def wall_of(instant: datetime, zone: str) -> Wall:
    """Return what the clock of this zone shows at this moment."""
    local = instant.astimezone(ZoneInfo(zone))
    return Wall(local.replace(tzinfo=None, fold=0), local.fold)


def instant_of(wall: Wall, zone: str) -> datetime:
    """Return the moment, in UTC, at which the clock shows this.

    A skipped time is read as if the clock had not been put on.
    """
    return wall.time.replace(tzinfo=ZoneInfo(zone), fold=wall.fold).astimezone(UTC)


def exists(wall: Wall, zone: str) -> bool:
    """Tell whether the clock ever shows this: it does not in the hour that it skips."""
    return wall_of(instant_of(wall, zone), zone).time == wall.time
