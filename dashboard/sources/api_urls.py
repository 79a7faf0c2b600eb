"""Addresses of the API of sources, which stand beside those of the apps."""

from django.urls import URLPattern, URLResolver, path

from dashboard.sources import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/sources", api.SourcesView.as_view(), name="api_sources")
]
