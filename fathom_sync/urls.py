"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from fathom_sync import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/settings/fathom", views.FathomSettingsView.as_view(), name="api_fathom_settings"),
    path("api/settings/fathom/test", views.FathomTestView.as_view(), name="api_fathom_test"),
    path("api/settings/fathom/webhook", views.FathomWebhookView.as_view(), name="api_fathom_webhook"),
]
