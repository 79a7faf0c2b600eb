"""Addresses of the schedule, its meetings, and the calls of them."""

from django.urls import URLPattern, URLResolver, path

from dashboard.scheduling import acts, book, rooms, views

ONE = "scheduling/<uuid:appointment_id>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("scheduling", views.schedule, name="schedule"),
    path("scheduling/meetings", views.meetings, name="meetings"),
    path("scheduling/new", book.new, name="book_meeting"),
    path("scheduling/new/leads", book.leads, name="lead_options"),
    path("scheduling/new/look", book.look_at, name="look_at_time"),
    path(ONE, acts.meeting, name="meeting"),
    path(f"{ONE}/move", acts.move, name="move_meeting"),
    path(f"{ONE}/cancel", acts.cancel, name="cancel_meeting"),
    path(f"{ONE}/settle", acts.settle, name="settle_meeting"),
    path(f"{ONE}/reopen", acts.reopen, name="reopen_meeting"),
    path(f"{ONE}/mail", acts.mail, name="mail_lead"),
    path(f"{ONE}/guests", views.guests, name="guests"),
    path(f"{ONE}/guests/<uuid:invitation_id>/withdraw", views.withdraw, name="withdraw_guest"),
    path("app/call/<uuid:appointment_id>", rooms.room, name="call_room"),
    # "key" keeps the token out of the logs (core.health.logs).
    path("call/key/<str:token>", rooms.guest, name="guest_call"),
]
