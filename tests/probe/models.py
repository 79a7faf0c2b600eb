"""What the handler leaves behind."""

from django.db import models


class Effect(models.Model):
    """One row per effect, with nothing that keeps a second one out: doubles are to be seen."""

    delivery_id = models.CharField(max_length=200, db_index=True)
    source = models.CharField(max_length=40)
    number = models.BigIntegerField(null=True)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.delivery_id
