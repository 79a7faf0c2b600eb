"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from integrations.views import (
    acts,
    analytics,
    contacts,
    demos,
    events,
    helpdesk,
    integrations,
    logs,
    oauth,
    providers,
    templates,
)

ALL = "api/dashboard/integrations"
ONE = f"{ALL}/<uuid:integration_id>"
urlpatterns: list[URLPattern | URLResolver] = [
    path(ALL, integrations.IntegrationsView.as_view(), name="api_integrations"),
    path(
        f"{ALL}/create",
        integrations.CreateIntegrationView.as_view(),
        name="api_integrations_create",
    ),
    path(f"{ALL}/test", acts.TestEnteredView.as_view(), name="api_integrations_test"),
    path(f"{ALL}/providers", providers.ProvidersView.as_view(), name="api_integrations_providers"),
    path(f"{ALL}/templates", templates.TemplatesView.as_view(), name="api_integrations_templates"),
    path(f"{ALL}/webhook-events", events.EventCatalogueView.as_view(), name="api_webhook_events"),
    path(
        f"{ALL}/oauth/<slug:provider>/start",
        oauth.StartView.as_view(),
        name="api_integrations_oauth_start",
    ),
    path(
        f"{ALL}/oauth/<slug:provider>/callback",
        oauth.CallbackView.as_view(),
        name="api_integrations_oauth_callback",
    ),
    path(f"{ALL}/analytics", analytics.AnalyticsView.as_view(), name="api_integrations_analytics"),
    path(
        f"{ALL}/recommendations",
        analytics.RecommendationsView.as_view(),
        name="api_integrations_recommendations",
    ),
    path(f"{ALL}/chatwoot/agents", helpdesk.AgentsView.as_view(), name="api_helpdesk_agents"),
    path(f"{ALL}/chatwoot/inboxes", helpdesk.InboxesView.as_view(), name="api_helpdesk_inboxes"),
    path(
        f"{ALL}/chatwoot/create-user",
        helpdesk.CreateAgentView.as_view(),
        name="api_helpdesk_create_agent",
    ),
    path(
        f"{ALL}/chatwoot/assign-agent",
        helpdesk.AssignAgentView.as_view(),
        name="api_helpdesk_assign_agent",
    ),
    path(f"{ALL}/demos", demos.DemosView.as_view(), name="api_demos"),
    path(f"{ALL}/demos/<uuid:demo_id>", demos.DemoView.as_view(), name="api_demo"),
    path(f"{ALL}/widget-script", demos.WidgetScriptView.as_view(), name="api_widget_script"),
    path(ONE, integrations.IntegrationView.as_view(), name="api_integration"),
    path(f"{ONE}/activate", acts.ActivateView.as_view(), name="api_integration_activate"),
    path(f"{ONE}/deactivate", acts.DeactivateView.as_view(), name="api_integration_deactivate"),
    path(f"{ONE}/transfer", acts.TransferView.as_view(), name="api_integration_transfer"),
    path(f"{ONE}/test", acts.TestStoredView.as_view(), name="api_integration_test"),
    path(f"{ONE}/sample", events.SampleView.as_view(), name="api_integration_sample"),
    path(f"{ONE}/deliveries", events.DeliveriesView.as_view(), name="api_integration_deliveries"),
    path(
        f"{ONE}/deliveries/<uuid:delivery_id>/replay",
        events.ReplayView.as_view(),
        name="api_integration_replay",
    ),
    path(f"{ONE}/recover", events.RecoverView.as_view(), name="api_integration_recover"),
    path(
        f"{ONE}/rotate-secret",
        events.RotateSecretView.as_view(),
        name="api_integration_rotate_secret",
    ),
    path(f"{ONE}/reconnect", oauth.ReconnectView.as_view(), name="api_integration_reconnect"),
    path(f"{ONE}/disconnect", oauth.DisconnectView.as_view(), name="api_integration_disconnect"),
    path(f"{ONE}/logs", logs.IntegrationLogsView.as_view(), name="api_integration_logs"),
    path(f"{ONE}/sync", contacts.ContactSyncView.as_view(), name="api_integration_sync"),
    path(f"{ONE}/mapping", contacts.MappingView.as_view(), name="api_integration_mapping"),
    path(
        f"{ONE}/conflicts",
        contacts.ContactConflictsView.as_view(),
        name="api_integration_conflicts",
    ),
    path(
        f"{ONE}/conflicts/<uuid:conflict_id>/resolve",
        contacts.ResolveConflictView.as_view(),
        name="api_integration_conflict_resolve",
    ),
]
