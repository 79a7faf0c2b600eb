"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from fathom_sync import cron_views, meeting_views, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/settings/fathom", views.FathomSettingsView.as_view(), name="api_fathom_settings"),
    path("api/settings/fathom/test", views.FathomTestView.as_view(), name="api_fathom_test"),
    path("api/settings/fathom/webhook", views.FathomWebhookView.as_view(), name="api_fathom_webhook"),
    path("api/cron/sync-fathom", cron_views.CronSyncView.as_view(), name="api_fathom_cron"),
    path("api/fathom/sync", meeting_views.FathomSyncView.as_view(), name="api_fathom_sync"),
    path("api/fathom/ledger", meeting_views.LedgerView.as_view(), name="api_fathom_ledger"),
    path("api/fathom/unmatched", meeting_views.UnmatchedView.as_view(), name="api_fathom_unmatched"),
    path("api/fathom/unmatched/assign", meeting_views.AssignView.as_view(), name="api_fathom_assign"),
    path("api/fathom/matching/simulate", meeting_views.SimulateView.as_view(), name="api_fathom_simulate"),
]
