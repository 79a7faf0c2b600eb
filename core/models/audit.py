"""Who did what: rows that are only ever added."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7


class AuditEvent(models.Model):
    """One act, chained to the one before it. Written by core.audit.record alone;
    the database refuses changes.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sequence = models.BigIntegerField(unique=True)
    at = models.DateTimeField(db_index=True)
    action = models.CharField(max_length=80)
    # Ids and names as they were, not foreign keys: deleting a person must not touch what they did.
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=200, blank=True)
    organization_id = models.UUIDField(null=True)
    target_type = models.CharField(max_length=80, blank=True)
    target_id = models.CharField(max_length=80, blank=True)
    target_name = models.CharField(max_length=200, blank=True)
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    old_value = models.CharField(max_length=64, blank=True)
    new_value = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_logs"
        verbose_name = _("audit row")
        verbose_name_plural = _("audit rows")
        ordering: ClassVar = ["-sequence"]
        permissions: ClassVar = [("export_auditevent", "Can export the audit log")]
        indexes: ClassVar = [
            models.Index(fields=["action", "-sequence"], name="audit_by_action"),
            models.Index(fields=["target_type", "target_id"], name="audit_by_target"),
            models.Index(fields=["organization_id", "-sequence"], name="audit_by_organization"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence}: {self.action}"


class AuditHead(models.Model):
    """Where the chain ends: one row, locked by whoever adds to it,
    signed so that a cut tail shows.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64)
    signature = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_head"
        verbose_name = _("end of the audit log")
        verbose_name_plural = _("end of the audit log")

    def __str__(self) -> str:
        return f"Row {self.sequence}"
