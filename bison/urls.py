"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from bison.views import onboarding, runway, suppressions

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/bison/suppressions", suppressions.SuppressionsView.as_view(), name="api_bison_suppressions"),
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
    path("api/bison/runway/compute", runway.ComputeRunwayView.as_view(), name="api_bison_compute_runway"),
    path("api/bison/onboarding", onboarding.OnboardingsView.as_view(), name="api_bison_onboardings"),
    path("api/bison/onboarding/<uuid:workspace_id>", onboarding.OnboardingView.as_view(), name="api_bison_onboarding"),
    path(
        "api/bison/onboarding/<uuid:workspace_id>/probe",
        onboarding.ProbeOnboardingView.as_view(),
        name="api_bison_probe_onboarding",
    ),
]
