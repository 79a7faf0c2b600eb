"""Who is told of what is wrong: channels of the installation and people themselves,
and each message to them.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from core.models.incidents import Incident
from core.models.user import User
from core.secrets.fields import EncryptedTextField
from core.words.states import word


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
    # An address, a number, or a webhook address that is itself a secret:
    # kept sealed whichever it is.
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
    """One message to a channel or person: a row before the act, so that a crash leaves a trace,
    a retry no double.
    """

    class State(models.TextChoices):
        WAITING = "waiting", word("waiting")
        SENT = "sent", word("sent")
        FAILED = "failed", word("failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # To a channel, or to one person's own address.
    channel = models.ForeignKey(
        AlertChannel, null=True, on_delete=models.CASCADE, related_name="deliveries"
    )
    person = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    incident = models.ForeignKey(
        Incident, null=True, on_delete=models.CASCADE, related_name="deliveries"
    )
    transition = models.CharField(max_length=10)
    # Of a daily summary, which is of no incident: of which day it is.
    day = models.DateField(null=True, blank=True)
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
            models.UniqueConstraint(
                fields=["channel", "incident", "transition"], name="one_alert_per_transition"
            ),
            models.UniqueConstraint(
                fields=["person", "incident", "transition"], name="one_mail_per_transition"
            ),
            models.UniqueConstraint(fields=["person", "day"], name="one_summary_a_day"),
            models.CheckConstraint(
                condition=Q(channel=None, person__isnull=False)
                | Q(channel__isnull=False, person=None),
                name="an_alert_goes_to_a_channel_or_a_person",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(state="waiting"), name="alerts_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.transition} {self.created_at:%Y-%m-%d %H:%M}"


class NotificationChoice(models.Model):
    """What one person chose to hear of, and by what; where nothing was chosen,
    core.alerts.kinds says what holds.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notification_choices")
    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=10, default="email")
    is_on = models.BooleanField()
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "notification_choices"
        verbose_name = _("choice of notifications")
        verbose_name_plural = _("choices of notifications")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "kind", "channel"], name="one_choice_per_kind_and_channel"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["kind", "channel"], name="notification_choices_of_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.channel}"
