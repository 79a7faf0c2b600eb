"""What vendors sent: stored before it is answered."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from core.words.states import word


class InboundEvent(models.Model):
    """One webhook delivery, written by core.inbox. The table is partitioned
    by day (core.postgres.partitions).
    """

    class Status(models.TextChoices):
        PENDING = "pending", word("pending")
        PROCESSED = "processed", word("processed")
        FAILED = "failed", word("failed")
        IGNORED = "ignored", word("ignored")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    received_at = models.DateTimeField()
    source = models.CharField(max_length=40)
    # Which account, workspace or integration of ours the address named;
    # '' where a source has only one.
    account = models.CharField(max_length=120, blank=True)
    organization_id = models.UUIDField(null=True)
    workspace_name = models.CharField(max_length=200, blank=True)
    delivery_id = models.CharField(max_length=200)
    event_type = models.CharField(max_length=120, blank=True)
    event_data = models.JSONField()
    event_signature = models.CharField(max_length=500, blank=True)
    processing_status = models.CharField(
        max_length=12, choices=Status.choices, default=Status.PENDING
    )
    processing_error = models.TextField(blank=True)
    retry_count = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    # When a worker last began with it; NULL until then, and again after a replay.
    claimed_at = models.DateTimeField(null=True)
    processed_at = models.DateTimeField(null=True)
    source_ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    metadata = models.JSONField(default=dict)

    class Meta:
        db_table = "webhook_events"
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        managed = False
        ordering: ClassVar = ["-received_at", "-id"]
        permissions: ClassVar = [("replay_inboundevent", "Can replay a webhook delivery")]

    def __str__(self) -> str:
        return f"{self.source} {self.delivery_id}"


class InboundReceipt(models.Model):
    """The one place where a delivery is unique: a partitioned table cannot promise
    it across its partitions.
    """

    key = models.BinaryField(primary_key=True, max_length=32)
    event_id = models.UUIDField()
    received_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "webhook_receipts"
        verbose_name = _("webhook receipt")
        verbose_name_plural = _("webhook receipts")

    def __str__(self) -> str:
        return str(self.event_id)
