"""The registry of clients: one row for each workspace, with its key, its webhook and its health.

Columns that the seed names have the seed's names.
"""

import uuid
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bison.models.instances import Health, Instance
from core.secrets.fields import EncryptedTextField
from core.words.states import word
from crm.models import Organization


class Workspace(models.Model):
    """One client's workspace at one instance."""

    class KeyType(models.TextChoices):
        WORKSPACE = "workspace", _("Workspace key")
        SUPER_ADMIN = "super_admin", _("Super-admin key")
        TEAM = "team", _("Team key")

    class KeyStatus(models.TextChoices):
        ACTIVE = "active", word("active")
        INACTIVE = "inactive", word("inactive")
        REVOKED = "revoked", word("revoked")
        EXPIRED = "expired", word("expired")

    class WebhookStatus(models.TextChoices):
        HEALTHY = "healthy", word("healthy")
        DEGRADED = "degraded", word("degraded")
        FAILING = "failing", word("failing")
        DISABLED = "disabled", word("disabled")

    class AccountsState(models.TextChoices):
        """What the last sync of the e-mail accounts proved; `unchecked` where there was none."""

        UNCHECKED = "unchecked", word("unchecked")
        COMPLETE = "complete", word("complete")
        INCOMPLETE = "incomplete", word("incomplete")
        REFUSED = "refused", word("refused")
        FAILED = "failed", word("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    instance = models.ForeignKey(
        Instance, on_delete=models.PROTECT, db_index=False, related_name="workspaces"
    )
    workspace_name = models.CharField(_("workspace"), max_length=200, unique=True)
    bison_workspace_id = models.PositiveBigIntegerField(_("number at Email Bison"))
    # Whose leads its interested replies become; none: nobody's yet.
    organization = models.ForeignKey(
        Organization,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="bison_workspaces",
    )
    # Since when the instance lists it no more.
    gone_at = models.DateTimeField(null=True, blank=True, editable=False)

    # The key in use. Written by `bison.keys` alone.
    bison_api_key = EncryptedTextField(null=True, blank=True)
    bison_api_key_name = models.CharField(max_length=200, blank=True, default="")
    bison_api_key_type = models.CharField(
        max_length=12, choices=KeyType.choices, blank=True, default=""
    )
    bison_api_key_scopes = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    bison_api_key_created_at = models.DateTimeField(null=True, blank=True)
    bison_api_key_expires_at = models.DateTimeField(null=True, blank=True)
    bison_api_key_last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    bison_api_key_status = models.CharField(
        max_length=10, choices=KeyStatus.choices, default=KeyStatus.INACTIVE
    )
    # A keyed hash that stands for the key: the same key on two rows is found by it.
    key_fingerprint = models.CharField(max_length=64, blank=True, default="", editable=False)
    # The next key, which waits until it has worked; and why it has not yet.
    next_api_key = EncryptedTextField(null=True, blank=True, editable=False)
    next_api_key_facts: Any = models.JSONField(default=dict, blank=True, editable=False)
    next_api_key_entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    next_api_key_entered_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Who has a key made at the vendor just now: {holder, since}.
    # It stays where the answer did not reach us.
    key_making: Any = models.JSONField(null=True, blank=True, editable=False)
    requires_workspace_key = models.BooleanField(default=False)

    # The address that our webhook was last seen to have at the vendor, token included;
    # null: none is there.
    bison_webhook_url = EncryptedTextField(null=True, blank=True, editable=False)
    # The part of its address that nobody can guess.
    bison_webhook_secret = EncryptedTextField(null=True, blank=True, editable=False)
    # Keyed hashes of the secrets that deliveries may come with:
    # the one in use, and the one before while it is changed.
    webhook_token_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)
    earlier_webhook_token_hash = models.CharField(
        max_length=64, null=True, unique=True, editable=False
    )
    bison_webhook_id = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    bison_webhook_enabled = models.BooleanField(default=False)
    bison_webhook_events = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    bison_webhook_last_received_at = models.DateTimeField(null=True, blank=True, editable=False)
    bison_webhook_failure_count = models.PositiveIntegerField(default=0, editable=False)
    bison_webhook_status = models.CharField(
        max_length=10, choices=WebhookStatus.choices, default=WebhookStatus.DISABLED, editable=False
    )
    # Since when the secret in use is in use, and since when a webhook of ours has
    # been at the vendor.
    webhook_rotated_at = models.DateTimeField(null=True, blank=True, editable=False)
    webhook_since = models.DateTimeField(null=True, blank=True, editable=False)
    # What the last check found otherwise than it should be: {what, expected, found}; null: nothing.
    webhook_drift: Any = models.JSONField(null=True, blank=True, editable=False)
    webhook_checked_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Moved with the log of calls (bison.health.noting).
    api_last_successful_call_at = models.DateTimeField(null=True, blank=True, editable=False)
    api_last_failed_call_at = models.DateTimeField(null=True, blank=True, editable=False)
    api_consecutive_failures = models.PositiveIntegerField(default=0, editable=False)
    # The day (UTC) that the two counters belong to: on another they count as 0.
    api_counted_on = models.DateField(null=True, blank=True, editable=False)
    api_total_calls_today = models.PositiveIntegerField(default=0, editable=False)
    api_total_errors_today = models.PositiveIntegerField(default=0, editable=False)
    api_health_status = models.CharField(
        max_length=10, choices=Health.choices, default=Health.UNKNOWN, editable=False
    )
    api_last_error = models.CharField(max_length=500, blank=True, default="", editable=False)

    # E-mail accounts, as the last check of their number saw them.
    accounts_in_koppel = models.PositiveIntegerField(default=0, editable=False)
    accounts_at_vendor = models.PositiveIntegerField(null=True, blank=True, editable=False)
    accounts_checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    accounts_state = models.CharField(
        max_length=10,
        choices=AccountsState.choices,
        default=AccountsState.UNCHECKED,
        editable=False,
    )

    api_notes = models.TextField(_("notes"), blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "client_registry"
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")
        ordering: ClassVar = ["workspace_name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["instance", "bison_workspace_id"], name="a_workspace_is_registered_once"
            ),
            models.CheckConstraint(
                condition=Q(bison_webhook_enabled=False) | Q(webhook_token_hash__isnull=False),
                name="an_enabled_webhook_has_a_secret",
            ),
            models.CheckConstraint(
                condition=Q(bison_api_key_type__in=["", "workspace", "super_admin", "team"]),
                name="a_key_is_of_a_known_type",
            ),
            models.CheckConstraint(
                condition=Q(bison_api_key_status__in=["active", "inactive", "revoked", "expired"]),
                name="a_key_has_a_known_status",
            ),
            models.CheckConstraint(
                condition=Q(
                    bison_webhook_status__in=["healthy", "degraded", "failing", "disabled"]
                ),
                name="a_webhook_has_a_known_status",
            ),
            models.CheckConstraint(
                condition=Q(api_health_status__in=["healthy", "degraded", "failing", "unknown"]),
                name="a_workspace_has_a_known_health",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["key_fingerprint"], condition=~Q(key_fingerprint=""), name="registry_by_key"
            ),
            models.Index(fields=["api_health_status", "workspace_name"], name="registry_by_health"),
            models.Index(
                fields=["bison_api_key_status", "workspace_name"], name="registry_by_key_status"
            ),
        ]
        permissions: ClassVar = [
            ("test_workspace", "Can test a workspace's connection"),
            ("generate_key_workspace", "Can have a workspace key made at Email Bison"),
            ("revoke_key_workspace", "Can revoke a workspace's key"),
            ("import_keys_workspace", "Can import keys from a file"),
            ("sync_workspace", "Can start syncs of workspaces"),
            ("webhook_workspace", "Can change a workspace's webhook"),
            ("export_workspace", "Can export the registry"),
        ]

    def __str__(self) -> str:
        return self.workspace_name

    @property
    def calls_today(self) -> int:
        """How many calls were made for it today; the counter of an earlier day counts as 0."""
        return self.api_total_calls_today if self._is_counted_today else 0

    @property
    def errors_today(self) -> int:
        """How many of today's calls failed."""
        return self.api_total_errors_today if self._is_counted_today else 0

    @property
    def _is_counted_today(self) -> bool:
        return self.api_counted_on == datetime.now(UTC).date()

    @property
    def has_key(self) -> bool:
        """Whether calls for it are made with a key of its own."""
        return self.bison_api_key is not None and self.bison_api_key_status == self.KeyStatus.ACTIVE
