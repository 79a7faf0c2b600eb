"""The proof bar: what a source lists, cut into what is in Koppel, what was left out with a reason, and what is missing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.words.states import Look

# Checks come every night: one that is older than two of them is an old one.
OLD: Final = timedelta(hours=48)
# A part with anything in it is seen, however small.
SMALLEST: Final = 1.5
NOT_CHECKED: Final = Look("calm", "circle-dashed", _("Not checked yet"))


@dataclass(frozen=True)
class Part:
    """One stretch of the bar, in percent of it, and what its sentence says."""

    name: str
    count: int
    x: float
    width: float
    href: str

    @property
    def word(self) -> str | Promise:
        return WORDS[self.name]


WORDS: Final = {"present": _("in Koppel"), "left_out": _("left out"), "missing": _("missing")}


@dataclass(frozen=True)
class Proof:
    """What the last check found. `is_whole`: all that there is was looked at, and not a part of it."""

    at_vendor: int
    present: int
    left_out: int
    missing: int
    checked_at: datetime | None
    failing_since: datetime | None = None
    is_whole: bool = True

    @property
    def is_checked(self) -> bool:
        return self.checked_at is not None

    @property
    def is_old(self) -> bool:
        return self.checked_at is not None and timezone.now() - self.checked_at > OLD

    @property
    def look(self) -> Look:
        """Never green for what nobody checked, checked long ago, or cannot check now."""
        if not self.is_checked:
            return NOT_CHECKED
        if self.missing:
            return Look("bad", "circle-alert", _("Gap"))
        if not self.is_whole:
            return Look("warn", "circle-alert", _("Not all checked yet"))
        if self.failing_since:
            return Look("warn", "triangle-alert", _("Checks fail"))
        if self.is_old:
            return Look("warn", "clock", _("Old proof"))
        return Look("good", "circle-check", _("Complete"))

    def parts(self, **hrefs: str) -> list[Part]:
        """Return the stretches that have something in them, each wide enough to be seen."""
        counts = {"present": self.present, "left_out": self.left_out, "missing": self.missing}
        filled = {name: count for name, count in counts.items() if count > 0}
        whole = sum(filled.values())
        widths = {name: max(100 * count / whole, SMALLEST) for name, count in filled.items()}
        scale = 100 / sum(widths.values()) if widths else 1
        parts, x = [], 0.0
        for name, count in filled.items():
            width = widths[name] * scale
            parts.append(Part(name, count, round(x, 2), round(width, 2), hrefs.get(name, "")))
            x += width
        return parts
