"""The address of the search in the API, which stands beside those of the apps."""

from django.urls import URLPattern, URLResolver, path

from dashboard.search import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/search", api.SearchView.as_view(), name="api_search")
]
