"""How a state is said and shown, wherever it is: its word, its icon and its tone.

The one list of the house: dashboard, admin, alerts, the labels of models and with them the API's
texts take theirs from here, so that "failed" is the same red everywhere and nothing has two names.
A state whose word depends on what is in it stands under the name of that: `call.PENDING`. Tones are
good, warn, bad, info and calm.
"""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Word = str | Promise


@dataclass(frozen=True)
class Look:
    tone: str
    icon: str
    word: Word


LOOKS: Final[dict[str, Look]] = {
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
    "open": Look("bad", "circle-alert", _("Open")),
    "closed": Look("good", "circle-check", _("Over")),
    "acknowledged": Look("info", "eye", _("Acknowledged")),
    "snoozed": Look("calm", "clock", _("Snoozed")),
    "incident.worsened": Look("bad", "octagon-alert", _("Got worse")),
    "incident.woken": Look("calm", "bell", _("Snooze ended")),
    "incident.silenced": Look("calm", "ban", _("Alert held back")),
    "in_maintenance": Look("info", "wrench", _("In maintenance")),
    "planned": Look("calm", "clock", _("Planned")),
    "maintenance.running": Look("info", "wrench", _("In maintenance")),
    "over": Look("calm", "check", _("Over")),
    # connections
    "connected": Look("good", "circle-check", _("Connected")),
    "error": Look("bad", "circle-x", _("Connection failed")),
    "not_configured": Look("calm", "circle-dashed", _("Not set up yet")),
    "not_tested": Look("calm", "circle-dashed", _("Not tested yet")),
    "being_tested": Look("info", "loader-circle", _("Being tested")),
    # what a check proved
    "complete": Look("good", "circle-check", _("Complete")),
    "refused": Look("bad", "ban", _("Refused")),
    "unchecked": Look("calm", "circle-dashed", _("Not checked yet")),
    # health
    "healthy": Look("good", "circle-check", _("Healthy")),
    "degraded": Look("warn", "circle-alert", _("Degraded")),
    "failing": Look("bad", "circle-x", _("Failing")),
    "unknown": Look("calm", "circle-dashed", _("Unknown")),
    "answering": Look("good", "circle-check", _("Running")),
    "not_answering": Look("bad", "circle-x", _("Not answering")),
    # whatever is switched or set
    "active": Look("good", "circle-check", _("Active")),
    "inactive": Look("calm", "circle-dashed", _("Inactive")),
    "archived": Look("calm", "circle-dashed", _("Archived")),
    "enabled": Look("good", "circle-check", _("On")),
    "disabled": Look("calm", "ban", _("Off")),
    "set": Look("good", "circle-check", _("Set")),
    "not_set": Look("calm", "circle-dashed", _("Not set")),
    "works": Look("good", "circle-check", _("Works")),
    "not_working": Look("bad", "circle-x", _("Not working")),
    "yes": Look("good", "check", _("yes")),
    "no": Look("calm", "x", _("no")),
    "missing": Look("bad", "circle-x", _("Missing")),
    # whose key calls are made with
    "key.own": Look("good", "circle-check", _("Own key")),
    "key.shared": Look("warn", "circle-alert", _("Super-admin key")),
    "key.missing": Look("bad", "circle-x", _("No key")),
    # checklists and debts
    "not_started": Look("calm", "circle-dashed", _("Not started")),
    "in_progress": Look("info", "loader-circle", _("In progress")),
    "completed": Look("good", "circle-check", _("Done")),
    "done": Look("good", "circle-check", _("Done")),
    "blocked": Look("bad", "ban", _("Blocked")),
    "undone": Look("bad", "circle-alert", _("Undone at the vendor")),
    # steps of a test
    "passed": Look("good", "circle-check", _("Passed")),
    "skipped": Look("calm", "circle-dashed", _("Skipped")),
    # what is made at a vendor
    "creating": Look("info", "loader-circle", _("Being made")),
    "ready": Look("good", "circle-check", _("Ready")),
    "removing": Look("info", "loader-circle", _("Being deleted")),
    # deliveries, in and out
    "pending": Look("calm", "clock", _("Waiting")),
    "waiting": Look("calm", "clock", _("Waiting")),
    "processed": Look("good", "circle-check", _("Processed")),
    "ignored": Look("calm", "circle-dashed", _("Ignored")),
    # an answer that the caller takes, and yet no success
    "neutral": Look("calm", "circle-dashed", _("Neutral")),
    "sent": Look("good", "circle-check", _("Sent")),
    # invitations and sign-ins
    "invited": Look("calm", "clock", _("Open")),
    "accepted": Look("good", "circle-check", _("Accepted")),
    "withdrawn": Look("calm", "ban", _("Withdrawn")),
    "expired": Look("calm", "circle-dashed", _("Expired")),
    "signed_in": Look("good", "circle-check", _("Signed in")),
    "revoked": Look("calm", "ban", _("Revoked")),
    # calls
    "call.PENDING": Look("calm", "clock", pgettext_lazy("a call", "Planned")),
    "call.ONGOING": Look("info", "circle-dot", _("Ongoing")),
    "call.COMPLETED": Look("good", "circle-check", pgettext_lazy("a call", "Held")),
    "call.not_begun": Look("warn", "circle-alert", pgettext_lazy("a call", "Not begun")),
    "call.not_held": Look("calm", "ban", pgettext_lazy("a call", "Not held")),
    "source.native": Look("calm", "video", _("Video call")),
    "source.fathom": Look("calm", "file-text", "Fathom"),
    "source.email_bison": Look("calm", "inbox", "Email Bison"),
    # what came of a call
    "outcome.won": Look("good", "trophy", _("Won")),
    "outcome.lost": Look("bad", "thumbs-down", _("Lost")),
    "outcome.no-show": Look("warn", "user-x", _("No-show")),
    "outcome.no-decision": Look("calm", "circle-dashed", _("No decision")),
    "outcome.follow-up": Look("info", "reply", _("Follow-up")),
    # how far what a source lists is proved to be in Koppel
    "proof.whole": Look("good", "circle-check", _("Complete")),
    "proof.gap": Look("bad", "circle-alert", _("Missing")),
    "proof.partial": Look("warn", "circle-alert", _("Not all checked yet")),
    "proof.failing": Look("warn", "triangle-alert", _("Checks fail")),
    "proof.old": Look("warn", "clock", _("Old proof")),
    "proof.unchecked": Look("calm", "circle-dashed", _("Not checked yet")),
    # leads
    "lead.new": Look("calm", "circle-dashed", _("New")),
    "lead.contacted": Look("info", "reply", _("Contacted")),
    "lead.qualified": Look("good", "circle-check", _("Qualified")),
    "lead.disqualified": Look("calm", "ban", _("Disqualified")),
    "lead.won": Look("good", "trophy", _("Won")),
    "lead.lost": Look("bad", "thumbs-down", _("Lost")),
    # meetings
    "meeting.scheduled": Look("calm", "clock", pgettext_lazy("a call", "Planned")),
    "meeting.open": Look("info", "video", _("Open now")),
    "meeting.ongoing": Look("info", "circle-dot", _("Ongoing")),
    "meeting.completed": Look("good", "circle-check", pgettext_lazy("a call", "Held")),
    "meeting.over": Look("calm", "check", _("Over")),
    "meeting.cancelled": Look("calm", "ban", pgettext_lazy("a meeting", "Cancelled")),
    "meeting.no_show": Look("warn", "circle-alert", _("No-show")),
    # recordings
    "recording.none": Look("calm", "circle-dashed", _("Not recorded")),
    "recording.starting": Look("info", "loader-circle", _("Recording starts")),
    "recording.active": Look("info", "circle-dot", _("Being recorded")),
    "recording.processing": Look("info", "loader-circle", _("Being prepared")),
    "recording.available": Look("good", "play", _("Recorded")),
    "recording.failed": Look("bad", "circle-x", _("Recording failed")),
    "recording.expired": Look("calm", "trash-2", _("Recording deleted")),
    # what became of a recorded meeting that Fathom lists
    "listed.imported": Look("good", "circle-check", _("In the library")),
    "listed.skipped": Look("calm", "circle-dashed", _("Skipped")),
    "listed.error": Look("bad", "circle-x", _("Could not be read")),
    "listed.missing": Look("warn", "circle-alert", _("Not fetched yet")),
}


def look(state: str) -> Look:
    """Return a state's look.

    One that nobody gave a look is shown by its own name, quietly, and never guessed green.
    """
    return LOOKS.get(state) or Look(
        "calm", "circle-dashed", state.rpartition(".")[2].replace("_", " ").capitalize()
    )


def word(state: str) -> Word:
    """Return what it is called, in the language of whoever reads it later."""
    return look(state).word
