"""Calls of every source: the call, who took part, what was said, what was recorded,
and who was asked in.
"""

from calls.models.calls import Call, CallParticipant, RoomSession
from calls.models.invitations import GuestInvitation
from calls.models.mails import MeetingMail
from calls.models.recordings import Recording, RemovedRecording
from calls.models.texts import CallSearch, SearchedWord, Transcript, UnlearnedCall
from calls.models.transcriptions import Transcription
from calls.models.work import CallAction, CallComment

__all__ = [
    "Call",
    "CallAction",
    "CallComment",
    "CallParticipant",
    "CallSearch",
    "GuestInvitation",
    "MeetingMail",
    "Recording",
    "RemovedRecording",
    "RoomSession",
    "SearchedWord",
    "Transcript",
    "Transcription",
    "UnlearnedCall",
]
