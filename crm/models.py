"""Organizations and the people in them."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models


class Organization(models.Model):
    """A tenant: everything that an end user sees belongs to one."""

    class Tier(models.TextChoices):
        FREE = "FREE"
        STARTER = "STARTER"
        TEAM = "TEAM"
        BUSINESS = "BUSINESS"
        PRO_PLUS = "PRO_PLUS"
        ENTERPRISE = "ENTERPRISE"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    tier = models.CharField(max_length=12, choices=Tier.choices, default=Tier.FREE)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class OrganizationSettings(models.Model):
    """What an organization chose for itself."""

    organization = models.OneToOneField(
        Organization, primary_key=True, on_delete=models.CASCADE, related_name="settings"
    )
    call_recording_enabled = models.BooleanField(default=True)
    retention_days = models.PositiveIntegerField(default=90, validators=[MinValueValidator(1), MaxValueValidator(3650)])
    time_zone = models.CharField(max_length=64, default="Europe/Amsterdam")
    language = models.CharField(max_length=8, default="en")

    class Meta:
        verbose_name_plural = "organization settings"

    def __str__(self) -> str:
        return f"Settings of {self.organization}"


class Member(models.Model):
    """One person in one organization, with a role there."""

    class Role(models.TextChoices):
        CEO = "CEO"
        MANAGER = "MANAGER"
        CLOSER = "CLOSER"
        SETTER = "SETTER"
        ADMIN = "ADMIN"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["organization__name", "user__username"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "user"], name="one_membership_per_organization")
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"
