"""Keys to words, ids to names."""

from typing import Any

from django import template

from dashboard import details

register = template.Library()
register.filter("readable", details.readable)


@register.filter
def named(names: dict[Any, str] | None, key: Any) -> str:
    """The name of an id, or nothing for one without."""
    return (names or {}).get(key, "")
