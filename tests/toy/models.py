"""What Koppel keeps of the toy vendor."""

import uuid

from django.db import models

from core.models import VendorAccount


class ToyRecord(models.Model):
    """One record as an account lists it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(VendorAccount, on_delete=models.CASCADE)
    vendor_id = models.CharField(max_length=200)
    name = models.CharField(max_length=20)
    day = models.DateField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["account", "vendor_id"], name="a_toy_is_kept_once"),
        )

    def __str__(self) -> str:
        return self.name
