"""What the admin's own templates need beyond Unfold's tags."""

from collections.abc import Iterable
from typing import Any, Final

from django import template
from django.forms import Media
from django.utils.html import escape
from django.utils.safestring import SafeString
from unfold import widgets
from unfold.templatetags import unfold_list

from core.serving import bundles
from core.words import times
from core.words.pills import pill

# What Unfold writes into every cell of a list -> the one class of admin.css that looks the same.
LEAN: Final = {
    " ".join(unfold_list.ROW_CLASSES): "k-cell",
    " ".join(unfold_list.CHECKBOX_CLASSES): "k-cell k-cell-check",
    " ".join(unfold_list.LINK_CLASSES): "k-cell-link",
    escape(" ".join(widgets.CHECKBOX_CLASSES)): "k-check",
}

# What a page's scripts of Django's are served as: the first of these that has all of them.
SCRIPTS: Final = ("admin_koppel/forms.js", "admin_koppel/fields.js")

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


@register.filter
def bundled(media: Any) -> Any:
    """Return a page's media with one file in place of the scripts that a bundle has."""
    full = _plain(bundles.names(SCRIPTS[-1]))
    needed = {name for name in _plain(media._js) if name in full}
    if not needed:
        return media
    bundle = next(path for path in SCRIPTS if needed <= _plain(bundles.names(path)))
    others = [path for path in media._js if _plain([path]).isdisjoint(full)]
    return Media(css=media._css, js=[bundle, *others])


def _plain(paths: Iterable[Any]) -> set[str]:
    """Return the names without the sign of a short version: which is served is the bundle's."""
    return {str(path).replace(".min.js", ".js") for path in paths}
