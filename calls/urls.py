"""Addresses."""

from django.urls import URLPattern, URLResolver, path

from calls.views import library, native, settings, statistics, work

MEETING = "api/calls/appointments/<uuid:appointment_id>"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/calls", library.CallListView.as_view(), name="api_calls"),
    path("api/calls/stats", statistics.StatisticsView.as_view(), name="api_call_statistics"),
    path(
        "api/calls/appointments",
        library.CallAppointmentsView.as_view(),
        name="api_call_appointments",
    ),
    path(f"{MEETING}/join", native.JoinView.as_view(), name="api_call_join"),
    path(
        "calls/appointments/<uuid:appointment_id>/join",
        native.JoinAsBeforeView.as_view(),
        name="api_call_join_as_before",
    ),
    path(
        f"{MEETING}/invitations",
        native.GuestInvitationListView.as_view(),
        name="api_guest_invitations",
    ),
    path(
        f"{MEETING}/invitations/<uuid:invitation_id>",
        native.GuestInvitationView.as_view(),
        name="api_guest_invitation",
    ),
    path(f"{MEETING}/mails", native.MeetingMailListView.as_view(), name="api_meeting_mails"),
    # "guest" keeps the token out of the logs (core.health.logs).
    path("api/calls/guest/<str:token>/join", native.GuestJoinView.as_view(), name="api_guest_join"),
    path("api/calls/<uuid:call_id>", library.CallView.as_view(), name="api_call"),
    path(
        "api/calls/<uuid:call_id>/transcript",
        library.TranscriptView.as_view(),
        name="api_call_transcript",
    ),
    path(
        "api/calls/<uuid:call_id>/actions", work.ActionListView.as_view(), name="api_call_actions"
    ),
    path(
        "api/calls/<uuid:call_id>/actions/<uuid:action_id>",
        work.ActionView.as_view(),
        name="api_call_action",
    ),
    path(
        "api/calls/<uuid:call_id>/comments",
        work.CommentListView.as_view(),
        name="api_call_comments",
    ),
    path(
        "api/calls/<uuid:call_id>/comments/<uuid:comment_id>",
        work.CommentView.as_view(),
        name="api_call_comment",
    ),
    path("api/settings/calls", settings.CallSettingsView.as_view(), name="api_call_settings"),
]
