"""The reply ledger: what a workspace's days have at the vendor, what its webhook brought,
and what is in Koppel.
"""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bison.models.registry import Workspace
from core.words import sayings


class LedgerDay(models.Model):
    """One day (UTC) of one workspace, as the last check that walked it whole saw it.

    interested_at_vendor = interested_in_koppel + missing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, db_index=False, related_name="ledger_days"
    )
    day = models.DateField()
    # Events in the vendor's log of the kinds that our webhook asks for;
    # and those of them that came in.
    events_at_vendor = models.PositiveIntegerField(default=0)
    deliveries_seen = models.PositiveIntegerField(default=0)
    interested_at_vendor = models.PositiveIntegerField(default=0)
    interested_in_koppel = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    # Interested replies that were missing, and were fetched.
    healed = models.PositiveIntegerField(default=0)
    # Interested replies that our webhook should have brought, and did not.
    undelivered = models.PositiveIntegerField(default=0)
    checked_at = models.DateTimeField()

    class Meta:
        db_table = "bison_ledger_days"
        verbose_name = _("day of the reply ledger")
        verbose_name_plural = _("days of the reply ledger")
        ordering: ClassVar = ["-day", "workspace"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "day"], name="a_workspace_counts_a_day_once"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-day", "id"], name="newest_ledger_days")]

    def __str__(self) -> str:
        return f"{self.workspace_id} {self.day}"


class LedgerCheck(models.Model):
    """How the checks of a workspace's ledger go: the last that came to its end,
    and what fails since.
    """

    workspace = models.OneToOneField(
        Workspace, primary_key=True, on_delete=models.CASCADE, related_name="ledger_check"
    )
    checked_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, default="")
    reason_said: Any = models.JSONField(default=dict)

    class Meta:
        db_table = "bison_ledger_checks"
        verbose_name = _("check of the reply ledger")
        verbose_name_plural = _("checks of the reply ledger")

    def __str__(self) -> str:
        return str(self.workspace_id)

    @property
    def why(self) -> str:
        """Why the checks fail, in the reader's language; '' where they do not."""
        return sayings.say(self.reason_said, self.reason)
