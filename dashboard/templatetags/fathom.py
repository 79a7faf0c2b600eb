"""What the pages of calls show of Fathom, so that they need not know of it."""

from typing import Any

from django import template
from django.template.context import RequestContext

from crm.models import SalesRep
from dashboard.fathom import sync

register = template.Library()


@register.inclusion_tag("dashboard/fathom/refresh.html", takes_context=True)
def rep_refresh(context: RequestContext, rep: SalesRep) -> dict[str, Any]:
    """Show the button that fetches this rep's newest calls, and how it goes."""
    refreshing = sync.refreshing(context["user"], rep)
    return {"rep": rep, "refreshing": refreshing, "csrf_token": context.get("csrf_token")}
