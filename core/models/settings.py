"""Settings that people change at run time."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.secrets.fields import EncryptedTextField


class SystemSetting(models.Model):
    """One value of one declared setting (core.settings_store), for the installation
    or for one organization.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    setting_key = models.CharField(max_length=100)
    # Null means the installation. An id, not a foreign key: core knows no other app.
    organization_id = models.UUIDField(null=True, blank=True)
    setting_value = EncryptedTextField(null=True, blank=True)
    description = models.TextField(blank=True)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table = "system_settings"
        verbose_name = _("setting")
        verbose_name_plural = _("settings")
        ordering: ClassVar = ["setting_key"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["setting_key", "organization_id"],
                nulls_distinct=False,
                name="setting_once_per_scope",
            )
        ]

    def __str__(self) -> str:
        return self.setting_key
