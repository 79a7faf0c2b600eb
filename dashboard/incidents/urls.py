"""Addresses of the pages of incidents."""

from django.urls import URLPattern, URLResolver, path

from dashboard.incidents import views

ONE = "incidents/<uuid:incident_id>"
WINDOW = "incidents/maintenance/<uuid:window_id>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("incidents", views.index, name="incidents"),
    path("incidents/uptime", views.uptime, name="uptime"),
    path("incidents/maintenance", views.maintenance, name="maintenance"),
    path("incidents/maintenance/new", views.plan, name="plan_maintenance"),
    path(WINDOW, views.window, name="maintenance_window"),
    path(f"{WINDOW}/end", views.end_window, name="end_maintenance"),
    path(ONE, views.incident, name="incident"),
    path(f"{ONE}/acknowledge", views.acknowledge, name="acknowledge_incident"),
    path(f"{ONE}/snooze", views.snooze, name="snooze_incident"),
    path("settings/notifications", views.notifications, name="notifications"),
]
