"""The site's table of contents: one include per app."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

# Unknown addresses under /admin/ are 404 as everywhere; it would otherwise match all of them.
admin.site.final_catch_all_view = False
# One sign-in for all: with the lock-out, the second factor and the audit.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
handler400 = "core.api.errors.bad_request"
handler500 = "core.api.errors.server_error"

urlpatterns = [
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/", admin.site.urls),
    path("", include("core.urls")),
    path("", include("crm.urls")),
    path("", include("calls.urls")),
    path("", include("fathom_sync.urls")),
    path("", include("bison.urls")),
    path("", include("integrations.urls")),
    path("", include("dashboard.sources.api_urls")),
    path("", include("dashboard.search.api_urls")),
    path("", include("dashboard.urls")),
]
