"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from fathom_sync.views import assignments, cron, meetings, settings

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/settings/fathom", settings.FathomSettingsView.as_view(), name="api_fathom_settings"),
    path("api/settings/fathom/test", settings.FathomTestView.as_view(), name="api_fathom_test"),
    path(
        "api/settings/fathom/webhook",
        settings.FathomWebhookView.as_view(),
        name="api_fathom_webhook",
    ),
    path("api/cron/sync-fathom", cron.CronSyncView.as_view(), name="api_fathom_cron"),
    path("api/fathom/sync", meetings.FathomSyncView.as_view(), name="api_fathom_sync"),
    path("api/fathom/ledger", meetings.LedgerView.as_view(), name="api_fathom_ledger"),
    path("api/fathom/unmatched", meetings.UnmatchedView.as_view(), name="api_fathom_unmatched"),
    path("api/fathom/unmatched/assign", meetings.AssignView.as_view(), name="api_fathom_assign"),
    path(
        "api/fathom/assignments",
        assignments.AssignmentsView.as_view(),
        name="api_fathom_assignments",
    ),
    path(
        "api/fathom/assignments/<uuid:assignment_id>/undo",
        assignments.UndoView.as_view(),
        name="api_fathom_undo",
    ),
    path(
        "api/fathom/matching/simulate", meetings.SimulateView.as_view(), name="api_fathom_simulate"
    ),
]
