"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from bison.views import ledger, syncs, webhooks

WORKSPACE = "api/bison/workspaces/<uuid:workspace_id>"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{WORKSPACE}/webhook", webhooks.WebhookView.as_view(), name="api_bison_webhook"),
    path(f"{WORKSPACE}/webhook/rotate", webhooks.RotateView.as_view(), name="api_bison_webhook_rotate"),
    path(f"{WORKSPACE}/webhook/sample", webhooks.SampleView.as_view(), name="api_bison_webhook_sample"),
    path(f"{WORKSPACE}/webhook/check", webhooks.CheckView.as_view(), name="api_bison_webhook_check"),
    path(f"{WORKSPACE}/webhook/repair", webhooks.RepairView.as_view(), name="api_bison_webhook_repair"),
    path("api/bison/webhook-events", webhooks.EventsView.as_view(), name="api_bison_webhook_events"),
    path(
        "api/bison/webhook-events/<uuid:event_id>/replay",
        webhooks.ReplayView.as_view(),
        name="api_bison_webhook_replay",
    ),
    path("api/bison/ledger", ledger.LedgerView.as_view(), name="api_bison_ledger"),
    path("api/bison/syncs", syncs.SyncsView.as_view(), name="api_bison_syncs"),
    path("api/bison/email-accounts", syncs.EmailAccountsView.as_view(), name="api_bison_email_accounts"),
    path("api/bison/campaigns", syncs.CampaignsView.as_view(), name="api_bison_campaigns"),
    path("api/bison/replies", syncs.RepliesView.as_view(), name="api_bison_replies"),
]
