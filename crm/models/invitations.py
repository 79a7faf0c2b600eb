"""An e-mail that lets one person into one organization, once."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import User
from crm import addresses
from crm.models.organizations import Member, Organization


class Invitation(models.Model):
    """Open until it is accepted, revoked or expired. Only a hash of the link's token is kept."""

    is_about_a_person: ClassVar = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.CharField(max_length=addresses.MAX_LENGTH, validators=[addresses.check])
    email_normalized = models.CharField(max_length=addresses.MAX_LENGTH, editable=False)
    role = models.CharField(max_length=8, choices=Member.Role.choices)
    # The mail is written in it, and who makes an account of it begins with it;
    # '' is the organization's.
    language = models.CharField(
        max_length=8, choices=User.LANGUAGES, blank=True, default="", db_default=""
    )
    # Whoever made the invitation chose this: whoever has the link may use it, whatever their own
    # address is.
    for_any_address = models.BooleanField(
        _("for whoever has the link"), default=False, db_default=False
    )
    # It is empty until the mail is written: the token is made then, so that it never lies in a
    # queue.
    token_hash = models.CharField(max_length=64, blank=True, editable=False)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "email_normalized"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="one_open_invitation_per_address",
            ),
            models.UniqueConstraint(
                fields=["token_hash"],
                condition=~Q(token_hash=""),
                name="a_token_opens_one_invitation",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(revoked_at=None),
                name="accepted_or_revoked_not_both",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.role})"
