"""What is wrong now, and who was told."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from core.secrets.fields import EncryptedTextField
from core.words import sayings
from core.words.states import word


class Incident(models.Model):
    """Something wrong: one per cause, opened and closed on transitions by core.incidents."""

    class Severity(models.TextChoices):
        WARNING = "warning", word("warning")
        CRITICAL = "critical", word("critical")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    cause = models.CharField(max_length=200)
    severity = models.CharField(max_length=10, choices=Severity.choices, default=Severity.WARNING)
    # As they are written in the code; read `headline`, `advice` and `notice`, which speak the reader's language.
    title = models.CharField(max_length=200)
    what_to_do = models.TextField(blank=True)
    organization_id = models.UUIDField(null=True, blank=True)
    # What the members of every organization read, in place of what staff are to do; '' where it does not concern them.
    for_everybody = models.TextField(blank=True, default="")
    sentences: Any = models.JSONField(default=dict, blank=True, editable=False)
    facts: Any = models.JSONField(default=dict, blank=True)
    affected: Any = models.JSONField(default=list, blank=True)
    times_seen = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "incidents"
        ordering: ClassVar = ["-opened_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cause"], condition=Q(closed_at=None), name="one_open_incident_per_cause")
        ]
        indexes: ClassVar = [models.Index(fields=["organization_id", "-opened_at"], name="incidents_by_organization")]

    def __str__(self) -> str:
        return self.headline

    @property
    def headline(self) -> str:
        """Return the title in the reader's language."""
        return self._sentence("title")

    @property
    def advice(self) -> str:
        """Return what to do, in the reader's language; '' where nothing is to be done."""
        return self._sentence("what_to_do")

    @property
    def notice(self) -> str:
        """Return what the members of every organization read, in the reader's language."""
        return self._sentence("for_everybody")

    def _sentence(self, column: str) -> str:
        return sayings.say(self.sentences.get(column, {}), getattr(self, column))


class Watch(models.Model):
    """How often in a row a cause was seen bad or good: the memory behind an incident's hysteresis."""

    cause = models.CharField(max_length=200, primary_key=True)
    bad_in_a_row = models.PositiveIntegerField(default=0)
    good_in_a_row = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "incident_watches"
        verbose_name = _("watched cause")
        verbose_name_plural = _("watched causes")

    def __str__(self) -> str:
        return self.cause


class AlertChannel(models.Model):
    """Where alerts go."""

    class Kind(models.TextChoices):
        EMAIL = "email", "E-mail"
        SLACK = "slack", "Slack-compatible webhook"
        SMS = "sms", "SMS (Twilio)"
        WHATSAPP = "whatsapp", "WhatsApp (Twilio)"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # An address, a number, or a webhook address that is itself a secret: kept sealed whichever it is.
    target = EncryptedTextField()
    minimum_severity = models.CharField(
        max_length=10, choices=Incident.Severity.choices, default=Incident.Severity.WARNING
    )
    organization_id = models.UUIDField(null=True, blank=True)
    is_enabled = models.BooleanField(default=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "alert_channels"
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class AlertDelivery(models.Model):
    """One message to one channel: a row before the act, so that a crash leaves a trace and a retry no double."""

    class State(models.TextChoices):
        WAITING = "waiting", word("waiting")
        SENT = "sent", word("sent")
        FAILED = "failed", word("failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.ForeignKey(AlertChannel, on_delete=models.CASCADE, related_name="deliveries")
    incident = models.ForeignKey(Incident, null=True, on_delete=models.CASCADE, related_name="deliveries")
    transition = models.CharField(max_length=10)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "alert_deliveries"
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["channel", "incident", "transition"], name="one_alert_per_transition")
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_attempt_at"], condition=Q(state="waiting"), name="alerts_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.transition} {self.created_at:%Y-%m-%d %H:%M}"
