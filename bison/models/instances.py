"""The hosts that Email Bison runs on, and whose turn it is with a key that everybody shares."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import validate_slug
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import VendorAccount
from core.words.states import word


class Health(models.TextChoices):
    """How calls have gone lately."""

    HEALTHY = "healthy", word("healthy")
    DEGRADED = "degraded", word("degraded")
    FAILING = "failing", word("failing")
    UNKNOWN = "unknown", word("unknown")


class Instance(models.Model):
    """One Email Bison host. Its address and its super-admin keys are the values
    of its account (`core.vendors`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.CharField(_("slug"), max_length=60, unique=True, validators=[validate_slug])
    name = models.CharField(_("name"), max_length=120)
    account = models.OneToOneField(
        VendorAccount, on_delete=models.PROTECT, related_name="bison_instance"
    )
    # When the super-admin key is to be replaced by a new one.
    rotation_due_at = models.DateTimeField(_("rotation due"), null=True, blank=True)
    health_status = models.CharField(
        max_length=10, choices=Health.choices, default=Health.UNKNOWN, editable=False
    )
    health_since = models.DateTimeField(null=True, blank=True, editable=False)
    # What it calls itself in events, where that is another address than the one that
    # it is called at.
    known_as = ArrayField(
        models.CharField(max_length=300), default=list, blank=True, editable=False
    )
    last_discovered_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "bison_instances"
        verbose_name = _("Email Bison instance")
        verbose_name_plural = _("Email Bison instances")
        ordering: ClassVar = ["name", "id"]
        permissions: ClassVar = [
            ("discover_instance", "Can look for workspaces at an instance"),
            ("use_key_instance", "Can switch between an instance's main and backup key"),
        ]

    def __str__(self) -> str:
        return self.name


class Turn(models.Model):
    """Who uses a super-admin key just now, or is at a round that is done by nobody else meanwhile:
    a lease that ends by itself where its holder died.
    """

    # A keyed hash of the key: two instances that have the same key share its turn.
    # Or a round's name.
    key = models.CharField(primary_key=True, max_length=64)
    holder = models.UUIDField(null=True)
    until = models.DateTimeField()

    class Meta:
        db_table = "bison_turns"
        verbose_name = _("turn with a super-admin key")
        verbose_name_plural = _("turns with super-admin keys")

    def __str__(self) -> str:
        return f"{self.holder} {self.until:%H:%M:%S}"
