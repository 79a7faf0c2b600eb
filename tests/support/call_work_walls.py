"""A call, and what people do on its page, for the tenant wall:
each address, made for the other organization.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.other import Other


def _call(other: "Other") -> dict[str, Any]:
    return {"call_id": other.call.pk}


def _action(other: "Other") -> dict[str, Any]:
    return {"call_id": other.call.pk, "action_id": other.todo.pk}


def _comment(other: "Other") -> dict[str, Any]:
    return {"call_id": other.call.pk, "comment_id": other.comment.pk}


THINGS: dict[str, Callable[["Other"], dict[str, Any]]] = {
    "api_call": _call,
    "api_call_transcript": _call,
    "dashboard:call": _call,
    "dashboard:call_transcript": _call,
    "dashboard:call_write_again": _call,
    "dashboard:call_recording": lambda other: {
        "call_id": other.filmed.call_id,
        "recording_id": other.filmed.pk,
    },
    "api_call_actions": _call,
    "api_call_action": _action,
    "api_call_comments": _call,
    "api_call_comment": _comment,
    "dashboard:call_outcome": _call,
    "dashboard:call_lead": _call,
    "dashboard:call_lead_options": _call,
    "dashboard:call_actions": _call,
    "dashboard:call_action": _action,
    "dashboard:action_done": lambda other: {"action_id": other.todo.pk},
    "dashboard:call_comments": _call,
    "dashboard:call_comment": _comment,
    "dashboard:call_went": lambda other: {"appointment_id": other.filmed.call.appointment_id},
}
NO_WALL_FOR_ADMIN = set(THINGS)
DONE_ONLY = {
    "api_call_action": ("DELETE", 204),
    "api_call_comment": ("DELETE", 204),
    "dashboard:call_write_again": ("POST", 302),
    "dashboard:call_outcome": ("POST", 302),
    "dashboard:call_lead": ("POST", 302),
    "dashboard:call_actions": ("POST", 302),
    "dashboard:action_done": ("POST", 302),
    "dashboard:call_comments": ("POST", 302),
    "dashboard:call_comment": ("POST", 302),
    "dashboard:call_went": ("POST", 302),
}
