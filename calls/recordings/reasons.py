"""Why a recording is as it is: stored as one word, told in the reader's own language."""

from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from calls.models import Recording

NO_STORAGE: Final = "no_storage"
REFUSED: Final = "refused"
NOT_STARTED: Final = "not_started"
CALL_OVER: Final = "call_over"
FAILED: Final = "failed"
ABORTED: Final = "aborted"
EMPTY: Final = "empty"
MISSING: Final = "missing"
LATE: Final = "late"
LOST: Final = "lost"
LIMIT: Final = "limit"
BROKE_OFF: Final = "broke_off"
TURNED_OFF: Final = "turned_off"
UNCONFIRMED: Final = "unconfirmed"

WORDS: Final[dict[str, Any]] = {
    NO_STORAGE: _(
        "Nothing was recorded: there is no place set up to keep recordings. Tell "
        "your administrator."
    ),
    REFUSED: _(
        "Nothing was recorded: the recording could not be started. Tell your administrator."
    ),
    NOT_STARTED: _("Nothing was recorded: the recording did not start in time."),
    CALL_OVER: _("Nothing was recorded: the call was over before the recording could start."),
    FAILED: _("The recording broke off, and nothing of it could be kept."),
    ABORTED: _("The recording was broken off before anything was recorded."),
    EMPTY: _("The recording ended without any picture or sound."),
    MISSING: _(
        "The recording was made, but its file is not where it should be. Tell your administrator."
    ),
    LATE: _(
        "The recording was not ready five minutes after the call. Should it still come, it "
        "is shown here."
    ),
    LOST: _("Nothing is known of this recording any more, and there is no file of it."),
    LIMIT: _("The recording reached its greatest length and stops before the end of the call."),
    BROKE_OFF: _(
        "The recording broke off before the end of the call. What was recorded until then is here."
    ),
    TURNED_OFF: _(
        "Recording was turned off during the call. What was recorded until then is here."
    ),
    UNCONFIRMED: _(
        "The end of this recording was never confirmed. It may be shorter than the call."
    ),
}
# These failures are only the lack of news: what comes later can still make them good.
WITHOUT_NEWS: Final = frozenset({LATE, LOST, MISSING, NOT_STARTED, REFUSED})


def reason_of(recording: Recording) -> str:
    """Give the reason in the reader's words; empty where there is nothing to explain."""
    return str(WORDS.get(recording.reason, recording.reason))
