"""Addresses of the dashboard's own pages."""

from django.urls import URLPattern, URLResolver, path

from dashboard import invitations, views

app_name = "dashboard"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("health", views.health_parts, name="health"),
    path("runs", views.runs, name="runs"),
    path("runs/<uuid:run_id>", views.run, name="run"),
    path("runs/<uuid:run_id>/live", views.run_live, name="run_live"),
    path("runs/<uuid:run_id>/cancel", views.run_cancel, name="run_cancel"),
    path("settings/profile", views.profile, name="profile"),
    path("preferences/theme", views.set_theme, name="set_theme"),
    path("preferences/language", views.set_language, name="set_language"),
    path("preferences/organization", views.switch_organization, name="switch_organization"),
    # "key" keeps the token out of the logs (core.logs).
    path("invitations/key/<str:token>", invitations.invitation, name="invitation"),
    path("styleguide", views.styleguide, name="styleguide"),
]
