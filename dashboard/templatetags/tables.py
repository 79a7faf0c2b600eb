"""Tables and what stands around them: rows, the bar of what is selected, pages."""

from typing import Any

from django import template
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from dashboard import tables
from dashboard.paging import Page
from dashboard.tables import Table, Words, with_query

register = template.Library()


def _render(name: str, **context: Any) -> SafeString:
    return SafeString(render_to_string(f"components/{name}.html", context).strip())


@register.simple_tag(takes_context=True)
def table(context: RequestContext, shown: Table[Any]) -> SafeString:
    """Draw a table as its columns declare it: count, density, CSV, sorted heads,
    rows or why there are none, pages.
    """
    request = context["request"]
    return _render(
        "table",
        table=shown,
        heads=shown.heads(request),
        body=shown.body(),
        density=tables.density_of(request),
        loading=range(tables.LOADING_ROWS),
        pagination=pagination(context, shown.page, shown.pages, shown.ordering)
        if shown.page
        else "",
        path=request.get_full_path(),
        csrf_token=context.get("csrf_token"),
    )


@register.simple_tag(takes_context=True)
def pagination(
    context: RequestContext, page: Page[Any], label: Words, ordering: str = "-"
) -> SafeString:
    """Draw newer and older, where there are any; nothing at all when everything is on this page."""
    request = context["request"]
    rises = bool(ordering) and not ordering.startswith("-")
    return _render(
        "pagination",
        label=label,
        newer=with_query(request, after=page.newer, before=None) if page.newer else "",
        older=with_query(request, before=page.older, after=None) if page.older else "",
        oldest_first=page.by_name or rises,
        by_name=page.by_name,
    )


@register.simple_block_tag
def bulk_bar(content: str, form: str) -> SafeString:
    """Draw what is done with the rows that are selected; it stands at the foot
    of the window while any are.
    """
    return _render("bulk_bar", content=content, form=form)
