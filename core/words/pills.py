"""A state as the admin shows it: icon, word and colour, so that none of the three
is needed to read it.
"""

from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.words.icons import icon
from core.words.states import look


def pill(state: str, text: Any = "") -> SafeString:
    """Draw a state of `core.words.states`, with its word or with what is `said` instead."""
    shown = look(state)
    return format_html(
        '<span class="k-pill k-pill-{}">{}{}</span>',
        shown.tone,
        icon(shown.icon),
        text or shown.word,
    )


def switched(is_on: bool) -> SafeString:
    """Show something that is on or off."""
    if is_on:
        return pill("enabled")
    return pill("disabled")
