"""What the contact sync keeps: what is mapped, which record is which person,
and what a person has to decide.
"""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm import addresses
from crm.models import Contact, Lead
from integrations.models.integrations import Integration

DIRECTIONS: Any = [
    ("pull", _("From there to Koppel")),
    ("push", _("From Koppel to there")),
    ("both", _("Both ways")),
]


class ContactSettings(models.Model):
    """How an integration's contacts are synced, and how far that is.
    Written by `integrations.contacts` alone.
    """

    class WhenDeleted(models.TextChoices):
        KEEP = "keep", _("Keep the contact")
        REMOVE = "remove", _("Delete the contact if nothing else knows of it")

    integration = models.OneToOneField(
        Integration, primary_key=True, on_delete=models.CASCADE, related_name="contact_settings"
    )
    # Entries of `integrations.contacts.mapping.Mapped`; empty: the provider's own mapping.
    fields: Any = models.JSONField(default=list, blank=True)
    direction = models.CharField(max_length=4, choices=DIRECTIONS, default="both")
    when_deleted = models.CharField(
        max_length=6, choices=WhenDeleted.choices, default=WhenDeleted.KEEP
    )
    # Of a hundred contacts, how many may be gone at once before nobody believes it.
    deletion_limit = models.PositiveSmallIntegerField(
        default=10, validators=[MaxValueValidator(100)]
    )
    # Until when, by the vendor's clock and by ours, everything is known.
    pulled_until = models.DateTimeField(null=True, blank=True, editable=False)
    pushed_until = models.DateTimeField(null=True, blank=True, editable=False)
    # When the last full pass saw all of the vendor's list.
    full_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Full passes are numbered as they begin; these two were the last that came to their end.
    passes_begun = models.PositiveIntegerField(default=0, editable=False)
    pass_last = models.PositiveIntegerField(default=0, editable=False)
    pass_before = models.PositiveIntegerField(default=0, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "contact_settings"
        verbose_name = _("contact sync of an integration")
        verbose_name_plural = _("contact syncs of integrations")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(deletion_limit__lte=100), name="deletion_limit_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.integration_id} {self.direction}"


class ContactLink(models.Model):
    """One record at the vendor: whose it is in Koppel, or why it is nobody's.
    Or one of ours that it refuses.
    """

    class State(models.TextChoices):
        LINKED = "linked", _("Linked")
        LEFT_OUT = "left_out", _("Left out")
        GONE = "gone", _("Not there any more")
        REFUSED = "refused", _("Refused there")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    integration = models.ForeignKey(
        Integration, on_delete=models.CASCADE, db_index=False, related_name="contact_links"
    )
    # '' of what the vendor does not take.
    vendor_id = models.CharField(max_length=200, blank=True)
    contact = models.ForeignKey(
        Contact,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="vendor_links",
    )
    lead = models.ForeignKey(
        Lead,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="vendor_links",
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.LINKED)
    # Why it is left out or refused, as `integrations.contacts.words` has it.
    reason = models.CharField(max_length=60, blank=True, default="")
    # The vendor's own words for what it refused.
    refusal: Any = models.JSONField(default=dict, blank=True)
    # The vendor's address of it in its one spelling.
    email = models.CharField(max_length=addresses.MAX_LENGTH, blank=True, default="")
    # What each side had when they were last held against each other.
    ours: Any = models.JSONField(default=dict, blank=True)
    theirs: Any = models.JSONField(default=dict, blank=True)
    # Which of our fields took the vendor's value, and when.
    taken: Any = models.JSONField(default=dict, blank=True)
    is_made_by_pull = models.BooleanField(default=False)
    awaits_echo = models.BooleanField(default=False)
    changed_at = models.DateTimeField(null=True, blank=True)
    pushed_at = models.DateTimeField(null=True, blank=True)
    seen_in_pass = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "contact_links"
        verbose_name = _("contact at a vendor")
        verbose_name_plural = _("contacts at vendors")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["integration", "vendor_id"],
                condition=~Q(vendor_id=""),
                name="a_record_has_one_link",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["integration", "email"],
                name="contact_link_by_email",
                condition=~Q(email=""),
            ),
            models.Index(fields=["integration", "id"], name="contact_link_of_integration"),
            models.Index(
                fields=["state", "id"], name="contact_link_not_linked", condition=~Q(state="linked")
            ),
        ]

    def __str__(self) -> str:
        return self.vendor_id or str(self.id)


class ContactConflict(models.Model):
    """Fields of one person that both sides changed, until somebody says whose stays."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    link = models.ForeignKey(
        ContactLink, on_delete=models.CASCADE, db_index=False, related_name="conflicts"
    )
    integration = models.ForeignKey(
        Integration, on_delete=models.CASCADE, db_index=False, related_name="contact_conflicts"
    )
    # Field -> {"ours": …, "theirs": …}.
    fields: Any = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    # "ours" or "theirs"; '' where both sides came to agree by themselves.
    kept = models.CharField(max_length=6, blank=True, default="")

    class Meta:
        db_table = "contact_conflicts"
        verbose_name = _("conflict about a contact")
        verbose_name_plural = _("conflicts about contacts")
        ordering: ClassVar = ["-opened_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["link"], condition=Q(resolved_at=None), name="a_link_has_one_open_conflict"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["integration", "-opened_at", "-id"], name="contact_conflicts_by_time"
            ),
            models.Index(fields=["-opened_at", "-id"], name="contact_conflicts_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.link_id} {', '.join(self.fields)}"
