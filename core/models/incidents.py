"""What is wrong now, what people did about it, and when nobody wants to hear of it."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from core.models.user import User
from core.words import sayings
from core.words.states import word


class Incident(models.Model):
    """Something wrong: one per cause, opened and closed on transitions by core.incidents."""

    class Severity(models.TextChoices):
        WARNING = "warning", word("warning")
        CRITICAL = "critical", word("critical")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    cause = models.CharField(max_length=200)
    severity = models.CharField(max_length=10, choices=Severity.choices, default=Severity.WARNING)
    # As they are written in the code; read `headline`, `advice` and `notice`,
    # which speak the reader's language.
    title = models.CharField(max_length=200)
    what_to_do = models.TextField(blank=True)
    organization_id = models.UUIDField(null=True, blank=True)
    # What the members of every organization read, in place of what staff are to do;
    # '' where it does not concern them.
    for_everybody = models.TextField(blank=True, default="")
    sentences: Any = models.JSONField(default=dict, blank=True, editable=False)
    facts: Any = models.JSONField(default=dict, blank=True)
    affected: Any = models.JSONField(default=list, blank=True)
    times_seen = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    # Somebody knows of it and looks after it; or nobody wants to hear of it before that moment.
    acknowledged_at = models.DateTimeField(null=True, blank=True, editable=False)
    acknowledged_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    note = models.TextField(blank=True, default="", db_default="", editable=False)
    snoozed_until = models.DateTimeField(null=True, blank=True, editable=False)
    snoozed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        db_table = "incidents"
        ordering: ClassVar = ["-opened_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["cause"], condition=Q(closed_at=None), name="one_open_incident_per_cause"
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["organization_id", "-opened_at"], name="incidents_by_organization"
            ),
            models.Index(fields=["cause", "-opened_at"], name="incidents_by_cause"),
            models.Index(
                fields=["-closed_at", "-id"],
                condition=~Q(closed_at=None),
                name="incidents_that_are_over",
            ),
        ]

    def __str__(self) -> str:
        return self.headline

    @property
    def state(self) -> str:
        """Return open, acknowledged, snoozed or closed."""
        if self.closed_at:
            return "closed"
        if self.is_snoozed:
            return "snoozed"
        if self.acknowledged_at:
            return "acknowledged"
        return "open"

    @property
    def is_snoozed(self) -> bool:
        return self.snoozed_until is not None and self.snoozed_until > timezone.now()

    @property
    def is_attended(self) -> bool:
        """Whether somebody has said that they know of it."""
        return self.acknowledged_at is not None or self.is_snoozed

    @property
    def headline(self) -> str:
        """Return the title in the reader's language."""
        return self._sentence("title")

    @property
    def advice(self) -> str:
        """Return what to do, in the reader's language; '' where nothing is to be done."""
        return self._sentence("what_to_do")

    @property
    def notice(self) -> str:
        """Return what the members of every organization read, in the reader's language."""
        return self._sentence("for_everybody")

    def _sentence(self, column: str) -> str:
        return sayings.say(self.sentences.get(column, {}), getattr(self, column))


class Watch(models.Model):
    """How often in a row a cause was seen bad or good: the memory behind
    an incident's hysteresis.
    """

    cause = models.CharField(max_length=200, primary_key=True)
    bad_in_a_row = models.PositiveIntegerField(default=0)
    good_in_a_row = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "incident_watches"
        verbose_name = _("watched cause")
        verbose_name_plural = _("watched causes")

    def __str__(self) -> str:
        return self.cause


class IncidentNote(models.Model):
    """What happened to an incident between its beginning and its end, and who did it;
    never changed afterwards.
    """

    class Kind(models.TextChoices):
        WORSENED = "worsened", word("incident.worsened")
        ACKNOWLEDGED = "acknowledged", word("acknowledged")
        SNOOZED = "snoozed", word("snoozed")
        WOKEN = "woken", word("incident.woken")
        SILENCED = "silenced", word("incident.silenced")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    text = models.TextField(blank=True, default="")
    facts: Any = models.JSONField(default=dict, blank=True)

    class Meta:
        db_table = "incident_notes"
        verbose_name = _("note on an incident")
        verbose_name_plural = _("notes on incidents")
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"


class MaintenanceWindow(models.Model):
    """A time in which some causes are silent: their incidents open and are shown,
    and nobody is alerted.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Null: staff's, over whatever the causes name.
    organization_id = models.UUIDField(null=True, blank=True)
    # Staff's window silences everybody; an owner's leaves staff what they are told.
    by_staff = models.BooleanField(default=False, db_default=False, editable=False)
    # What it is about: as core.incidents.subjects declares it, and what that was called then.
    subject_kind = models.CharField(max_length=40)
    subject_key = models.CharField(max_length=200, blank=True, default="")
    subject_name = models.CharField(max_length=200)
    # Causes, and beginnings of causes (with a colon at the end); none is everything.
    causes: Any = ArrayField(models.CharField(max_length=250), default=list, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    made_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # When what was still wrong at its end was told.
    settled_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        db_table = "maintenance_windows"
        verbose_name = _("maintenance window")
        verbose_name_plural = _("maintenance windows")
        ordering: ClassVar = ["-starts_at", "-id"]
        indexes: ClassVar = [
            models.Index(
                fields=["ends_at"], condition=Q(settled_at=None), name="maintenance_to_settle"
            ),
        ]

    def __str__(self) -> str:
        return self.subject_name

    @property
    def state(self) -> str:
        """Return planned, running or over."""
        now = timezone.now()
        if self.settled_at or self.ends_at <= now:
            return "over"
        if self.starts_at <= now:
            return "running"
        return "planned"

    def covers(self, incident: Incident) -> bool:
        """Tell whether the incident is one of its causes."""
        if self.organization_id and self.organization_id != incident.organization_id:
            return False
        if not self.causes:
            return True
        groups = tuple(cause for cause in self.causes if cause.endswith(":"))
        return incident.cause in self.causes or incident.cause.startswith(groups)
