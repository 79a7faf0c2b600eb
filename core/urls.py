"""Addresses that every installation has: sign-in, API ground, health;
with or without a trailing slash.
"""

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path, re_path

from core import inbox, views

urlpatterns: list[URLPattern | URLResolver] = [
    *inbox.urlpatterns(),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics_page, name="metrics"),
    path("api/auth/token", views.TokenView.as_view(), name="api_token"),
    path("api/auth/token/refresh", views.RefreshView.as_view(), name="api_token_refresh"),
    path("api/auth/logout", views.LogoutView.as_view(), name="api_logout"),
    path("api/schema", views.schema_file, name="api_schema"),
    path("api/docs", views.docs, name="api_docs"),
    # Sign-in pages: allauth's views under our addresses. No sign-up, no social accounts,
    # no e-mail management.
    path("sign-in", account.login, name="account_login"),
    path("sign-out", account.logout, name="account_logout"),
    path("sign-in/inactive", account.account_inactive, name="account_inactive"),
    path("account/confirm", account.reauthenticate, name="account_reauthenticate"),
    path("account/password", account.password_change, name="account_change_password"),
    path("account/password/set", account.password_set, name="account_set_password"),
    path("account/security/", include("allauth.mfa.urls")),
    path("password/reset", account.password_reset, name="account_reset_password"),
    path("password/reset/sent", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/done",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
