"""Mails to leads about their meetings: owed before they are written."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from calls.models.invitations import GuestInvitation
from core.ids import uuid7
from crm.models import Appointment


class MeetingMail(models.Model):
    """One mail to the lead of a meeting; what it says is read when it is written.
    `core.outbox` works it off.

    An `uninvited` goes to whoever was its lead before: the meeting stands, but no longer with them.

    `link` is the guest's link in it, of which nobody else knows the token:
    it is the same in each attempt.
    """

    class Kind(models.TextChoices):
        INVITED = "invited", _("Invitation")
        MOVED = "moved", pgettext_lazy("a mail", "New time")
        CANCELLED = "cancelled", pgettext_lazy("a mail", "Cancellation")
        UNINVITED = "uninvited", pgettext_lazy("a mail", "Cancellation, to the lead before")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    appointment = models.ForeignKey(
        Appointment, on_delete=models.CASCADE, related_name="mails", db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # Of the meeting, when the mail came to be owed: it is owed once.
    revision = models.PositiveIntegerField(default=0)
    email = models.CharField(max_length=254)
    link = models.ForeignKey(
        GuestInvitation, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    error = models.CharField(max_length=500, blank=True, default="")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("mail about a meeting")
        verbose_name_plural = _("mails about meetings")
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(state="waiting"), name="meeting_mail_due"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["appointment", "kind", "revision"], name="meeting_mail_owed_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sent", "failed"]),
                name="meeting_mail_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.revision}"
