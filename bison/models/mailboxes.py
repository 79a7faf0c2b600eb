"""E-mail accounts as the vendor lists them."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bison.models.instances import Instance
from bison.models.registry import Workspace


class EmailAccount(models.Model):
    """One sender's mailbox. It lives in exactly one workspace at a time,
    and may move to another.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    instance = models.ForeignKey(
        Instance, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, db_index=False, related_name="email_accounts"
    )
    vendor_id = models.PositiveBigIntegerField()
    email = models.CharField(max_length=320)
    name = models.CharField(max_length=300, blank=True, default="")
    # As the vendor writes it, in lower case: connected, not connected, …
    status = models.CharField(max_length=60, blank=True, default="")
    type = models.CharField(max_length=60, blank=True, default="")
    daily_limit = models.PositiveIntegerField(null=True)
    warmup_enabled = models.BooleanField(null=True)
    # Counters and tags, and all else that the vendor says of it, as it says it.
    raw: Any = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    # Since when its workspace lists it no more.
    gone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "email_accounts_raw"
        verbose_name = _("e-mail account")
        verbose_name_plural = _("e-mail accounts")
        ordering: ClassVar = ["email", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["instance", "vendor_id"], name="an_email_account_is_in_one_place"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace", "status"], name="email_accounts_by_workspace"),
            models.Index(fields=["email"], name="email_accounts_by_address"),
        ]

    def __str__(self) -> str:
        return self.email
