"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from bison.views import syncs

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/bison/syncs", syncs.SyncsView.as_view(), name="api_bison_syncs"),
    path("api/bison/email-accounts", syncs.EmailAccountsView.as_view(), name="api_bison_email_accounts"),
    path("api/bison/campaigns", syncs.CampaignsView.as_view(), name="api_bison_campaigns"),
    path("api/bison/replies", syncs.RepliesView.as_view(), name="api_bison_replies"),
]
