"""A connection of a person to an outside service."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import VendorAccount
from crm.models import Organization

LONGEST_NAME = 200
# Minutes between two syncs: a quarter of an hour at least, a week at most.
SHORTEST, LONGEST = 15, 7 * 24 * 60


class Integration(models.Model):
    """One connection: whose it is, which service, and the account in which its values are kept."""

    class Type(models.TextChoices):
        CRM = "CRM", _("CRM")
        HELPDESK = "HELPDESK", _("Helpdesk")
        CHAT_WIDGET = "CHAT_WIDGET", _("Chat widget")
        DATABASE = "DATABASE", _("Database")
        API = "API", _("API")
        WEBHOOK = "WEBHOOK", _("Webhook")
        CALENDAR = "CALENDAR", _("Calendar")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="integrations", db_index=False
    )
    # Null: the person is gone, and whoever runs the organization decides what becomes of it.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="integrations",
    )
    name = models.CharField(max_length=LONGEST_NAME)
    type = models.CharField(max_length=12, choices=Type.choices)
    # As the registry names it.
    provider = models.CharField(max_length=40)
    account = models.OneToOneField(
        VendorAccount, on_delete=models.CASCADE, related_name="integration"
    )
    is_active = models.BooleanField(default=True)
    # Colleagues of the organization may use it.
    is_shared = models.BooleanField(default=False)
    # What takes its place while it does not work.
    fallback = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="stands_in_for"
    )
    # Minutes between two syncs; null: by hand alone.
    sync_every = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(SHORTEST), MaxValueValidator(LONGEST)]
    )
    next_sync_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        permissions: ClassVar = [
            ("test_integration", "Can test integrations"),
            ("sync_integration", "Can sync integrations"),
            ("disconnect_integration", "Can disconnect integrations"),
            ("replay_integration", "Can send events again"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organization", "-created_at", "-id"], name="integration_by_time"),
            models.Index(
                fields=["next_sync_at"],
                condition=models.Q(is_active=True, next_sync_at__isnull=False),
                name="integration_to_sync",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(sync_every=None)
                | models.Q(sync_every__gte=SHORTEST, sync_every__lte=LONGEST),
                name="integration_sync_interval",
            ),
        ]

    def __str__(self) -> str:
        return self.name
