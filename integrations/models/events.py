"""What happened, and what is owed to those who want to hear of it."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from core.words.states import word
from crm.models import Organization
from integrations.models.integrations import Integration


class Event(models.Model):
    """One happening, written in the transaction of the change;
    kept for a while, to be sent again.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    name = models.CharField(max_length=60)
    data: Any = models.JSONField(default=dict)
    # Nothing happened: somebody tries an endpoint.
    is_sample = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["organization", "created_at"], name="event_of_organization"),
            models.Index(fields=["created_at"], name="event_by_time"),
        ]

    def __str__(self) -> str:
        return self.name


class EventEndpoint(models.Model):
    """How it goes with the address that an integration's events are sent to."""

    integration = models.OneToOneField(
        Integration, primary_key=True, on_delete=models.CASCADE, related_name="event_endpoint"
    )
    # One worker has it until then, and which one.
    busy_until = models.DateTimeField(null=True, blank=True)
    busy_by = models.UUIDField(null=True, blank=True)
    # It asked for a rest.
    rest_until = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    # Switched off by Koppel itself; where the integration is on, a person has switched it on again.
    paused_at = models.DateTimeField(null=True, blank=True)
    # Where it fails: what happened since then is owed once it is on again.
    owed_since = models.DateTimeField(null=True, blank=True)
    # Why, to be said in the reader's language.
    cause: Any = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("endpoint of events")
        verbose_name_plural = _("endpoints of events")

    def __str__(self) -> str:
        return str(self.integration_id)


class Delivery(models.Model):
    """One event, owed to one endpoint."""

    class State(models.TextChoices):
        WAITING = "waiting", word("waiting")
        SENT = "sent", word("sent")
        FAILED = "failed", word("failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    integration = models.ForeignKey(
        Integration, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    error = models.TextField(blank=True, default="")
    # Each attempt: {at, status, ms, error}, the newest last.
    tries: Any = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("delivery of an event")
        verbose_name_plural = _("deliveries of events")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["integration", "event"], name="an_event_is_owed_once"),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["integration", "next_attempt_at"],
                condition=Q(state="waiting"),
                name="delivery_waiting",
            ),
            models.Index(fields=["integration", "-created_at", "-id"], name="delivery_by_time"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def due_at(self) -> datetime | None:
        """Return when it is tried again; None where it is not."""
        if self.state != self.State.WAITING:
            return None
        return self.next_attempt_at
