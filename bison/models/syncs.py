"""What a sync found in each workspace."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bison.models.registry import Workspace
from core.models import Run
from core.words import sayings
from core.words.states import word


class WorkspaceResult(models.Model):
    """One workspace's part of a run: done once, so that a run which died goes
    on with the others.
    """

    class State(models.TextChoices):
        COMPLETE = "complete", word("complete")
        INCOMPLETE = "incomplete", word("incomplete")
        REFUSED = "refused", word("refused")
        FAILED = "failed", word("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, db_index=False, related_name="+")
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, db_index=False, related_name="results"
    )
    # What was synced: email_accounts, pipeline, analytics, volume.
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State.choices)
    at_vendor = models.PositiveIntegerField(null=True)
    in_koppel = models.PositiveIntegerField(null=True)
    counts: Any = models.JSONField(default=dict)
    reason = models.TextField(blank=True, default="")
    reason_said: Any = models.JSONField(default=dict)
    key_type = models.CharField(max_length=12, blank=True, default="")
    # How often the data was thrown away, as the key was in another workspace at the end than
    # at the beginning.
    thrown_away = models.PositiveSmallIntegerField(default=0)
    finished_at = models.DateTimeField()

    class Meta:
        db_table = "bison_workspace_results"
        verbose_name = _("result of a workspace's sync")
        verbose_name_plural = _("results of workspaces' syncs")
        ordering: ClassVar = ["-finished_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["run", "workspace", "kind"], name="a_workspace_has_one_result_per_run"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "kind", "-finished_at"], name="results_of_a_workspace"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def why(self) -> str:
        """Why it is not complete, in the reader's language."""
        return sayings.say(self.reason_said, self.reason)
