"""What was recorded of a call, where it lies, and the proof that it is gone."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from calls.models.calls import Call

UNDER_WAY = ("starting", "active", "processing")


class Recording(models.Model):
    """One recording; a call may have several, one after another, never two at once."""

    class State(models.TextChoices):
        STARTING = "starting", _("Starting")
        ACTIVE = "active", _("Recording")
        PROCESSING = "processing", _("Processing")
        AVAILABLE = "available", _("Available")
        FAILED = "failed", _("Failed")
        EXPIRED = "expired", _("Deleted after its time")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="recordings")
    # LiveKit's id; empty until it has answered.
    egress_id = models.CharField(max_length=100, blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.STARTING)
    reason = models.CharField(max_length=500, blank=True, default="")
    bucket = models.CharField(max_length=200, blank=True, default="")
    key = models.CharField(max_length=1000, blank=True, default="")
    size_bytes = models.PositiveBigIntegerField(null=True, blank=True)
    duration_seconds = models.PositiveIntegerField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # When LiveKit was last asked.
    checked_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    # What the storage answered when the object was deleted and looked for again.
    deletion_proof = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["state", "ended_at"], name="recording_by_state"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["egress_id"], condition=~Q(egress_id=""), name="one_recording_per_egress"),
            models.UniqueConstraint(fields=["call"], condition=Q(state__in=UNDER_WAY), name="one_recording_at_a_time"),
            models.CheckConstraint(
                condition=Q(state__in=[*UNDER_WAY, "available", "failed", "expired"]), name="recording_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.call_id} ({self.state})"
