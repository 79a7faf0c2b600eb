"""Addresses of the pages of privacy."""

from django.urls import URLPattern, URLResolver, path

from dashboard.privacy import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("settings/privacy", views.page, name="privacy"),
    path(
        "settings/privacy/erasures/<uuid:erasure_id>", views.certificate, name="erasure_certificate"
    ),
    path(
        "settings/privacy/exports/<uuid:export_id>/file", views.download, name="person_export_file"
    ),
]
