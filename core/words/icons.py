"""One set of pictures for every page of the house: a sprite of ours (static/vendor/lucide.svg)."""

from functools import cache
from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString


def address(name: str) -> str:
    """Where one picture of the sprite is, for a `<use>` that needs attributes of its own."""
    return f"{_sprite()}#{name}"


@cache
def _sprite() -> str:
    """Return the sprite's address, which is the same for as long as a process lives."""
    return static("vendor/lucide.svg")


def icon(name: str, label: Any = "", size: str = "") -> SafeString:
    """Draw one picture of the sprite. Beside a word it is silent; alone it needs a `label`."""
    size_class = ""
    if size:
        size_class = f" icon-{size}"
    role = SafeString('aria-hidden="true"')
    if label:
        role = format_html('role="img" aria-label="{}"', label)
    return format_html('<svg class="icon{}" {}><use href="{}"></use></svg>', size_class, role, address(name))
