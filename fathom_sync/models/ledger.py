"""What the vendor lists against what we hold: what each account's list showed of a day,
and sums per rep and day.
"""

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Run
from crm.models import Organization, SalesRep
from fathom_sync.models.accounts import FathomAccount


class ListedDay(models.Model):
    """The vendor's side of one day: the meetings that one account's list showed.

    Written by `fathom_sync.ledger.listing` alone. A day has `walked_at` once a walk of everybody's
    meetings went through all of it; `names` are then all that it saw.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        FathomAccount, on_delete=models.CASCADE, db_index=False, related_name="listed_days"
    )
    day = models.DateField()
    # Keyed hash of the key that the list was read with.
    key = models.CharField(max_length=64)
    # The recording_id of each meeting that the list showed.
    names: Any = ArrayField(models.CharField(max_length=64), default=list)
    # Those that it showed before, and did not show at the last look.
    gone: Any = ArrayField(models.CharField(max_length=64), default=list)
    # Those that only an earlier key of the account has shown.
    earlier: Any = ArrayField(models.CharField(max_length=64), default=list)
    walked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("listed day")
        verbose_name_plural = _("listed days")
        indexes: ClassVar = [models.Index(fields=["day"], name="listed_by_day")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["account", "day"], name="an_account_lists_a_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.account_id}"


class SeenDay(models.Model):
    """What a walk that is under way has seen of a day. It proves nothing before the walk has been
    through the day.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, db_index=False, related_name="+")
    day = models.DateField()
    names: Any = ArrayField(models.CharField(max_length=64), default=list)

    class Meta:
        verbose_name = _("day that a walk has seen")
        verbose_name_plural = _("days that walks have seen")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "day"], name="a_walk_sees_a_day_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.run_id}"


class LedgerDay(models.Model):
    """One rep's day, in whatever accounts, as of the oldest of the checks that its numbers come
    from. Written by `fathom_sync.ledger.days` alone.

    at_vendor = here + skipped + errors + missing, each a number of meetings that the last check
    saw Fathom list.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # As its meetings': null for what only operations staff may see.
    organization = models.ForeignKey(
        Organization,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="+",
    )
    # Null: meetings of nobody that is a rep.
    rep = models.ForeignKey(
        SalesRep,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="+",
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
    # Known here, and not in the list that the last check saw.
    gone = models.PositiveIntegerField(default=0)
    # Known here, listed by an earlier key alone: the key of today does not show them,
    # which says nothing of them.
    earlier_key = models.PositiveIntegerField(default=0)
    # Those that another organization's day counts as well, by what they are here ("here",
    # "missing", "gone", "earlier_key" or the reason): whoever adds up several organizations
    # leaves them out.
    doubled: Any = models.JSONField(default=dict, blank=True)
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
                fields=["day", "organization", "rep"],
                nulls_distinct=False,
                name="a_day_is_counted_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.rep_id or '–'}"
