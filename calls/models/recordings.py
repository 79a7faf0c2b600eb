"""What was recorded of a call, where it lies, and the proof that it is gone."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from calls.models.calls import Call
from core.words.states import word

UNDER_WAY = ("starting", "active", "processing")


class Recording(models.Model):
    """One recording; a call may have several, one after another, never two at once."""

    class State(models.TextChoices):
        STARTING = "starting", word("recording.starting")
        ACTIVE = "active", word("recording.active")
        PROCESSING = "processing", word("recording.processing")
        AVAILABLE = "available", word("recording.available")
        FAILED = "failed", word("recording.failed")
        EXPIRED = "expired", word("recording.expired")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="recordings")
    # LiveKit's id is empty until LiveKit has answered.
    egress_id = models.CharField(max_length=100, blank=True, default="")
    # The recording is of this session of the room.
    room_sid = models.CharField(
        max_length=100, blank=True, default="", db_default="", editable=False
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.STARTING)
    # It is one of `calls.recordings.reasons`, and is shown in the reader's words.
    reason = models.CharField(max_length=500, blank=True, default="")
    # LiveKit's last word on it is for those who look after the installation: its status, and what
    # it says of an error.
    egress_status = models.CharField(max_length=40, blank=True, default="")
    egress_error = models.CharField(max_length=500, blank=True, default="")
    # It was put at this address of a storage (empty for what was recorded before the address was
    # kept), into this bucket, under this key.
    endpoint = models.CharField(max_length=300, blank=True, default="", db_default="")
    bucket = models.CharField(max_length=200, blank=True, default="")
    key = models.CharField(max_length=1000, blank=True, default="")
    size_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    duration_seconds = models.PositiveIntegerField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # LiveKit or the storage was last asked at this moment. While LiveKit has named no id, whoever
    # asks has the recording to themselves.
    checked_at = models.DateTimeField(null=True, blank=True)
    # The storage itself was seen to have it at this moment.
    verified_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # The storage answered this when the object was deleted and looked for again.
    deletion_proof = models.JSONField(default=dict, blank=True)
    # This is why it was not deleted when that was last tried.
    deletion_error = models.CharField(max_length=500, blank=True, default="", db_default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["state", "ended_at"], name="recording_by_state"),
            models.Index(
                fields=["checked_at"], condition=Q(state__in=UNDER_WAY), name="recording_under_way"
            ),
            # A timer asks which of the new recordings that can be played are to be written down.
            models.Index(
                fields=["created_at"], condition=Q(state="available"), name="recording_playable"
            ),
            models.Index(
                fields=["checked_at"],
                condition=Q(deleted_at=None) & ~Q(deletion_error=""),
                name="recording_not_deleted",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["egress_id"], condition=~Q(egress_id=""), name="one_recording_per_egress"
            ),
            models.UniqueConstraint(
                fields=["call"], condition=Q(state__in=UNDER_WAY), name="one_recording_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[*UNDER_WAY, "available", "failed", "expired"]),
                name="recording_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} ({self.state})"


class RemovedRecording(models.Model):
    """A recording whose call was deleted, with its organization perhaps:
    its object is still to be deleted.

    Written by whatever takes the row away (`calls.recordings.removed`), in the same transaction, so
    that no object is left in the storage that nobody knows of. Without a key to the organization:
    it outlives it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization_id = models.UUIDField()
    call_id = models.UUIDField()
    # Where it was still being made, these say by whom, and of which room. That has to end before
    # its object is gone for good.
    room_name = models.CharField(max_length=200, blank=True, default="")
    egress_id = models.CharField(max_length=100, blank=True, default="")
    endpoint = models.CharField(max_length=300, blank=True, default="", db_default="")
    bucket = models.CharField(max_length=200, blank=True, default="")
    key = models.CharField(max_length=1000)
    removed_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deletion_proof = models.JSONField(default=dict, blank=True)
    deletion_error = models.CharField(max_length=500, blank=True, default="", db_default="")

    class Meta:
        ordering: ClassVar = ["-removed_at", "-id"]
        indexes: ClassVar = [
            models.Index(
                fields=["checked_at"], condition=Q(deleted_at=None), name="removed_not_deleted"
            ),
        ]

    def __str__(self) -> str:
        return self.key
