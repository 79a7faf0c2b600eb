"""Teams, the reps in them, and the addresses by which a rep is known.

A foreign key between two rows of one organization has `db_constraint=False` here, because the
database holds a stricter one (migration 0003): over the organization and the id together, so that
no row can name a row of another tenant. And an organization has `db_index=False` where an index or
a constraint over more columns begins with it.
"""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from crm import addresses
from crm.models.organizations import Member, Organization


class Team(models.Model):
    """People who sell together, and who manages them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="teams", db_index=False
    )
    name = models.CharField(max_length=200)
    managers: Any = models.ManyToManyField(
        Member, through="TeamManager", related_name="managed_teams"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint("organization", Lower("name"), name="one_team_of_a_name"),
            models.UniqueConstraint(fields=["organization", "id"], name="team_in_organization"),
        ]

    def __str__(self) -> str:
        return self.name


class TeamManager(models.Model):
    """One member manages one team; the organization stands here so that the database can hold
    the two together.
    """

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(
        Team,
        on_delete=models.CASCADE,
        db_constraint=False,
        db_index=False,
        related_name="manager_rows",
    )
    member = models.ForeignKey(
        Member, on_delete=models.CASCADE, db_constraint=False, related_name="+"
    )

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "member"], name="manages_a_team_once")
        ]

    def __str__(self) -> str:
        return f"{self.member} – {self.team}"


class SalesRep(models.Model):
    """Somebody whose recorded calls are imported; may be a member, and may have left (archived)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="reps", db_index=False
    )
    name = models.CharField(max_length=200)
    email = models.CharField(max_length=addresses.MAX_LENGTH, validators=[addresses.check])
    team = models.ForeignKey(
        Team,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="reps",
    )
    member = models.ForeignKey(
        Member,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="reps",
    )
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # The call library keeps these, so that a list of reps costs no count over all their calls.
    call_count = models.PositiveIntegerField(default=0, editable=False)
    last_call_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering: ClassVar = ["name", "id"]
        indexes: ClassVar = [models.Index(fields=["organization", "name"], name="rep_by_name")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organization", "id"], name="rep_in_organization"),
            models.UniqueConstraint(fields=["member"], name="one_rep_per_member"),
        ]

    def __str__(self) -> str:
        return self.name


class RepAlias(models.Model):
    """An address that means one rep. Their own e-mail is among them (`is_main`),
    so that one rule keeps all apart.

    `normalized` is what a vendor's address is compared with (`addresses.normalize`). An
    archived rep keeps theirs. One that waits means nobody on an account that serves every
    organization (`crm.services.claims`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    rep = models.ForeignKey(
        SalesRep, on_delete=models.CASCADE, db_constraint=False, related_name="addresses"
    )
    address = models.CharField(max_length=addresses.MAX_LENGTH, validators=[addresses.check])
    normalized = models.CharField(max_length=addresses.MAX_LENGTH, db_index=True, editable=False)
    is_main = models.BooleanField(default=False, editable=False)
    is_waiting = models.BooleanField(
        _("waits for staff"),
        default=False,
        db_default=False,
        editable=False,
        help_text=_("Staff have not granted it."),
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-is_main", "normalized"]
        verbose_name = "rep's address"
        verbose_name_plural = "reps' addresses"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organization", "normalized"], name="an_address_is_one_rep"
            ),
            models.UniqueConstraint(
                fields=["rep"], condition=models.Q(is_main=True), name="one_main_address_per_rep"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(is_waiting=True),
                name="addresses_that_wait",
            )
        ]

    def __str__(self) -> str:
        return self.address
