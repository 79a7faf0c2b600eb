"""What the admin's own templates need beyond Unfold's tags."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from core.words import times
from core.words.pills import pill

register = template.Library()
register.simple_tag(pill)
register.filter("ago", times.ago)


@register.simple_tag
def yes_or_no(value: Any) -> SafeString:
    """Show a field that says yes, no or nothing."""
    if value in ("", None):
        return SafeString("–")
    if value:
        return pill("yes")
    return pill("no")


@register.filter
def window_choices(changelist: Any) -> list[dict[str, Any]]:
    """The choices of a list's window of time."""
    for spec in changelist.filter_specs:
        if getattr(spec, "parameter_name", "") == "since":
            return list(spec.choices(changelist))
    return []
