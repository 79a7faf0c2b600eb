"""The reference's table of benchmarks.fathom_sync: calls as a Django site keeps them.
The benchmark alone makes it.
"""

from typing import Any, ClassVar

from django.db import models


class PlainCall(models.Model):
    """One recorded call, its transcript and people beside it in JSON."""

    organization_id = models.UUIDField()
    rep_id = models.UUIDField(null=True, db_index=True)
    external_id = models.CharField(max_length=64, unique=True)
    title = models.CharField(max_length=500)
    url = models.CharField(max_length=500)
    language = models.CharField(max_length=10)
    started_at = models.DateTimeField(null=True, db_index=True)
    ended_at = models.DateTimeField(null=True)
    duration_seconds = models.PositiveIntegerField(default=0)
    summary = models.TextField()
    participants: Any = models.JSONField()
    action_items: Any = models.JSONField()
    transcript: Any = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "benchmark_plain_call"
        managed = False
        indexes: ClassVar = [
            models.Index(fields=["organization_id", "-started_at"], name="plain_call_newest")
        ]

    def __str__(self) -> str:
        return self.title
