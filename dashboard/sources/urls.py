"""Addresses of the pages of sources."""

from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from dashboard.sources import views


def _moved(old: str, name: str, target: str) -> URLPattern:
    """Lead from where a page was to where it is."""
    view = RedirectView.as_view(pattern_name=f"dashboard:{target}", query_string=True)
    return path(old, login_required(view), name=name)


urlpatterns: list[URLPattern | URLResolver] = [
    path("sources", views.index, name="sources"),
    path("sources/fathom/days", views.fathom_days, name="source_fathom_days"),
    path("sources/fathom/records", views.fathom_records, name="source_fathom_records"),
    path("sources/fathom/queue", views.fathom_queue, name="source_fathom_queue"),
    path("sources/fathom/assign", views.fathom_assign, name="source_fathom_assign"),
    path(
        "sources/fathom/assignments/<uuid:assignment_id>/undo",
        views.fathom_undo,
        name="source_fathom_undo",
    ),
    path("sources/fathom/matching", views.fathom_trying, name="source_fathom_trying"),
    path("sources/<path:slug>", views.source, name="source"),
    _moved("settings/fathom/sync/ledger", "fathom_ledger", "source_fathom_days"),
    _moved("settings/fathom/sync/waiting", "fathom_waiting", "source_fathom_queue"),
]
