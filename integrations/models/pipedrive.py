"""Our webhook at a company of Pipedrive's."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.secrets.fields import EncryptedTextField
from integrations.models.integrations import Integration


class PipedriveWebhook(models.Model):
    """Where Pipedrive sends an account's events to, found by a hash,
    and the password that it sends with them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    integration = models.OneToOneField(
        Integration, on_delete=models.CASCADE, related_name="pipedrive_webhook"
    )
    token = EncryptedTextField()
    token_hash = models.CharField(max_length=64, unique=True)
    password = EncryptedTextField()
    # Events of another company are refused.
    company_id = models.BigIntegerField()
    # Null: it is not there (any more), or this access may not make one.
    vendor_id = models.BigIntegerField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "pipedrive_webhooks"
        verbose_name = _("webhook at Pipedrive")
        verbose_name_plural = _("webhooks at Pipedrive")

    def __str__(self) -> str:
        return str(self.integration)
