"""Two leads or two contacts that became one person: what that moved,
and the addresses that stay known.
"""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import addresses
from crm.models.organizations import Organization
from crm.models.prospects import Contact, Lead


class Merge(models.Model):
    """One merge. Written by `crm.services.merging` alone, which takes it back
    by what is kept in it.
    """

    is_about_a_person: ClassVar = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="merges", db_index=False
    )
    # Whom it left: a lead or a contact. A later merge of theirs takes this one along.
    lead = models.ForeignKey(
        Lead,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="merges",
    )
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="merges"
    )
    # Who is there no more: their id, and all that was known of them;
    # nothing once the merge is undone.
    other_id = models.UUIDField()
    other: Any = models.JSONField(default=dict)
    # Field -> [before, after], of what the merge changed in the one who was left.
    changed: Any = models.JSONField(default=dict)
    # Relation ("calls.call.lead") -> ids of the rows that it moved.
    moved: Any = models.JSONField(default=dict)
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("merge of two people")
        verbose_name_plural = _("merges of people")
        ordering: ClassVar = ["-merged_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["organization", "-merged_at"], name="merge_by_time")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(lead__isnull=True) ^ Q(contact__isnull=True),
                name="merge_of_a_lead_or_a_contact",
            ),
        ]

    def __str__(self) -> str:
        return str(self.other.get("name") or self.other_id)


class FormerAddress(models.Model):
    """An address of somebody who was merged: whoever comes in under it again is this
    person, and nobody new.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="former_addresses")
    lead = models.ForeignKey(
        Lead,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="former_addresses",
    )
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="former_addresses"
    )
    email = models.CharField(max_length=addresses.MAX_LENGTH)
    email_normalized = models.CharField(max_length=addresses.MAX_LENGTH)

    class Meta:
        verbose_name = _("former address of a person")
        verbose_name_plural = _("former addresses of people")
        indexes: ClassVar = [
            models.Index(
                fields=["organization", "email_normalized"], name="former_address_by_email"
            ),
        ]

    def __str__(self) -> str:
        return self.email
