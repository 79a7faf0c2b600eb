"""Keys that must outlive the ring's."""

from typing import ClassVar

from django.db import models

from core.secrets.fields import EncryptedTextField


class StableKey(models.Model):
    """A random key, sealed like any secret: rotation seals it anew, so that what it signed can
    still be checked.
    """

    MAC: ClassVar = "mac"

    name = models.CharField(primary_key=True, max_length=40)
    value = EncryptedTextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "stable_keys"

    def __str__(self) -> str:
        return self.name
