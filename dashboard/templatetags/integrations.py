"""The mark of a service: its initials in a tint of its own."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from dashboard import signs

register = template.Library()


@register.simple_tag
def mark_of(provider: Any, name: str = "") -> SafeString:
    """Write the mark of a service; of one that nobody declares any more by its name."""
    return signs.avatar(name or provider.name, large=True)
