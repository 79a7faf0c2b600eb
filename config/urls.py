"""The site's table of contents: one include per app."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("core.urls")),
    path("", include("crm.urls")),
    path("", include("dashboard.urls")),
]
