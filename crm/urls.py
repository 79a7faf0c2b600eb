"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from crm import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/me", views.MeView.as_view(), name="api_me"),
    path("api/runs", views.RunListView.as_view(), name="api_runs"),
    path("api/runs/<uuid:run_id>", views.RunView.as_view(), name="api_run"),
    path("api/runs/<uuid:run_id>/cancel", views.RunCancelView.as_view(), name="api_run_cancel"),
]
