"""The picture that an organization shows to its guests."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.models.organizations import Organization


class Logo(models.Model):
    """One for each organization, small enough to lie in the database.
    Written by `crm.services.logos` alone.
    """

    organization = models.OneToOneField(
        Organization, primary_key=True, on_delete=models.CASCADE, related_name="logo"
    )
    content = models.BinaryField()
    content_type = models.CharField(max_length=20)
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    # SHA-256 of the content, by which it is asked for: whoever is to see it was told.
    digest = models.CharField(max_length=64, db_index=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("logo")
        verbose_name_plural = _("logos")

        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(width__gte=1, height__gte=1), name="a_logo_has_a_size"
            )
        ]

    def __str__(self) -> str:
        return f"Logo of {self.organization}"
