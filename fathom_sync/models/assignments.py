"""What people gave to reps by hand, kept so long that it can be taken back."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from crm import addresses
from crm.models import Organization, SalesRep


class Assignment(models.Model):
    """Meetings that a person gave to a rep at once. Written by `fathom_sync.meetings` alone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    rep = models.ForeignKey(
        SalesRep, on_delete=models.CASCADE, db_constraint=False, related_name="+"
    )
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_index=False,
        related_name="+",
    )
    made_at = models.DateTimeField(auto_now_add=True)
    calls = models.PositiveIntegerField(default=0)
    # The addresses that mean the rep since then, and did not before.
    remembered: Any = ArrayField(
        models.CharField(max_length=addresses.MAX_LENGTH), default=list, blank=True
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_index=False,
        related_name="+",
    )

    class Meta:
        verbose_name = _("assignment of meetings")
        verbose_name_plural = _("assignments of meetings")
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M} · {self.calls}"


class AssignedMeeting(models.Model):
    """A meeting as it was before an assignment. It goes with the assignment,
    or as soon as that is undone.
    """

    class Kind(models.TextChoices):
        GIVEN = "given", _("Given to the rep")
        FOLLOWING = "following", _("Of an address that was remembered")
        REPLACED = "replaced", _("Another organization's row of the same meeting")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="meetings")
    kind = models.CharField(max_length=9, choices=Kind.choices)
    meeting_id = models.UUIDField()
    # Its columns, but for the two of bytes.
    before: Any = models.JSONField(encoder=DjangoJSONEncoder)
    raw_hash = models.BinaryField(max_length=16, null=True)
    raw = models.BinaryField(null=True)
    # Where it was a call already: whose, and whether a person had chosen that.
    was_call = models.BooleanField(default=False)
    rep_before_id = models.UUIDField(null=True)
    was_locked = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("meeting before an assignment")
        verbose_name_plural = _("meetings before assignments")

    def __str__(self) -> str:
        return f"{self.kind} {self.meeting_id}"
