"""How far Koppel is with writing down what was said in a recording."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from calls.models.recordings import Recording


class Transcription(models.Model):
    """One recording, to be written down once. `calls.transcripts` alone changes it;
    the call's `Transcript` is made of the segments of all its recordings.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        WORKING = "working", _("Being written down")
        INCOMPLETE = "incomplete", _("Tried again later")
        DONE = "done", _("Written down")
        FAILED = "failed", _("Failed")

    OPEN: ClassVar = [State.WAITING, State.WORKING, State.INCOMPLETE]

    recording = models.OneToOneField(
        Recording, primary_key=True, on_delete=models.CASCADE, related_name="transcription"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # It is one of `calls.transcripts.reasons`, and is shown in the reader's words.
    reason = models.CharField(max_length=40, blank=True, default="")
    # It is counted when an attempt begins: whoever has the row writes under the number of their own
    # attempt.
    attempts = models.PositiveSmallIntegerField(default=0)
    run_id = models.UUIDField(null=True, blank=True, editable=False)
    tried_at = models.DateTimeField(null=True, blank=True)
    # The next attempt begins no sooner than this.
    due_at = models.DateTimeField(null=True, blank=True)
    # This is what was heard so far, `at` in seconds from the start of this recording. A large
    # recording is sent in several files.
    segments = models.JSONField(default=list, blank=True)
    files_heard = models.PositiveSmallIntegerField(default=0)
    # All of it was heard by this moment.
    heard_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=20, blank=True, default="")
    finished_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["waiting", "working", "incomplete"]),
                name="transcription_open",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "working", "incomplete", "done", "failed"]),
                name="transcription_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recording_id} ({self.state})"
