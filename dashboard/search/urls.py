"""Addresses of the search."""

from django.urls import URLPattern, URLResolver, path

from dashboard.search import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("search", views.search, name="search"),
    path("search/hits", views.hits, name="search_hits"),
    path("search/shortcuts", views.shortcuts, name="shortcuts"),
]
