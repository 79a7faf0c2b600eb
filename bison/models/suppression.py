"""Whom nobody may write to, and whether each workspace really keeps to it."""

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bison.models.registry import Workspace
from core.words import sayings
from core.words.states import word


class Suppression(models.Model):
    """An address or a domain that is to be blocked in all workspaces, or in some."""

    class Kind(models.TextChoices):
        ADDRESS = "address", _("Address")
        DOMAIN = "domain", _("Domain")

    class Scope(models.TextChoices):
        ALL = "all", _("All workspaces")
        WORKSPACE = "workspace", _("Named workspaces")

    class Source(models.TextChoices):
        PERSON = "person", _("Entered by a person")
        OPT_OUT = "opt_out", _("Opted out in a workspace")
        CUSTOMER = "customer", _("Customer in the CRM")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    value = models.CharField(max_length=320)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # Why, in a person's words: a customer, an opt-out.
    reason = models.CharField(max_length=300, blank=True, default="")
    scope = models.CharField(max_length=10, choices=Scope.choices, default=Scope.ALL)
    workspace_ids = ArrayField(models.UUIDField(), default=list, blank=True)
    source = models.CharField(max_length=8, choices=Source.choices, default=Source.PERSON)
    # Whoever asked for it wants it even where it stops a large share of a workspace's leads.
    is_confirmed = models.BooleanField(default=False)
    # Once lifted, its leads are to be written to again.
    resubscribes = models.BooleanField(default=False)
    # It is no longer wanted: it goes once every workspace has let go of it. A customer's stays,
    # so that no rule makes it anew.
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
        return self.shown

    @property
    def shown(self) -> str:
        """What people read: the value, or that it was erased."""
        if self.value.startswith("erased:"):
            return gettext("Erased address %(hash)s") % {"hash": self.value[7:15]}
        return self.value


class SuppressionState(models.Model):
    """What one workspace does with a suppressed value, as it was read back."""

    class State(models.TextChoices):
        WAITING = "waiting", word("waiting")
        DONE = "done", word("done")
        UNDONE = "undone", word("undone")
        FAILED = "failed", word("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    suppression = models.ForeignKey(
        Suppression, on_delete=models.CASCADE, db_index=False, related_name="states"
    )
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="suppressions")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    blacklisted = models.BooleanField(null=True)
    # Null: the workspace has no lead of that address.
    unsubscribed = models.BooleanField(null=True)
    read_back_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=500, blank=True, default="")
    # What it takes to say the error in the reader's language.
    error_said: Any = models.JSONField(default=dict)
    repaired_times = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "bison_suppression_states"
        verbose_name = _("suppression in a workspace")
        verbose_name_plural = _("suppressions in workspaces")
        ordering: ClassVar = ["suppression", "workspace"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["suppression", "workspace"], name="a_suppression_has_one_state_each"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.suppression_id} {self.state}"

    @property
    def why(self) -> str:
        """Why it is not done, in the reader's language; '' where it is."""
        return sayings.say(self.error_said, self.error)
