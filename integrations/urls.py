"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from integrations.views import acts, integrations, logs, providers

ALL = "api/dashboard/integrations"
ONE = f"{ALL}/<uuid:integration_id>"
urlpatterns: list[URLPattern | URLResolver] = [
    path(ALL, integrations.IntegrationsView.as_view(), name="api_integrations"),
    path(f"{ALL}/create", integrations.CreateIntegrationView.as_view(), name="api_integrations_create"),
    path(f"{ALL}/test", acts.TestEnteredView.as_view(), name="api_integrations_test"),
    path(f"{ALL}/providers", providers.ProvidersView.as_view(), name="api_integrations_providers"),
    path(ONE, integrations.IntegrationView.as_view(), name="api_integration"),
    path(f"{ONE}/activate", acts.ActivateView.as_view(), name="api_integration_activate"),
    path(f"{ONE}/deactivate", acts.DeactivateView.as_view(), name="api_integration_deactivate"),
    path(f"{ONE}/transfer", acts.TransferView.as_view(), name="api_integration_transfer"),
    path(f"{ONE}/test", acts.TestStoredView.as_view(), name="api_integration_test"),
    path(f"{ONE}/logs", logs.IntegrationLogsView.as_view(), name="api_integration_logs"),
]
