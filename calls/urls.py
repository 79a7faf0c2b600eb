"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from calls.views import library, settings

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/calls", library.CallListView.as_view(), name="api_calls"),
    path("api/calls/stats", library.StatisticsView.as_view(), name="api_call_statistics"),
    path("api/calls/appointments", library.CallAppointmentsView.as_view(), name="api_call_appointments"),
    path("api/calls/<uuid:call_id>", library.CallView.as_view(), name="api_call"),
    path("api/calls/<uuid:call_id>/transcript", library.TranscriptView.as_view(), name="api_call_transcript"),
    path("api/settings/calls", settings.CallSettingsView.as_view(), name="api_call_settings"),
]
