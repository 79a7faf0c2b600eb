"""Addresses of what people do on the page of a call."""

from django.urls import URLPattern, URLResolver, path

from dashboard.calls import work

urlpatterns: list[URLPattern | URLResolver] = [
    path("calls/<uuid:call_id>/outcome", work.set_outcome, name="call_outcome"),
    path("calls/<uuid:call_id>/lead", work.set_lead, name="call_lead"),
    path("calls/<uuid:call_id>/lead/options", work.lead_options, name="call_lead_options"),
    path("calls/<uuid:call_id>/actions", work.add_action, name="call_actions"),
    path("calls/<uuid:call_id>/actions/<uuid:action_id>", work.change_action, name="call_action"),
    path("calls/<uuid:call_id>/comments", work.add_comment, name="call_comments"),
    path(
        "calls/<uuid:call_id>/comments/<uuid:comment_id>", work.change_comment, name="call_comment"
    ),
    path("app/call/<uuid:appointment_id>/went", work.went, name="call_went"),
]
