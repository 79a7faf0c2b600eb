"""One set of pictures for every page of the house: a sprite of ours (static/vendor/lucide.svg)."""

from functools import cache, lru_cache
from typing import Any

from django.templatetags.static import static
from django.utils.safestring import SafeString

from core.words.markup import markup


def address(name: str) -> str:
    """Return where one picture of the sprite is, for a `<use>` that needs attributes of its own."""
    return f"{_sprite()}#{name}"


@cache
def _sprite() -> str:
    """Return the sprite's address, which is the same for as long as a process lives."""
    return static("vendor/lucide.svg")


def icon(name: str, label: Any = "", size: str = "") -> SafeString:
    """Draw one picture of the sprite. Beside a word it is silent; alone it needs a `label`."""
    if not label:
        return _silent(name, size)
    return _drawn(name, size, markup('role="img" aria-label="{}"', label))


@lru_cache(maxsize=1000)
def _silent(name: str, size: str) -> SafeString:
    """Draw a picture that says nothing: it is the same for everybody,
    for as long as a process lives.
    """
    return _drawn(name, size, SafeString('aria-hidden="true"'))


def _drawn(name: str, size: str, role: SafeString) -> SafeString:
    size_class = ""
    if size:
        size_class = f" icon-{size}"
    return markup(
        '<svg class="icon{}" {}><use href="{}"></use></svg>', size_class, role, address(name)
    )
