"""Whom nobody may write to, and whether each workspace really keeps to it."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from bison.models.registry import Workspace
from core.words.states import word


class Suppression(models.Model):
    """An address or a domain that is to be blocked in all workspaces, or in some."""

    class Kind(models.TextChoices):
        ADDRESS = "address", _("Address")
        DOMAIN = "domain", _("Domain")

    class Scope(models.TextChoices):
        ALL = "all", _("All workspaces")
        WORKSPACE = "workspace", _("Named workspaces")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    value = models.CharField(max_length=320)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # Why, in a person's words: a customer, an opt-out.
    reason = models.CharField(max_length=300, blank=True, default="")
    scope = models.CharField(max_length=10, choices=Scope.choices, default=Scope.ALL)
    workspace_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    # It is no longer wanted: it goes once every workspace has let go of it.
    removed_at = models.DateTimeField(null=True, blank=True)
    added_by = models.CharField(max_length=200, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "bison_suppressions"
        verbose_name = _("suppression")
        verbose_name_plural = _("suppressions")
        ordering: ClassVar = ["-created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["value"], name="a_value_is_suppressed_once"),
        ]
        permissions: ClassVar = [("apply_suppression", "Can block and unblock at Email Bison")]

    def __str__(self) -> str:
        return self.value


class SuppressionState(models.Model):
    """What one workspace does with a suppressed value, as it was read back."""

    class State(models.TextChoices):
        WAITING = "waiting", word("waiting")
        DONE = "done", word("done")
        UNDONE = "undone", word("undone")
        FAILED = "failed", word("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    suppression = models.ForeignKey(Suppression, on_delete=models.CASCADE, db_index=False, related_name="states")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="suppressions")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    blacklisted = models.BooleanField(null=True)
    # Null: the workspace has no lead of that address.
    unsubscribed = models.BooleanField(null=True)
    read_back_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True, default="")
    repaired_times = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "bison_suppression_states"
        verbose_name = _("suppression in a workspace")
        verbose_name_plural = _("suppressions in workspaces")
        ordering: ClassVar = ["suppression", "workspace"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["suppression", "workspace"], name="a_suppression_has_one_state_each"),
        ]

    def __str__(self) -> str:
        return f"{self.suppression_id} {self.state}"
