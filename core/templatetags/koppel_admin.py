"""What the admin's own templates need beyond Unfold's tags."""

from typing import Any, Final

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString
from unfold import widgets
from unfold.templatetags import unfold_list

from core.words import times
from core.words.pills import pill

# What Unfold writes into every cell of a list -> the one class of admin.css that looks the same.
LEAN: Final = {
    " ".join(unfold_list.ROW_CLASSES): "k-cell",
    " ".join(unfold_list.CHECKBOX_CLASSES): "k-cell k-cell-check",
    " ".join(unfold_list.LINK_CLASSES): "k-cell-link",
    escape(" ".join(widgets.CHECKBOX_CLASSES)): "k-check",
}

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
    """Return the choices of a list's window of time."""
    for spec in changelist.filter_specs:
        if getattr(spec, "parameter_name", "") == "since":
            return list(spec.choices(changelist))
    return []


@register.filter
def lean(cell: str) -> SafeString:
    """Return a cell of a list with short classes: of fifty rows,
    Unfold's own are most of the page.
    """
    text = str(cell)
    for long, short in LEAN.items():
        text = text.replace(long, short)
    # It was made by `format_html`, and nothing but names of classes has changed.
    return SafeString(text)
