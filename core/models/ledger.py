"""What vendors list against what is in Koppel, per source, subject and day."""

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models.runs import Run


class SeenNames(models.Model):
    """What a walk that is under way has seen of a day. It proves nothing before the walk has
    come to its end.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, db_index=False, related_name="+")
    day = models.DateField()
    names: Any = ArrayField(models.CharField(max_length=200), default=list)
    # Of those that were left out on purpose, or could not be taken: name -> reason.
    left_out: Any = models.JSONField(default=dict)

    class Meta:
        db_table = "ledger_seen"
        verbose_name = _("day that a walk has seen")
        verbose_name_plural = _("days that walks have seen")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "day"], name="a_run_sees_a_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.run_id}"


class SourceDay(models.Model):
    """One day of one subject of a source, as the last check saw it. Written by `core.ledger` alone.

    at_vendor = in_koppel + left_out + missing, each a number of records that the check saw listed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    organization_id = models.UUIDField(null=True, blank=True)
    day = models.DateField()
    at_vendor = models.PositiveIntegerField(default=0)
    in_koppel = models.PositiveIntegerField(default=0)
    # reason -> how many.
    left_out: Any = models.JSONField(default=dict, blank=True)
    missing = models.PositiveIntegerField(default=0)
    missing_names: Any = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    # Were missing once; a gap that healed stays visible.
    healed = models.PositiveIntegerField(default=0)
    # In Koppel, and not in the list that the last check saw.
    gone = models.PositiveIntegerField(default=0)
    checked_at = models.DateTimeField()

    class Meta:
        db_table = "ledger_days"
        verbose_name = _("day of the ledger")
        verbose_name_plural = _("days of the ledger")
        ordering: ClassVar = ["-day", "id"]
        indexes: ClassVar = [
            models.Index(fields=["organization_id", "-day"], name="source_days_of_organization"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "subject_id", "day"], name="a_source_counts_a_day_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.day}"
