"""Accounts at vendors whose fields their vendor declares (core.vendors)."""

import uuid
from collections.abc import Callable
from typing import Any, ClassVar, Final

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.connections import Connection
from core.secrets.fields import EncryptedTextField
from core.words import sayings

# How accounts of a vendor are named, where their own columns do not say it:
# filled by `core.vendors.declare`.
NAMES: Final[dict[str, Callable[["VendorAccount"], str]]] = {}


class VendorAccount(models.Model):
    """One account at one vendor, and how its connection is. Written by `core.vendors` alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # As the vendor is declared.
    vendor = models.CharField(max_length=60)
    # Null: the installation's.
    organization_id = models.UUIDField(null=True, blank=True)
    label = models.CharField(max_length=200, blank=True, default="")
    # What is no secret: name -> value; and what of it waits beside a new key until that has worked.
    values: Any = models.JSONField(default=dict, blank=True)
    next_values: Any = models.JSONField(default=dict, blank=True)
    # The keyed hash of all values that the state was learned with: of others it says nothing.
    tried_with = models.CharField(max_length=64, blank=True, default="", editable=False)
    state = models.CharField(
        max_length=14,
        choices=[(state.value, state.value) for state in Connection],
        default=Connection.NOT_CONFIGURED,
        editable=False,
    )
    state_since = models.DateTimeField(null=True, blank=True, editable=False)
    cause = models.TextField(blank=True, default="", editable=False)
    cause_said: Any = models.JSONField(default=dict, blank=True, editable=False)
    last_checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_good_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When a person or a command last tried these values; what work learns of them is no test.
    last_tested_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "vendor_accounts"
        verbose_name = _("account at a vendor")
        verbose_name_plural = _("accounts at vendors")
        ordering: ClassVar = ["vendor", "created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["vendor", "organization_id", "label"],
                nulls_distinct=False,
                name="one_vendor_account_per_label",
            ),
        ]

    def __str__(self) -> str:
        if self.vendor in NAMES:
            return NAMES[self.vendor](self)
        if self.label:
            return self.label
        if self.organization_id is None:
            return str(_("Installation"))
        return str(_("Organization"))

    def begin_untried(self) -> tuple[str, ...]:
        """Take the state away that other values earned, and return the columns to save."""
        self.state, self.tried_with = Connection.NOT_CONFIGURED, ""
        self.cause, self.cause_said = "", {}
        return ("state", "tried_with", "cause", "cause_said")

    @property
    def why(self) -> str:
        """What is wrong, in the reader's language; '' where nothing is."""
        return sayings.say(self.cause_said, self.cause)


class VendorSecret(models.Model):
    """A secret of an account: the one in use, or the next one,
    which is kept until it has worked.
    """

    class Slot(models.TextChoices):
        CURRENT = "current", _("In use")
        NEXT = "next", _("Waits until it has worked")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(
        VendorAccount, on_delete=models.CASCADE, db_index=False, related_name="secrets"
    )
    field = models.CharField(max_length=60)
    slot = models.CharField(max_length=8, choices=Slot.choices)
    value = EncryptedTextField()
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table = "vendor_secrets"
        verbose_name = _("secret of an account")
        verbose_name_plural = _("secrets of accounts")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "field", "slot"], name="one_secret_per_field_and_slot"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} ({self.slot})"
