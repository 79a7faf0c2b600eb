"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from bison.views import (
    calls,
    health,
    imports,
    instances,
    keys,
    ledger,
    onboarding,
    runway,
    suppressions,
    syncs,
    webhooks,
    workspaces,
)

WORKSPACE = "api/bison/workspaces/<uuid:workspace_id>"
INSTANCE = "api/bison/instances/<uuid:instance_id>"
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/bison/instances", instances.InstancesView.as_view(), name="api_bison_instances"),
    path(INSTANCE, instances.InstanceView.as_view(), name="api_bison_instance"),
    path(f"{INSTANCE}/discover", instances.DiscoverView.as_view(), name="api_bison_discover"),
    path(f"{INSTANCE}/use-key", instances.UseKeyView.as_view(), name="api_bison_use_key"),
    path("api/bison/workspaces", workspaces.WorkspacesView.as_view(), name="api_bison_workspaces"),
    path(WORKSPACE, workspaces.WorkspaceView.as_view(), name="api_bison_workspace"),
    path(f"{WORKSPACE}/api-key", keys.KeyView.as_view(), name="api_bison_key"),
    path(f"{WORKSPACE}/test", keys.TestView.as_view(), name="api_bison_test"),
    path(f"{WORKSPACE}/generate-api-key", keys.GenerateView.as_view(), name="api_bison_generate"),
    path(f"{WORKSPACE}/validate-api-key", keys.ValidateView.as_view(), name="api_bison_validate"),
    path(
        "functions/v1/generate-workspace-api-key",
        keys.GenerateByNameView.as_view(),
        name="api_bison_generate_by_name",
    ),
    path(
        "functions/v1/validate-api-key",
        keys.ValidateByNameView.as_view(),
        name="api_bison_validate_by_name",
    ),
    path("api/bison/syncs", syncs.SyncsView.as_view(), name="api_bison_syncs"),
    path(
        "api/bison/email-accounts",
        syncs.EmailAccountsView.as_view(),
        name="api_bison_email_accounts",
    ),
    path("api/bison/campaigns", syncs.CampaignsView.as_view(), name="api_bison_campaigns"),
    path("api/bison/replies", syncs.RepliesView.as_view(), name="api_bison_replies"),
    path(
        "api/bison/suppressions",
        suppressions.SuppressionsView.as_view(),
        name="api_bison_suppressions",
    ),
    path(
        "api/bison/suppressions/check",
        suppressions.CheckSuppressionsView.as_view(),
        name="api_bison_check_suppressions",
    ),
    path(
        "api/bison/suppressions/<uuid:suppression_id>",
        suppressions.SuppressionView.as_view(),
        name="api_bison_suppression",
    ),
    path("api/bison/runway", runway.RunwayView.as_view(), name="api_bison_runway"),
    path(
        "api/bison/runway/compute",
        runway.ComputeRunwayView.as_view(),
        name="api_bison_compute_runway",
    ),
    path(
        "api/bison/onboarding", onboarding.OnboardingsView.as_view(), name="api_bison_onboardings"
    ),
    path(
        "api/bison/onboarding/<uuid:workspace_id>",
        onboarding.OnboardingView.as_view(),
        name="api_bison_onboarding",
    ),
    path(
        "api/bison/onboarding/<uuid:workspace_id>/probe",
        onboarding.ProbeOnboardingView.as_view(),
        name="api_bison_probe_onboarding",
    ),
    path("api/bison/api-keys/import", imports.ImportView.as_view(), name="api_bison_import"),
    path("api/bison/coverage", imports.CoverageView.as_view(), name="api_bison_coverage"),
    path("api/bison/health/summary", health.SummaryView.as_view(), name="api_bison_health_summary"),
    path("api/bison/health/series", health.SeriesView.as_view(), name="api_bison_health_series"),
    path("api/bison/api-calls", calls.CallsView.as_view(), name="api_bison_calls"),
    path("api/bison/api-calls.csv", calls.CallsFileView.as_view(), name="api_bison_calls_file"),
    path(f"{WORKSPACE}/webhook", webhooks.WebhookView.as_view(), name="api_bison_webhook"),
    path(
        f"{WORKSPACE}/webhook/rotate",
        webhooks.RotateView.as_view(),
        name="api_bison_webhook_rotate",
    ),
    path(
        f"{WORKSPACE}/webhook/sample",
        webhooks.SampleView.as_view(),
        name="api_bison_webhook_sample",
    ),
    path(
        f"{WORKSPACE}/webhook/check", webhooks.CheckView.as_view(), name="api_bison_webhook_check"
    ),
    path(
        f"{WORKSPACE}/webhook/repair",
        webhooks.RepairView.as_view(),
        name="api_bison_webhook_repair",
    ),
    path(
        "api/bison/webhook-events", webhooks.EventsView.as_view(), name="api_bison_webhook_events"
    ),
    path(
        "api/bison/webhook-events/<uuid:event_id>/replay",
        webhooks.ReplayView.as_view(),
        name="api_bison_webhook_replay",
    ),
    path("api/bison/ledger", ledger.LedgerView.as_view(), name="api_bison_ledger"),
]
