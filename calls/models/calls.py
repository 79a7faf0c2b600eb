"""A call and the people in it, whichever system it was held in.

`calls.library` alone makes and changes what a source says of a call; the life of a native call is
`calls.services`'. As in crm, `db_constraint=False` says that the database holds a stricter key,
over the organization too.
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from core.words.states import word
from crm import addresses
from crm.models import Appointment, Lead, Member, Organization, SalesRep


class Call(models.Model):
    """One conversation: held in our own rooms (native) or fetched from Fathom."""

    is_about_a_person: ClassVar = True

    class Source(models.TextChoices):
        NATIVE = "native", word("source.native")
        FATHOM = "fathom", word("source.fathom")

    class Status(models.TextChoices):
        PENDING = "PENDING", word("call.PENDING")
        ONGOING = "ONGOING", word("call.ONGOING")
        COMPLETED = "COMPLETED", word("call.COMPLETED")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="calls", db_index=False
    )
    source = models.CharField(max_length=8, choices=Source.choices)
    # This is the source's own id. It is empty for a native call, which its appointment names.
    external_id = models.CharField(max_length=200, blank=True, default="")
    # This is RESTRICT and not PROTECT: a call that was recorded stays, unless the whole
    # organization goes.
    appointment = models.OneToOneField(
        Appointment,
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        db_constraint=False,
        related_name="call",
    )
    lead = models.ForeignKey(
        Lead,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="calls",
    )
    rep = models.ForeignKey(
        SalesRep,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        db_index=False,
        related_name="calls",
    )
    title = models.CharField(max_length=500, blank=True, default="")
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.PENDING)
    scheduled_start = models.DateTimeField(null=True, blank=True)
    scheduled_end = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    duration_seconds = models.PositiveIntegerField(null=True, blank=True)
    summary = models.TextField(blank=True, default="")
    action_items = models.JSONField(default=list, blank=True)
    outcome = models.CharField(max_length=100, blank=True, default="")
    language = models.CharField(max_length=20, blank=True, default="")
    # These are the vendor's pages about this call. They are personal data, and never in a log.
    url = models.CharField(max_length=2000, blank=True, default="")
    share_url = models.CharField(max_length=2000, blank=True, default="")
    data = models.JSONField(default=dict, blank=True)
    # A hash of all that the source said. While it is equal there is nothing to write.
    content_hash = models.BinaryField(max_length=32, null=True, blank=True, editable=False)
    # This is when the source spoke; what is older never replaces what is newer.
    as_of = models.DateTimeField(null=True, blank=True, editable=False)
    # A person chose the rep, so no sync changes it.
    match_locked = models.BooleanField(default=False)
    # A person set them at these moments, so no source changes them.
    outcome_set_at = models.DateTimeField(null=True, blank=True, editable=False)
    lead_set_at = models.DateTimeField(null=True, blank=True, editable=False)
    room_name = models.CharField(max_length=200, blank=True, default="")
    # This is the room's newest session.
    room_sid = models.CharField(max_length=100, blank=True, default="")
    # LiveKit was last asked about this call at this moment.
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    # Lists are ordered by this: a call that has not begun stands where it is planned.
    happened_at = models.GeneratedField(
        expression=Coalesce(F("started_at"), F("scheduled_start"), F("created_at")),
        output_field=models.DateTimeField(),
        db_persist=True,
    )

    class Meta:
        ordering: ClassVar = ["-happened_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["organization", "-happened_at", "-id"], name="call_by_time"),
            models.Index(fields=["rep", "-happened_at", "-id"], name="call_of_rep"),
            # This serves those who see every organization.
            models.Index(fields=["-happened_at", "-id"], name="call_newest"),
            models.Index(fields=["status"], condition=~Q(status="COMPLETED"), name="call_not_over"),
            # This finds calls in our own rooms that are over and may go on, as long as their door
            # is open.
            models.Index(
                fields=["scheduled_end"],
                condition=Q(source="native", status="COMPLETED"),
                name="call_may_go_on",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["external_id", "source", "organization"],
                condition=~Q(external_id=""),
                name="an_organization_has_a_call_once",
            ),
            models.UniqueConstraint(
                fields=["room_name"], condition=~Q(room_name=""), name="one_call_in_a_room"
            ),
            models.CheckConstraint(
                condition=Q(source__in=["native", "fathom"]), name="call_source_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["PENDING", "ONGOING", "COMPLETED"]),
                name="call_status_known",
            ),
            models.CheckConstraint(
                condition=Q(started_at=None) | Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="call_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.title or str(self.pk)


class RoomSession(models.Model):
    """One session of a call's room: the name of the room stays, LiveKit gives each session
    a sid of its own.
    """

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="sessions")
    sid = models.CharField(max_length=100)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # It is true when LiveKit told the end, and false when the room was missing as LiveKit was
    # asked.
    close_told = models.BooleanField(default=False)
    # These are the last moment at which it is known to have been open, and the look that did not
    # find it any more.
    seen_at = models.DateTimeField(null=True, blank=True)
    missing_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering: ClassVar = ["opened_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["call", "sid"], name="one_row_per_session")
        ]

    def __str__(self) -> str:
        return self.sid


class CallParticipant(models.Model):
    """One stay of somebody, or of a recorder, in a call; who came back has another.

    Without a sid it is a seat: who may come in, and was not seen yet.
    """

    class Kind(models.TextChoices):
        PERSON = "person", _("Person")
        GUEST = "guest", _("Guest")
        RECORDER = "recorder", _("Recorder")

    class LeftBy(models.TextChoices):
        """How their leaving is known."""

        TOLD = "told", _("LiveKit said so")
        MISSED = "missed", _("They were not there any more")
        ROOM = "room", _("The room was over")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.PERSON)
    member_role = models.CharField(
        max_length=8, choices=Member.Role.choices, blank=True, default=""
    )
    display_name = models.CharField(max_length=200, blank=True, default="")
    email = models.CharField(max_length=addresses.MAX_LENGTH, blank=True, default="")
    # LiveKit's names say who it is (one person on one device), and which stay.
    identity = models.CharField(max_length=200, blank=True, default="")
    sid = models.CharField(max_length=100, blank=True, default="")
    session_sid = models.CharField(max_length=100, blank=True, default="", db_default="")
    joined_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    left_by = models.CharField(
        max_length=6, choices=LeftBy.choices, blank=True, default="", db_default="", editable=False
    )
    # These are the last moment at which they are known to have been in, and the look that did not
    # find them any more.
    seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    missing_at = models.DateTimeField(null=True, blank=True, editable=False)
    total_seconds = models.PositiveIntegerField(null=True, blank=True)
    is_host = models.BooleanField(default=False)
    is_guest = models.BooleanField(default=False)
    # Whether they are of another company than the rep.
    is_external = models.BooleanField(default=False)
    # A guest's consent to being recorded, given before the door was opened to them.
    consent_at = models.DateTimeField(null=True, blank=True)
    consent_ip = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["joined_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["call", "identity"],
                condition=Q(sid="") & ~Q(identity=""),
                name="one_seat_per_device",
            ),
            models.UniqueConstraint(
                fields=["call", "sid"], condition=~Q(sid=""), name="one_row_per_stay"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["person", "guest", "recorder"]), name="participant_kind_known"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.email or self.identity
