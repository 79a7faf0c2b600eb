"""What the admin's own templates need beyond Unfold's tags."""

from typing import Any

from django import template

register = template.Library()


@register.filter
def window_choices(changelist: Any) -> list[dict[str, Any]]:
    """The choices of a list's window of time."""
    for spec in changelist.filter_specs:
        if getattr(spec, "parameter_name", "") == "since":
            return list(spec.choices(changelist))
    return []
