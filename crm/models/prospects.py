"""Those to whom an organization sells: leads, and the contacts behind them."""

import uuid
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from crm import addresses, finding
from crm.models.organizations import Member, Organization
from crm.models.sales import Team


def check_external_ids(value: object) -> None:
    """Accept names of outside systems with the id in them, and nothing else. It is a model's
    validator.
    """
    if not isinstance(value, dict) or len(value) > 20:
        raise ValidationError(_("At most 20 names of systems, each with one id."), code="invalid")
    for name, identifier in value.items():
        if not isinstance(name, str) or not isinstance(identifier, str):
            raise ValidationError(_("Each name and each id is text."), code="invalid")
        if not (1 <= len(name) <= 60 and 1 <= len(identifier) <= 200):
            raise ValidationError(
                _("A name has 1 to 60 characters, an id 1 to 200."), code="invalid"
            )


class Prospect(models.Model):
    """What is known of a person outside: the part that leads and contacts share."""

    # No row of the audit log, which nobody changes, says their name.
    is_about_a_person: ClassVar = True

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="%(class)ss", db_index=False
    )
    name = models.CharField(max_length=200)
    email = models.CharField(
        max_length=addresses.MAX_LENGTH, blank=True, validators=[addresses.check]
    )
    email_normalized = models.CharField(max_length=addresses.MAX_LENGTH, blank=True, editable=False)
    phone = models.CharField(max_length=40, blank=True)
    company = models.CharField(max_length=200, blank=True)
    external_ids = models.JSONField(default=dict, blank=True, validators=[check_external_ids])
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Lead(Prospect):
    """Somebody who may buy, and who found out that they may."""

    class Status(models.TextChoices):
        NEW = "new", _("New")
        CONTACTED = "contacted", _("Contacted")
        QUALIFIED = "qualified", _("Qualified")
        DISQUALIFIED = "disqualified", _("Disqualified")
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    status = models.CharField(max_length=12, choices=Status.choices, default=Status.NEW)
    source = models.CharField(max_length=100, blank=True)
    qualified_by = models.ForeignKey(
        Member,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="qualified_leads",
    )
    team = models.ForeignKey(
        Team,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="leads",
    )

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["organization", "-created_at", "-id"], name="lead_by_time"),
            models.Index(fields=["organization", "email_normalized"], name="lead_by_email"),
            models.Index(fields=["organization", "name", "id"], name="lead_by_name"),
            *finding.indexes("lead"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "id"], name="lead_in_organization"),
            models.CheckConstraint(
                condition=models.Q(
                    status__in=["new", "contacted", "qualified", "disqualified", "won", "lost"]
                ),
                name="lead_status_known",
            ),
        ]


class Contact(Prospect):
    """A person at a company; often the one behind a lead."""

    lead = models.ForeignKey(
        Lead,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="contacts",
    )

    class Meta:
        ordering: ClassVar = ["name", "id"]
        indexes: ClassVar = [
            models.Index(fields=["organization", "name"], name="contact_by_name"),
            models.Index(fields=["organization", "email_normalized"], name="contact_by_email"),
            *finding.indexes("contact"),
        ]
