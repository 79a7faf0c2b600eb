"""Every meeting that any account ever listed, once for each organization that has it,
with what became of it.
"""

import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from calls.models import Call
from core.words.states import word
from crm import addresses
from crm.models import Organization, SalesRep


class FathomMeeting(models.Model):
    """One recording at Fathom as one organization has it (or nobody's does),
    whichever accounts show it there.

    Written by `fathom_sync.meetings.storing` and its neighbours alone. What an organization's own
    account says stays in its row: whoever has an account says what is sent to it, and must reach
    nobody else's meetings with that.

    `raw` is what Fathom said, compressed, while it may still be needed: until the meeting is a call
    in the library. Bytes and not jsonb, which takes neither NUL nor half a surrogate pair: what was
    odd is kept as it was.
    """

    class Outcome(models.TextChoices):
        IMPORTED = "imported", word("listed.imported")
        SKIPPED = "skipped", word("listed.skipped")
        ERROR = "error", word("listed.error")
        MISSING = "missing", word("listed.missing")

    # Why a meeting is not in the library, in words.
    REASONS: ClassVar[dict[str, Any]] = {
        "no_recorder": _("Fathom does not say who recorded it"),
        "no_rep": _("Recorder isn't a rep"),
        "rep_archived": _("The rep is archived"),
        "ambiguous": _("The address is a rep in two organizations"),
        "other_team": _("Of a Fathom team that is not imported"),
        "unreadable": _("What Fathom sent cannot be read"),
        "no_id": _("Fathom sent it without a usable id"),
        "refused": _("It could not be stored"),
        "not_fetched": _("Fathom lists it; it will be fetched by itself"),
        "deleted": _("The call was deleted here"),
        "erased": _("Somebody in it was erased"),
    }

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Fathom's; for a meeting without one "?" and a hash of what every list says
    # of it (`pages.Item.name`).
    recording_id = models.CharField(max_length=64)
    # The accounts that have listed it.
    accounts = ArrayField(models.UUIDField(), default=list)
    # Whose it is: of the rep, or of the account that is an organization's own.
    # Null: for operations staff alone.
    organization = models.ForeignKey(
        Organization,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="+",
    )
    # Who recorded it, also when their meetings are skipped.
    rep = models.ForeignKey(
        SalesRep,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    call = models.ForeignKey(
        Call, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    reason = models.CharField(max_length=40, blank=True, default="")
    # In the one spelling that addresses are compared in; '' where Fathom names none.
    recorder = models.CharField(
        max_length=addresses.MAX_LENGTH, blank=True, default="", db_index=True
    )
    recorder_name = models.CharField(max_length=200, blank=True, default="")
    team = models.CharField(max_length=200, blank=True, default="")
    title = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # The day (UTC) by which Fathom lists it: of its making, else of the meeting,
    # else of our first sight of it.
    day = models.DateField()
    raw_hash = models.BinaryField(max_length=16, null=True, blank=True)
    raw = models.BinaryField(null=True, blank=True)
    # When what is stored was fetched: older never replaces newer.
    as_of = models.DateTimeField()
    first_seen = models.DateTimeField(auto_now_add=True)
    # Once missing, and fetched then.
    healed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("Fathom meeting")
        verbose_name_plural = _("Fathom meetings")
        ordering: ClassVar = ["-day", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["day"], name="meeting_by_day"),
            models.Index(
                fields=["rep", "day"], condition=Q(rep__isnull=False), name="meeting_of_rep"
            ),
            models.Index(
                fields=["organization", "day"],
                condition=Q(organization__isnull=False),
                name="meeting_of_organization",
            ),
            models.Index(
                fields=["-day", "-id"], condition=~Q(outcome="imported"), name="meeting_waiting"
            ),
            models.Index(
                F("created_at").desc(nulls_last=True),
                F("id").desc(),
                condition=~Q(outcome="imported"),
                name="meeting_waiting_newest",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["recording_id", "organization"],
                nulls_distinct=False,
                name="an_organization_has_a_meeting_once",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["imported", "skipped", "error", "missing"]),
                name="meeting_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(outcome="imported") | ~Q(reason=""),
                name="a_meeting_is_here_or_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.recording_id
