"""The proof bar: what a source lists, cut into what is in Koppel, what was left out for a reason,
what is missing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.words.states import Look, look

# Checks come every night: one that is older than two of them is an old one.
OLD: Final = timedelta(hours=48)
# A part with anything in it is seen, however small.
SMALLEST: Final = 1.5


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

    @property
    def number(self) -> str:
        return _number(self.count)


WORDS: Final = {"present": _("in Koppel"), "left_out": _("left out"), "missing": _("missing")}


@dataclass(frozen=True)
class Proof:
    """What the last check found. `is_whole`: all that there is was looked at,
    and not a part of it.
    """

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
    def state(self) -> str:
        """Never whole for what nobody checked, checked long ago, or cannot check now."""
        doubts = {
            "unchecked": not self.is_checked,
            "gap": self.missing > 0,
            "partial": not self.is_whole,
            "failing": self.failing_since is not None,
            "old": self.is_old,
        }
        return next((name for name, is_so in doubts.items() if is_so), "whole")

    @property
    def look(self) -> Look:
        return look(f"proof.{self.state}")

    def parts(self, **hrefs: str) -> list[Part]:
        """Return the stretches that have something in them, each wide enough to be seen."""
        counts = {"present": self.present, "left_out": self.left_out, "missing": self.missing}
        filled = {name: count for name, count in counts.items() if count > 0}
        whole = sum(filled.values())
        widths = {name: max(100 * count / whole, SMALLEST) for name, count in filled.items()}
        scale = 1.0
        if widths:
            scale = 100 / sum(widths.values())
        parts, x = [], 0.0
        for name, count in filled.items():
            width = widths[name] * scale
            parts.append(Part(name, count, round(x, 2), round(width, 2), hrefs.get(name, "")))
            x += width
        return parts


def drawing(proof: Proof, parts: list[Part], *, label: str = "") -> SafeString:
    """Draw the bar. With a `label` it stands alone and says so; else its sentence is beside it,
    and it is silent.
    """
    said_by = SafeString('aria-hidden="true"')
    if label:
        said_by = format_html('role="img" aria-label="{}"', label)
    css = "proof-drawing proof-unchecked"
    if proof.is_checked:
        css = "proof-drawing"
    if proof.is_checked and not parts:
        css = "proof-drawing proof-nothing"
    drawn = ""
    if proof.is_checked:
        drawn = format_html_join("", "{}", ((_stretch(part),) for part in parts))
    return format_html(
        '<svg class="{}" width="100%" height="100%" focusable="false" {}>{}</svg>',
        css,
        said_by,
        drawn,
    )


def _stretch(part: Part) -> SafeString:
    drawn = format_html(
        '<rect class="proof-part proof-{}" x="{}%" y="0" width="{}%" '
        'height="100%"><title>{} {}</title></rect>',
        part.name,
        f"{part.x:.2f}",
        f"{part.width:.2f}",
        part.number,
        part.word,
    )
    # The sentence has the same link for the keyboard.
    if part.href:
        return format_html('<a href="{}" tabindex="-1">{}</a>', part.href, drawn)
    return drawn


def in_words(proof: Proof, vendor: str) -> str:
    """Say the bar: "200 at Fathom · 157 in Koppel · 43 left out"."""
    if not proof.is_checked:
        return str(proof.look.word)
    listed = gettext("%(number)s at %(vendor)s") % {
        "number": _number(proof.at_vendor),
        "vendor": vendor,
    }
    return " · ".join([listed, *(f"{part.number} {part.word}" for part in proof.parts())])


def _number(count: int) -> str:
    return number_format(count, use_l10n=True, force_grouping=True)
