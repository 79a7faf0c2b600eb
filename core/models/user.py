"""The person who signs in, and the devices that hold a token of theirs."""

import uuid
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """One person. What they may see of an organization is a `crm.Member`;
    what staff may do is a group.
    """

    LANGUAGES: ClassVar = [("en", "English"), ("nl", "Nederlands"), ("fr", "Français")]
    THEMES: ClassVar = [("system", "System"), ("light", "Light"), ("dark", "Dark")]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField("email address", blank=True, db_index=True)
    # Blank until chosen: the browser says it.
    language = models.CharField(max_length=8, blank=True, default="", choices=LANGUAGES)
    theme = models.CharField(max_length=8, default="system", choices=THEMES)
    time_zone = models.CharField(max_length=64, default="Europe/Amsterdam")
    is_demo = models.BooleanField(default=False, editable=False)
    # A mail with a new link is owed since then; the sweep sends what a broker
    # or a mail server lost.
    reset_mail_due = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        permissions: ClassVar = [("reveal_secret", "Can read the full value of a stored secret")]
        indexes: ClassVar = [
            models.Index(
                fields=["reset_mail_due"],
                condition=~Q(reset_mail_due=None),
                name="reset_mails_owed",
            ),
        ]


class ApiSession(models.Model):
    """One sign-in over the API. Its access tokens are good only while this row is:
    signing out works at once.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_sessions")
    refresh_hash = models.CharField(max_length=64)
    previous_refresh_hash = models.CharField(max_length=64, blank=True)
    rotated_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)
    user_agent = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "api_sessions"
        verbose_name = _("API session")
        verbose_name_plural = _("API sessions")
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} {self.ip or ''}".strip()
