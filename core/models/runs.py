"""Long work that people watch."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.ids import uuid7
from core.words import sayings
from core.words.states import word


class Run(models.Model):
    """One execution of a sync, check or import. Changed through core.runs alone."""

    class State(models.TextChoices):
        QUEUED = "queued", word("queued")
        RUNNING = "running", word("running")
        SUCCEEDED = "succeeded", word("succeeded")
        INCOMPLETE = "incomplete", word("incomplete")
        FAILED = "failed", word("failed")
        CANCELLED = "cancelled", word("cancelled")

    OPEN: ClassVar = [State.QUEUED, State.RUNNING]

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=60)
    # What is wished for: while a run of a kind with this key is open, a second start joins it.
    # '' = never.
    lock_key = models.CharField(max_length=200, blank=True)
    # What one run may work on at a time, whatever its kind, e.g. an account:
    # the runs of a lane go one after another.
    lane = models.CharField(max_length=200, blank=True, editable=False)
    # What it is about, e.g. an account: the model's label and the row's id.
    subject_type = models.CharField(max_length=60, blank=True, editable=False)
    subject_id = models.UUIDField(null=True, blank=True, editable=False)
    organization_id = models.UUIDField(null=True, blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    trigger = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    parameters: Any = models.JSONField(default=dict, blank=True)
    progress_done = models.BigIntegerField(default=0)
    progress_total = models.BigIntegerField(null=True, blank=True)
    # Of a walk through time, newest first: the moment that it has come back to.
    progress_reached = models.DateTimeField(null=True, blank=True)
    counts: Any = models.JSONField(default=dict, blank=True)
    outcomes: Any = models.JSONField(default=dict, blank=True)
    evidence: Any = models.JSONField(default=dict, blank=True)
    # Where to go on after a crash (a page's cursor, a last id): the run's own business.
    checkpoint: Any = models.JSONField(default=dict, blank=True)
    # As it is written in the code, and what it takes to say it in the reader's language
    # (core.words): read `why`.
    error = models.TextField(blank=True)
    error_said: Any = models.JSONField(default=dict, blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    # How many of them, the last ones in a row, did not get beyond the checkpoint that they found.
    attempts_in_vain = models.PositiveSmallIntegerField(default=0, editable=False)
    # A vendor asked for a pause: nobody takes the run up before this moment.
    waits_until = models.DateTimeField(null=True, blank=True, editable=False)
    cancel_requested = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "runs"
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "lock_key"],
                condition=Q(state__in=["queued", "running"], cancel_requested=False)
                & ~Q(lock_key=""),
                name="one_open_run_per_lock",
            ),
            models.UniqueConstraint(
                fields=["lane"],
                condition=Q(state="running") & ~Q(lane=""),
                name="one_running_run_per_lane",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization_id", "-created_at"], name="runs_by_organization"),
            models.Index(fields=["kind", "-created_at"], name="runs_by_kind"),
            models.Index(
                fields=["subject_id", "-created_at"],
                condition=Q(subject_id__isnull=False),
                name="runs_by_subject",
            ),
            models.Index(
                fields=["heartbeat_at"],
                condition=Q(state__in=["queued", "running"]),
                name="runs_open",
            ),
            models.Index(
                fields=["lane", "id"],
                condition=Q(state__in=["queued", "running"]) & ~Q(lane=""),
                name="runs_open_of_a_lane",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def why(self) -> str:
        """What went wrong, in the reader's language; '' where nothing did."""
        return sayings.say(self.error_said, self.error)
