"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from bison.views import calls, health

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/bison/health/summary", health.SummaryView.as_view(), name="api_bison_health_summary"),
    path("api/bison/health/series", health.SeriesView.as_view(), name="api_bison_health_series"),
    path("api/bison/api-calls", calls.CallsView.as_view(), name="api_bison_calls"),
    path("api/bison/api-calls.csv", calls.CallsFileView.as_view(), name="api_bison_calls_file"),
]
