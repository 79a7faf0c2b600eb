"""The addresses of meetings, for tests/test_tenant_wall.py: what is behind each, and for whom."""

from collections.abc import Callable
from typing import Any

from tests.support.other import Other

# What is done with one meeting on its pages.
ACTS = (
    "meeting",
    "move_meeting",
    "cancel_meeting",
    "settle_meeting",
    "reopen_meeting",
    "mail_lead",
)
PAGES = (*ACTS, "call_room", "guests")
OWN = {
    "dashboard:meetings",
    "dashboard:book_meeting",
    "dashboard:lead_options",
    "dashboard:look_at_time",
    "api_availability",
}


def _meeting(other: Other) -> dict[str, Any]:
    return {"appointment_id": other.world.appointment.pk}


THINGS: dict[str, Callable[[Other], dict[str, Any]]] = {
    **{f"dashboard:{name}": _meeting for name in PAGES},
    "dashboard:withdraw_guest": lambda other: {**_meeting(other), "invitation_id": other.guest.pk},
    "api_appointment_history": lambda other: {"record_id": other.world.appointment.pk},
    "api_meeting_mails": _meeting,
    "api_call_join": _meeting,
    "api_call_join_as_before": _meeting,
    "api_guest_invitations": _meeting,
    "api_guest_invitation": lambda other: {**_meeting(other), "invitation_id": other.guest.pk},
}
NO_WALL_FOR_ADMIN = {*THINGS, "dashboard:lead_options"}
TAKE_ANOTHER = {"dashboard:lead_options"}
DONE_ONLY = {
    "api_call_join": ("POST", 503),  # without LiveKit
    "api_call_join_as_before": ("POST", 503),
    "api_guest_invitation": ("DELETE", 204),
    "dashboard:withdraw_guest": ("POST", 302),
    "dashboard:settle_meeting": ("POST", 400),
    "dashboard:reopen_meeting": ("POST", 302),
    "dashboard:mail_lead": ("POST", 302),
}
# Nothing was written to the lead yet.
ANSWERS_WITHOUT_THE_WORD = {"api_meeting_mails": ('"results"',)}
