"""What a workspace's campaigns brought: campaigns, and the replies to them."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bison.models.registry import Workspace
from crm.models import Lead


class Campaign(models.Model):
    """One campaign as the vendor lists it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, db_index=False, related_name="campaigns"
    )
    vendor_id = models.CharField(max_length=200)
    name = models.CharField(max_length=500, blank=True, default="")
    status = models.CharField(max_length=60, blank=True, default="")
    raw: Any = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bison_campaigns"
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering: ClassVar = ["workspace", "name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "vendor_id"], name="a_campaign_is_in_koppel_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Reply(models.Model):
    """One reply, however it came to be known."""

    class Source(models.TextChoices):
        WEBHOOK = "webhook", _("Webhook")
        SYNC = "sync", _("Sync")
        HEALED = "healed", _("Fetched later: no webhook brought it")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, db_index=False, related_name="replies"
    )
    vendor_id = models.CharField(max_length=200)
    vendor_lead_id = models.CharField(max_length=200, blank=True, default="")
    vendor_campaign_id = models.CharField(max_length=200, blank=True, default="")
    from_email = models.CharField(max_length=320, blank=True, default="")
    from_name = models.CharField(max_length=300, blank=True, default="")
    subject = models.CharField(max_length=1000, blank=True, default="")
    text = models.TextField(blank=True, default="")
    is_interested = models.BooleanField(default=False)
    is_automated = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    # The CRM lead that an interested reply became; and why it became none.
    lead = models.ForeignKey(
        Lead, null=True, on_delete=models.SET_NULL, related_name="bison_replies"
    )
    no_lead_reason = models.CharField(max_length=60, blank=True, default="")
    # Whether it ever was one: a lead that somebody deleted is not made again.
    had_lead = models.BooleanField(default=False)
    source = models.CharField(max_length=8, choices=Source.choices)
    raw: Any = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "bison_replies"
        verbose_name = _("reply")
        verbose_name_plural = _("replies")
        ordering: ClassVar = ["-received_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["workspace", "vendor_id"], name="a_reply_is_in_koppel_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-received_at"], name="replies_of_a_workspace"),
            models.Index(fields=["-received_at"], name="newest_replies"),
        ]

    def __str__(self) -> str:
        return self.subject or self.from_email
