"""Answers kept so that a repeated write has one effect."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from core.secrets.fields import EncryptedTextField


class IdempotencyKey(models.Model):
    """One `Idempotency-Key` of one person: claimed by insert, answered once, kept for 24 hours."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status_code = models.PositiveSmallIntegerField(null=True)
    # The first answer, sealed: an answer may show what only this person may see.
    body = EncryptedTextField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        db_table = "idempotency_keys"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once")
        ]

    def __str__(self) -> str:
        return self.key
