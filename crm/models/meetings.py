"""Appointments: who meets which lead, and when."""

import uuid
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from core.words.states import word
from crm import wall_time
from crm.fields import WallTimeField
from crm.models.organizations import Member, Organization
from crm.models.prospects import Lead
from crm.models.sales import Team

LONGEST = timedelta(hours=24)


class Appointment(models.Model):
    """A meeting with a lead. The wall times and the zone are what was agreed;
    the instants are computed from them.

    `starts_at` and `ends_at` are for sorting, searching and joining:
    never set one without `crm.services`.
    """

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", word("meeting.scheduled")
        COMPLETED = "completed", word("meeting.completed")
        CANCELLED = "cancelled", word("meeting.cancelled")
        NO_SHOW = "no_show", word("meeting.no_show")

    is_about_a_person: ClassVar = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="appointments", db_index=False
    )
    # This is RESTRICT and not PROTECT: deleting the whole organization takes both.
    lead = models.ForeignKey(
        Lead, on_delete=models.RESTRICT, db_constraint=False, related_name="appointments"
    )
    closer = models.ForeignKey(
        Member,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        db_index=False,
        related_name="closings",
    )
    setter = models.ForeignKey(
        Member,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="bookings",
    )
    team = models.ForeignKey(
        Team,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        db_index=False,
        related_name="appointments",
    )
    title = models.CharField(max_length=200, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.SCHEDULED)
    time_zone = models.CharField(max_length=64, validators=[wall_time.check_zone])
    starts_wall = WallTimeField(editable=False)
    starts_fold = models.PositiveSmallIntegerField(default=0, editable=False)
    ends_wall = WallTimeField(editable=False)
    ends_fold = models.PositiveSmallIntegerField(default=0, editable=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True, editable=False)
    cancel_reason = models.CharField(max_length=500, blank=True, default="", db_default="")
    # Calendars outside take what has a higher number than what they have.
    revision = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["starts_at", "id"]
        indexes: ClassVar = [
            models.Index(fields=["organization", "starts_at", "id"], name="appointment_by_time"),
            models.Index(fields=["closer", "starts_at"], name="appointment_of_closer"),
            models.Index(fields=["team", "starts_at"], name="appointment_of_team"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "id"], name="appointment_in_organization"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="appointment_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__lte=F("starts_at") + LONGEST), name="appointment_within_a_day"
            ),
            models.CheckConstraint(
                condition=Q(starts_fold__lte=1, ends_fold__lte=1), name="appointment_fold_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["scheduled", "completed", "cancelled", "no_show"]),
                name="appointment_status_known",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.starts_wall:%Y-%m-%d %H:%M} {self.time_zone}"
