"""Why nothing was written down yet, or never will be: stored as one word,
told in the reader's own language.
"""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from calls.models import Transcription

AWAY: Final = "away"
REFUSED: Final = "refused"
NOT_ALLOWED: Final = "not_allowed"
UNREADABLE: Final = "unreadable"
TOO_LARGE: Final = "too_large"
NO_RECORDING: Final = "no_recording"
STORAGE: Final = "storage"
SUMMARY: Final = "summary"
BROKE_OFF: Final = "broke_off"
SILENT: Final = "silent"
TURNED_OFF: Final = "turned_off"

WORDS: Final[dict[str, Any]] = {
    AWAY: _("The service that writes it down cannot be reached, or takes no more at the moment."),
    REFUSED: _("The service that writes it down refused this recording."),
    NOT_ALLOWED: _(
        "The service that writes it down does not let us in. Your administrator has to look at it."
    ),
    UNREADABLE: _("The service that writes it down gave an answer that cannot be read."),
    TOO_LARGE: _(
        "This recording is larger than what the service that writes it down takes, and has no "
        "sound to take out."
    ),
    NO_RECORDING: _("The recording was deleted before it could be written down."),
    STORAGE: _("The recording could not be fetched from where it is kept."),
    SUMMARY: _("It is written down, but could not be summed up."),
    BROKE_OFF: _("Writing it down was interrupted several times."),
    SILENT: _("Nothing can be heard in this recording."),
    TURNED_OFF: _("Writing down was turned off before this recording had its turn."),
}

# Runs count and prove these.
RUN_WORDS: Final[dict[str, Any]] = {
    "recordings": _("Recordings"),
    "written": _("Written down"),
    "silent": _("Nothing to be heard"),
    "failed": _("Failed"),
    "tried_again_later": _("Tried again later"),
    "nothing_to_do": _("Nothing to do"),
    "call_gone": _("The call was deleted"),
    "taken_over": _("Taken over by a later attempt"),
    "sent_to": _("Sent to"),
    "bytes": _("Bytes sent"),
    "files": _("Files sent"),
    "seconds": _("Seconds"),
    "segments": _("Stretches of speech"),
    "characters": _("Characters"),
    "language": _("Language"),
    "model": _("Model"),
    "summary_model": _("Model of the summary"),
    "summary_characters": _("Characters of the summary"),
    "reason": _("Reason"),
    "attempt": _("Attempt"),
}


def reason_of(transcription: Transcription) -> str:
    """Give the reason in the reader's words; empty where there is nothing to explain."""
    return str(WORDS.get(transcription.reason, transcription.reason))
