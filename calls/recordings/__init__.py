"""Recordings of native calls, from their start to the proof that they are gone.

starting   one recorder per call, whoever asks and dies
states     what LiveKit says, in any order, to one state
ending     stopping it; is the file where it should be?
checking   the truth, asked on a timer
retention  deleted after their time
removed    objects whose call was deleted
proving    the proof that an object is gone
storage    S3 through the one door out; links to play
reasons    why, in words for whoever held the call
trouble    failed recordings as incidents
"""

from calls.recordings.checking import check, sweep
from calls.recordings.ending import end, settings_changed, settle, stop_recordings
from calls.recordings.reasons import reason_of
from calls.recordings.removed import delete_removed, remember_removed
from calls.recordings.retention import expire
from calls.recordings.starting import begin, wanted
from calls.recordings.states import apply, read_recordings, recordings_of, shown, with_recordings
from calls.recordings.storage import link

__all__ = [
    "apply",
    "begin",
    "check",
    "delete_removed",
    "end",
    "expire",
    "link",
    "read_recordings",
    "reason_of",
    "recordings_of",
    "remember_removed",
    "settings_changed",
    "settle",
    "shown",
    "stop_recordings",
    "sweep",
    "wanted",
    "with_recordings",
]
