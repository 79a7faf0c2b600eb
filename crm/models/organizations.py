"""Organizations and the people in them."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import User
from crm import addresses, wall_time


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


class AddressGrant(models.Model):
    """A domain, or one address, that staff granted to an organization:
    its reps' addresses may be of these.

    Written by `crm.services.claims` alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="address_grants", db_index=False
    )
    # It is in the one spelling of `crm.addresses`; an address has an @ in it, a domain none.
    value = models.CharField(_("domain or address"), max_length=addresses.MAX_LENGTH)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        editable=False,
        related_name="+",
    )
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["value"]
        verbose_name = _("granted domain or address")
        verbose_name_plural = _("granted domains and addresses")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "value"], name="an_organization_is_granted_a_value_once"
            )
        ]

    def __str__(self) -> str:
        return self.value


class OrganizationSettings(models.Model):
    """What an organization chose for itself."""

    organization = models.OneToOneField(
        Organization, primary_key=True, on_delete=models.CASCADE, related_name="settings"
    )
    call_recording_enabled = models.BooleanField(default=True)
    # It is off until somebody chooses it, because recordings then leave the house.
    call_transcription_enabled = models.BooleanField(default=False, db_default=False)
    retention_days = models.PositiveIntegerField(
        default=90, validators=[MinValueValidator(1), MaxValueValidator(3650)]
    )
    time_zone = models.CharField(
        max_length=64, default="Europe/Amsterdam", validators=[wall_time.check_zone]
    )
    language = models.CharField(max_length=8, default="en", choices=User.LANGUAGES)

    class Meta:
        verbose_name_plural = "organization settings"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(retention_days__gte=1, retention_days__lte=3650),
                name="retention_days_in_range",
            )
        ]

    def __str__(self) -> str:
        return f"Settings of {self.organization}"


class Member(models.Model):
    """One person in one organization, with a role there."""

    class Role(models.TextChoices):
        CEO = "CEO", _("CEO")
        MANAGER = "MANAGER", _("Manager")
        CLOSER = "CLOSER", _("Closer")
        SETTER = "SETTER", _("Setter")
        ADMIN = "ADMIN", _("Admin (internal)")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=8, choices=Role.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["organization__name", "user__username"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "user"], name="one_membership_per_organization"
            ),
            # Other rows of the organization point at this, so that no row can name a member of
            # another organization.
            models.UniqueConstraint(fields=["organization", "id"], name="member_in_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"
