"""Numbers of a workspace: what it did on each day, and how long it can go on."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bison.models.registry import Workspace


class DailyFigures(models.Model):
    """One day of one workspace as the vendor counts it, and what could have been sent on it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, db_index=False, related_name="days"
    )
    day = models.DateField()
    sent = models.PositiveIntegerField(default=0)
    leads_contacted = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)
    replied = models.PositiveIntegerField(default=0)
    interested = models.PositiveIntegerField(default=0)
    bounced = models.PositiveIntegerField(default=0)
    unsubscribed = models.PositiveIntegerField(default=0)
    # What the connected senders may send in a day, as it was on that day; null where nobody looked.
    capacity = models.PositiveIntegerField(null=True)
    analytics_seen_at = models.DateTimeField(null=True)
    volume_seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bison_daily_figures"
        verbose_name = _("day of a workspace")
        verbose_name_plural = _("days of workspaces")
        ordering: ClassVar = ["-day", "workspace"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "day"], name="a_workspace_has_a_day_once"),
        ]

    def __str__(self) -> str:
        return f"{self.workspace_id} {self.day}"


class Runway(models.Model):
    """How long a workspace's leads last at the pace that its senders can keep,
    as it was computed last.
    """

    workspace = models.OneToOneField(
        Workspace, primary_key=True, on_delete=models.CASCADE, related_name="runway"
    )
    leads_left = models.PositiveIntegerField(null=True)
    sends_per_day = models.PositiveIntegerField(null=True)
    senders_connected = models.PositiveIntegerField(default=0)
    senders_down = models.PositiveIntegerField(default=0)
    # The first day on which nothing is left to send; null: none in sight, or not known.
    dry_on = models.DateField(null=True)
    # [{domain, senders, bounced_percent, …}]
    tired_domains: Any = models.JSONField(default=list)
    # What it was computed from, and the forecast of each of the next days.
    facts: Any = models.JSONField(default=dict)
    computed_at = models.DateTimeField()

    class Meta:
        db_table = "bison_runways"
        verbose_name = _("runway")
        verbose_name_plural = _("runways")
        ordering: ClassVar = ["dry_on", "workspace"]

    def __str__(self) -> str:
        return f"{self.workspace_id} {self.dry_on}"


class DomainDay(models.Model):
    """What the senders of one domain had sent, lost and brought in all by a day:
    two days give what lies between.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, db_index=False, related_name="domain_days"
    )
    domain = models.CharField(max_length=255)
    day = models.DateField()
    senders = models.PositiveIntegerField(default=0)
    sent = models.PositiveBigIntegerField(default=0)
    bounced = models.PositiveBigIntegerField(default=0)
    replied = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "bison_domain_days"
        verbose_name = _("day of a sender domain")
        verbose_name_plural = _("days of sender domains")
        ordering: ClassVar = ["workspace", "domain", "-day"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "day", "domain"], name="a_sender_domain_has_a_day_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.domain} {self.day}"
