"""An account at Fathom: the installation's, an organization's own, or a rep's own.

Fathom's keys are per person, so there may be many. Key, secret and state lie with `core.vendors`,
in the account of the same id; `fathom_sync.accounts` alone asks it for them.
"""

import secrets
import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.secrets.fields import EncryptedTextField
from crm.models import Organization, SalesRep


def new_token() -> str:
    """Return the part of an account's webhook address that nobody can guess."""
    return secrets.token_urlsafe(24)


class FathomAccount(models.Model):
    """One account, and how far its meetings have been fetched."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Both null: the installation's.
    organization = models.ForeignKey(
        Organization,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        db_index=False,
        related_name="fathom_accounts",
    )
    rep = models.ForeignKey(
        SalesRep,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        db_constraint=False,
        related_name="fathom_accounts",
    )
    label = models.CharField(max_length=200, blank=True, default="")
    # Only meetings of these teams (Fathom knows them by name alone) become calls;
    # none = those of all.
    fathom_teams = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    # Of an earlier release: what could not be opened when values moved to core.vendors.
    # It can be opened nowhere else, so it is kept until its key is back. Nothing reads it.
    own_api_key = EncryptedTextField(null=True, blank=True, editable=False)
    own_webhook_secret = EncryptedTextField(null=True, blank=True, editable=False)
    # Our webhook at Fathom. Its secret is told once, when it is made; Fathom lists no webhooks.
    webhook_token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    webhook_id = models.CharField(max_length=200, blank=True, default="", editable=False)
    registered_secret = EncryptedTextField(null=True, blank=True, editable=False)
    registered_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Keyed hash of the key that it was made with: with another one it can be neither
    # seen nor removed.
    registered_key = models.CharField(max_length=64, blank=True, default="", editable=False)
    # One maker at a time (accounts.registration); and since when Fathom may have one that
    # nobody here knows.
    registering_since = models.DateTimeField(null=True, blank=True, editable=False)
    unfinished_since = models.DateTimeField(null=True, blank=True, editable=False)
    # Keyed hash of the key that the meetings were listed with, and since when where it was another
    # before: what only the old key listed, the new one may not show.
    listing_key = models.CharField(max_length=64, blank=True, default="", editable=False)
    listing_since = models.DateTimeField(null=True, blank=True, editable=False)
    # Everything that Fathom has made by then has been fetched.
    watermark = models.DateTimeField(null=True, blank=True, editable=False)
    # When the whole overlap before the watermark was last looked through again.
    overlap_checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When Fathom's whole list was last compared with what is here.
    history_checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Since when whatever was asked of it by a sync or a check has failed;
    # null: the last one worked.
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    last_synced_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("Fathom account")
        verbose_name_plural = _("Fathom accounts")
        ordering: ClassVar = ["created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "rep"],
                nulls_distinct=False,
                name="one_fathom_account_per_owner",
            ),
            models.CheckConstraint(
                condition=Q(rep=None) | Q(organization__isnull=False),
                name="a_reps_account_is_in_an_organization",
            ),
        ]

    def __str__(self) -> str:
        if self.label:
            return self.label
        if self.rep_id:
            return str(self.rep)
        if self.organization_id:
            return str(self.organization)
        return str(_("Installation"))
