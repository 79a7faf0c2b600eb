"""Keys to words, ids to names."""

from typing import Any

from django import template

from core.runs import kinds

register = template.Library()
register.filter("kind_of_run", kinds.name_of)


@register.filter
def named(names: dict[Any, str] | None, key: Any) -> str:
    """Return the name of an id, or nothing for one without."""
    return (names or {}).get(key, "")
