"""What was asked of vendors."""

from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7

OUTCOMES: Final[dict[bool | None, str]] = {True: "succeeded", None: "neutral", False: "failed"}


class ApiCall(models.Model):
    """One request to a vendor, written by core.http. The table is partitioned
    by day (core.postgres.partitions).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField()
    vendor = models.CharField(max_length=40)
    account = models.CharField(max_length=120, blank=True)
    organization_id = models.UUIDField(null=True)
    integration_id = models.UUIDField(null=True)
    run_id = models.UUIDField(null=True)
    workspace_name = models.CharField(max_length=200, blank=True)
    instance = models.CharField(max_length=60, blank=True, db_column="bison_instance")
    endpoint = models.CharField(max_length=500)
    method = models.CharField(max_length=8)
    api_key_used = models.CharField(max_length=16, blank=True)
    api_key_type = models.CharField(max_length=20, blank=True)
    status_code = models.IntegerField(null=True)
    response_time_ms = models.IntegerField()
    # Null: an answer that the caller takes, and yet no success (404 to "close this room").
    success = models.BooleanField(null=True)
    error_message = models.TextField(blank=True)
    function_name = models.CharField(max_length=80, blank=True)
    triggered_by = models.CharField(max_length=40, blank=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    request_id = models.CharField(max_length=64, blank=True)
    metadata = models.JSONField(default=dict)

    class Meta:
        db_table = "api_call_logs"
        verbose_name = _("outgoing call")
        verbose_name_plural = _("outgoing calls")
        managed = False
        ordering: ClassVar = ["-created_at", "-id"]
        permissions: ClassVar = [("export_apicall", "Can export the log of outgoing calls")]

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint}"

    @property
    def outcome(self) -> str:
        """succeeded, neutral or failed."""
        return OUTCOMES[self.success]


class ApiCallHour(models.Model):
    """What the log says of an hour that is over; written by core.outgoing.hours alone.

    `scope` is `workspace` or `vendor`. An hour with a row of the scope `hour` is whole;
    others are read from the log.
    """

    hour = models.DateTimeField()
    scope = models.CharField(max_length=9)
    vendor = models.CharField(max_length=40, blank=True)
    instance = models.CharField(max_length=60, blank=True, db_column="bison_instance")
    workspace_name = models.CharField(max_length=200, blank=True)
    calls = models.PositiveIntegerField()
    successes = models.PositiveIntegerField()
    failures = models.PositiveIntegerField()
    # Response times: which steps (core.outgoing.latency) occurred, and how often each.
    steps = ArrayField(models.SmallIntegerField())
    step_counts = ArrayField(models.IntegerField())

    class Meta:
        db_table = "api_call_hours"
        verbose_name = _("hour of outgoing calls")
        verbose_name_plural = _("hours of outgoing calls")
        ordering: ClassVar = ["-hour", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["scope", "vendor", "workspace_name", "hour", "instance"],
                name="an_hour_is_rolled_up_once",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["hour"], name="call_hours_by_time")]

    def __str__(self) -> str:
        return f"{self.scope} {self.hour:%Y-%m-%d %H:%M}"


class ApiKeyHour(models.Model):
    """Who called with a key in an hour that is over: one row for each job and workspace,
    of the last thirty days.

    Written with `ApiCallHour`, whose row of the scope `hour` says that these are whole too.
    """

    hour = models.DateTimeField()
    vendor = models.CharField(max_length=40)
    # The last characters, as the log has them.
    api_key_used = models.CharField(max_length=16)
    workspace_name = models.CharField(max_length=200, blank=True)
    function_name = models.CharField(max_length=80, blank=True)
    triggered_by = models.CharField(max_length=40, blank=True)
    calls = models.PositiveIntegerField()
    last_call_at = models.DateTimeField()
    run_ids = ArrayField(models.UUIDField())

    class Meta:
        db_table = "api_key_hours"
        verbose_name = _("hour of a key")
        verbose_name_plural = _("hours of keys")
        ordering: ClassVar = ["-hour", "id"]
        indexes: ClassVar = [
            models.Index(fields=["vendor", "api_key_used", "hour"], name="key_hours_by_key"),
            models.Index(fields=["hour"], name="key_hours_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.api_key_used} {self.hour:%Y-%m-%d %H:%M}"
