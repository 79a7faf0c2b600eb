"""The page of the search, what the palette shows while somebody types,
and the same over the API.
"""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm import access
from dashboard.navigation import Shell
from dashboard.search.asking import Asked
from dashboard.search.looking import find
from dashboard.views import person


@require_safe
@login_required
def search(request: HttpRequest) -> HttpResponse:
    """Show the page: a field, and what is found."""
    return render(request, "dashboard/search/page.html", _found(request))


@require_safe
@login_required
def hits(request: HttpRequest) -> HttpResponse:
    """Show only what is found: the palette asks this at each pause in the typing."""
    return render(request, "dashboard/search/hits.html", _found(request))


@require_safe
@login_required
def shortcuts(request: HttpRequest) -> HttpResponse:
    """Show which keys do what."""
    return render(request, "dashboard/search/shortcuts.html", {"keys": Shell(request).keys})


def _found(request: HttpRequest) -> dict[str, Any]:
    user = person(request)
    access.remember_memberships(user)
    asked = Asked.of(user, Shell(request), request.GET.get("q", ""))
    return {"asked": asked, "groups": find(asked)}
