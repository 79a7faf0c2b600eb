"""People who asked to be forgotten, or to see what is known of them."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.secrets.fields import EncryptedTextField
from core.words.states import word
from crm.models.organizations import Organization


class Erasure(models.Model):
    """One person who is taken out of everything of an organization, or (without one)
    of the installation.

    It is the certificate too. What it takes to find the person is sealed,
    and gone once the work is done.
    """

    class State(models.TextChoices):
        WAITING = "waiting", word("waiting")
        DONE = "done", word("done")
        INCOMPLETE = "incomplete", word("incomplete")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, null=True, on_delete=models.CASCADE, related_name="erasures"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # A keyed hash: whoever has the address and our key can show that this is about it.
    address_hash = models.CharField(max_length=64, db_index=True)
    # The address, and later all that the person is known by.
    known = EncryptedTextField(null=True)
    is_gathered = models.BooleanField(default=False)
    # Place -> how many were found, erased, redacted, kept.
    places: Any = models.JSONField(default=dict)
    # What the second look found: nothing, where the person is gone.
    left: Any = models.JSONField(default=dict)
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_by_name = models.CharField(max_length=200, blank=True, default="")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("erasure of a person")
        verbose_name_plural = _("erasures of people")
        ordering: ClassVar = ["-asked_at", "-id"]
        permissions: ClassVar = [
            ("erase_person", "Can erase and export people of the whole installation")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ErasedAddress(models.Model):
    """The mark of an address that was erased: no sync and no file brings it back.
    A person entering it by hand does.

    Without an organization it counts in all; where one lifted it, its own mark says so.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, null=True, on_delete=models.CASCADE, related_name="+"
    )
    address_hash = models.CharField(max_length=64)
    erased_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("mark of an erased address")
        verbose_name_plural = _("marks of erased addresses")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["address_hash"], name="an_address_is_marked_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class PersonExport(models.Model):
    """What is known of a person, as a file: for whoever asked, for a day, sealed."""

    class State(models.TextChoices):
        WAITING = "waiting", word("waiting")
        DONE = "done", word("done")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, null=True, on_delete=models.CASCADE, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    address_hash = models.CharField(max_length=64, db_index=True)
    address = EncryptedTextField(null=True)
    content = EncryptedTextField(null=True)
    # Place -> how many rows.
    places: Any = models.JSONField(default=dict)
    asked_at = models.DateTimeField(auto_now_add=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    asked_by_name = models.CharField(max_length=200, blank=True, default="")
    finished_at = models.DateTimeField(null=True)
    downloaded_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("export of a person")
        verbose_name_plural = _("exports of people")
        ordering: ClassVar = ["-asked_at", "-id"]

    def __str__(self) -> str:
        return str(self.pk)
