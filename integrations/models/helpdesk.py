"""What Koppel made at Chatwoot: agents, demos, and the webhook that events come in by."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.secrets.fields import EncryptedTextField
from core.words import states
from crm.models import Organization
from integrations.models.integrations import LONGEST_NAME, Integration


class HelpdeskAgent(models.Model):
    """An agent that somebody made by Koppel, or is about to:
    the seats of a tier are counted by these rows.
    """

    class State(models.TextChoices):
        RESERVED = "reserved", states.word("creating")
        CREATED = "created", states.word("ready")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="helpdesk_agents"
    )
    # Null: at the installation's Chatwoot.
    integration = models.ForeignKey(
        Integration, null=True, blank=True, on_delete=models.CASCADE, related_name="helpdesk_agents"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    name = models.CharField(max_length=LONGEST_NAME)
    email = models.CharField(max_length=320)
    vendor_id = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RESERVED)
    reserved_at = models.DateTimeField()

    class Meta:
        db_table = "helpdesk_agents"
        ordering: ClassVar = ["name", "id"]
        verbose_name = _("helpdesk agent")
        verbose_name_plural = _("helpdesk agents")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "integration", "email"],
                nulls_distinct=False,
                name="one_helpdesk_agent_per_address",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Demo(models.Model):
    """A website inbox with a bot in it, made at Chatwoot to try a chat on a website."""

    class State(models.TextChoices):
        CREATING = "creating", states.word("creating")
        READY = "ready", states.word("ready")
        REMOVING = "removing", states.word("removing")
        FAILED = "failed", states.word("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="demos")
    # Null: the person is gone.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="demos",
    )
    # Null: at the installation's Chatwoot.
    integration = models.ForeignKey(
        Integration, null=True, blank=True, on_delete=models.CASCADE, related_name="demos"
    )
    name = models.CharField(max_length=LONGEST_NAME)
    website_url = models.CharField(max_length=2000)
    # What the same wish of the same person comes to.
    key = models.CharField(max_length=64, unique=True, editable=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.CREATING)
    # Where it is at the vendor: numbers mean something in that account alone.
    base_url = models.CharField(max_length=500, blank=True, default="")
    vendor_account = models.CharField(max_length=18, blank=True, default="")
    # As far as it is there: what is not null was made, and not removed.
    inbox_id = models.BigIntegerField(null=True, blank=True)
    bot_id = models.BigIntegerField(null=True, blank=True)
    website_token = models.CharField(max_length=200, blank=True, default="")
    # Where the bot writes to, by a hash, and what it signs with.
    bot_token_hash = models.CharField(max_length=64, blank=True, default="", db_index=True)
    bot_secret = EncryptedTextField(null=True, blank=True)
    error = models.TextField(blank=True, default="")
    error_said = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "demos"
        ordering: ClassVar = ["-created_at", "-id"]
        verbose_name = _("demo")
        verbose_name_plural = _("demos")

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> tuple[str, str]:
        """Which account of which installation it is in."""
        return self.base_url, self.vendor_account


class ChatwootWebhook(models.Model):
    """Our webhook in a Chatwoot account: where it writes to, by a hash, and what it signs with."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    integration = models.OneToOneField(
        Integration, on_delete=models.CASCADE, related_name="chatwoot_webhook"
    )
    token = EncryptedTextField()
    token_hash = models.CharField(max_length=64, unique=True)
    # Null while it is not registered there.
    vendor_id = models.BigIntegerField(null=True, blank=True)
    secret = EncryptedTextField(null=True, blank=True)
    # Events of another account are refused.
    account_id = models.BigIntegerField()
    checked_at = models.DateTimeField(null=True, blank=True)
    last_event_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "chatwoot_webhooks"
        verbose_name = _("webhook at Chatwoot")
        verbose_name_plural = _("webhooks at Chatwoot")

    def __str__(self) -> str:
        return str(self.integration)
