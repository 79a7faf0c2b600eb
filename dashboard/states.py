"""How a state looks: its tone, its icon and its word. One table, so that "failed" is the same red everywhere."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Look:
    tone: str
    icon: str
    word: str | Promise


LOOKS: dict[str, Look] = {
    # runs
    "queued": Look("calm", "clock", _("Waiting")),
    "running": Look("info", "loader-circle", _("Running")),
    "succeeded": Look("good", "circle-check", _("Complete")),
    "incomplete": Look("warn", "circle-alert", _("Incomplete")),
    "failed": Look("bad", "circle-x", _("Failed")),
    "cancelled": Look("calm", "ban", _("Cancelled")),
    # incidents
    "warning": Look("warn", "triangle-alert", _("Warning")),
    "critical": Look("bad", "octagon-alert", _("Critical")),
    "closed": Look("good", "circle-check", _("Over")),
    # connections
    "connected": Look("good", "circle-check", _("Connected")),
    "error": Look("bad", "circle-x", _("Error")),
    "not_configured": Look("calm", "circle-dashed", _("Not set up")),
    # health
    "healthy": Look("good", "circle-check", _("Healthy")),
    "degraded": Look("warn", "circle-alert", _("Degraded")),
    "failing": Look("bad", "circle-x", _("Failing")),
    "unknown": Look("calm", "circle-dashed", _("Unknown")),
    "active": Look("good", "circle-check", _("Active")),
    "inactive": Look("calm", "circle-dashed", _("Inactive")),
    "enabled": Look("good", "circle-check", _("On")),
    "disabled": Look("calm", "ban", _("Off")),
    # steps of a test
    "passed": Look("good", "circle-check", _("Passed")),
    "skipped": Look("calm", "circle-dashed", _("Skipped")),
    # deliveries
    "pending": Look("calm", "clock", _("Waiting")),
    "processed": Look("good", "circle-check", _("Worked")),
    "ignored": Look("calm", "circle-dashed", _("Ignored")),
}


def look(state: str) -> Look:
    """A state that nobody gave a look is shown by its own name, quietly, and never guessed green."""
    return LOOKS.get(state, Look("calm", "circle-dashed", state.replace("_", " ").capitalize()))
