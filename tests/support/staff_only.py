"""Addresses for staff alone: everybody else is refused before anything is looked up (tests/test_staff_wall.py)."""

STAFF = {
    "api_bison_suppressions",
    "api_bison_check_suppressions",
    "api_bison_suppression",
    "api_bison_runway",
    "api_bison_compute_runway",
    "api_bison_onboardings",
    "api_bison_onboarding",
    "api_bison_probe_onboarding",
}
