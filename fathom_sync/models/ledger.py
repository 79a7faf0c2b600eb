"""What the vendor lists against what we hold, per rep and day."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models import Organization, SalesRep


class LedgerDay(models.Model):
    """One rep's day, in whatever accounts, as of the last time that one of them was checked. Written by
    `fathom_sync.ledger` alone.

    at_vendor = here + skipped + errors + missing, each a number of meetings that Fathom listed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # As its meetings': null for what only operations staff may see.
    organization = models.ForeignKey(
        Organization, null=True, blank=True, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    # Null: meetings of nobody that is a rep.
    rep = models.ForeignKey(
        SalesRep, null=True, blank=True, on_delete=models.CASCADE, db_constraint=False, related_name="+"
    )
    day = models.DateField()
    at_vendor = models.PositiveIntegerField(default=0)
    here = models.PositiveIntegerField(default=0)
    # reason -> how many.
    skipped: Any = models.JSONField(default=dict, blank=True)
    errors: Any = models.JSONField(default=dict, blank=True)
    missing = models.PositiveIntegerField(default=0)
    # Were missing once; a gap that healed stays visible.
    healed = models.PositiveIntegerField(default=0)
    # Held here, and no longer listed there.
    gone = models.PositiveIntegerField(default=0)
    checked_at = models.DateTimeField()

    class Meta:
        verbose_name = _("day of the ledger")
        verbose_name_plural = _("days of the ledger")
        ordering: ClassVar = ["-day", "id"]
        indexes: ClassVar = [
            models.Index(fields=["organization", "-day", "-id"], name="ledger_of_organization"),
            models.Index(fields=["-day", "-id"], name="ledger_by_day"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["day", "organization", "rep"], nulls_distinct=False, name="a_day_is_counted_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.rep_id or '–'}"
