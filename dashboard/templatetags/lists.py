"""Tables and what stands around them: sortable heads, pages, the bar of filters."""

from typing import Any

from django import template
from django.forms import Form
from django.http import HttpRequest
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from dashboard.paging import Page

register = template.Library()

Words = Any  # a str, or a lazy translation of one


def _render(name: str, **context: Any) -> SafeString:
    return SafeString(render_to_string(f"components/{name}.html", context).strip())


@register.simple_block_tag
def table(
    content: str, caption: Words, density: str = "normal", stacked: bool = False, tall: bool = False
) -> SafeString:
    """A `<table>` around the thead and tbody in the block.

    caption: what the rows are, for whoever cannot see the heading above. density: roomy, normal, compact.
    On a phone it scrolls sideways in its frame, or with `stacked` each row becomes a block (cells then name
    themselves with `data-label`). `tall` keeps a long list in a frame of its own under a head that stays.
    """
    return _render("table_old", content=content, caption=caption, density=density, stacked=stacked, tall=tall)


@register.simple_tag(takes_context=True)
def column(context: RequestContext, label: Words, key: str = "", *, numeric: bool = False) -> SafeString:
    """One head of a table; with a `key` a link that sorts by it (`?ordering=key`, again for `-key`).

    Without a label it is the empty corner over a column of buttons.
    """
    if not key:
        return _render("column", label=label, query="", numeric=numeric, direction="")
    ordering = context["request"].GET.get("ordering", "")
    direction = {key: "ascending", f"-{key}": "descending"}.get(ordering, "")
    next_ordering = f"-{key}" if direction == "ascending" else key
    query = _with(context["request"], ordering=next_ordering)
    return _render("column", label=label, query=query, numeric=numeric, direction=direction)


@register.simple_block_tag
def empty_row(content: str, columns: int, title: Words, text: Words = "", icon: str = "inbox") -> SafeString:
    """The one row of a table that has none: what this is, why it is empty, and (in the block) what to do."""
    return _render("empty_row", content=content, columns=columns, title=title, text=text, icon=icon)


@register.simple_tag(takes_context=True)
def pagination(context: RequestContext, page: Page[Any], label: Words) -> SafeString:
    """Newer and older, where there are any. Nothing at all when everything is on this page."""
    request = context["request"]
    return _render(
        "pagination",
        label=label,
        newer=_with(request, after=page.newer, before=None) if page.newer else "",
        older=_with(request, before=page.older, after=None) if page.older else "",
    )


@register.simple_tag(takes_context=True)
def filter_bar(context: RequestContext, form: Form, label: Words) -> SafeString:
    """The filters of a list: a form that is sent by GET, so that what is looked at has an address.

    Where the form names some as `first`, the others wait behind "More filters", open while one of them is used.
    """
    request = context["request"]
    used = {name for name in form.fields if request.GET.get(name)}
    first = getattr(form, "first", None) or list(form.fields)
    fields, more = (
        [field for field in form if field.name in first],
        [field for field in form if field.name not in first],
    )
    opened = any(field.name in used for field in more)
    return _render(
        "filter_bar", fields=fields, more=more, opened=opened, label=label, used=bool(used), path=request.path
    )


def _with(request: HttpRequest, **changes: str | None) -> str:
    """This page's query with some of it changed; a change of order starts again at the first page."""
    query = request.GET.copy()
    if "ordering" in changes:
        changes |= {"before": None, "after": None}
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"?{query.urlencode()}"
