"""Links by which a lead comes into a call without an account."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from crm import joining
from crm.models import Appointment


class GuestInvitation(models.Model):
    """One link to one appointment. Only a hash of its token is kept;
    consent is stored before anybody is let in.
    """

    is_about_a_person: ClassVar = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, related_name="guest_invitations"
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    consent_at = models.DateTimeField(null=True, blank=True)
    consent_ip = models.GenericIPAddressField(null=True, blank=True)
    display_name = models.CharField(max_length=200, blank=True, default="")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(consent_at=None) | ~Q(display_name=""),
                name="whoever_consented_has_a_name",
            )
        ]

    def __str__(self) -> str:
        return self.display_name or str(self.pk)

    @property
    def expires_at(self) -> datetime:
        """Return when it runs out: with its meeting's door, whenever that shuts.

        There is no copy that could be behind.
        """
        return self.appointment.ends_at + joining.CLOSES_AFTER
