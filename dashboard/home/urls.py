"""Addresses of the home page and what it loads."""

from django.urls import URLPattern, path

from dashboard.home import views

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("actions/<uuid:action_id>/done", views.finish, name="action_done"),
    path("health", views.health_parts, name="health"),
    path("audit/verify", views.verify, name="audit_verify"),
]
