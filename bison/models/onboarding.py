"""What has to be done and proved before a client's workspace counts as set up."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bison.models.registry import Workspace
from core.words.states import word


class Onboarding(models.Model):
    """The checklist of one workspace. What a probe proves is set by that
    probe alone (`bison.onboarding`).
    """

    class Status(models.TextChoices):
        NOT_STARTED = "not_started", word("not_started")
        IN_PROGRESS = "in_progress", word("in_progress")
        COMPLETED = "completed", word("completed")
        BLOCKED = "blocked", word("blocked")

    # By its name, as in the old system. A renamed workspace takes its checklist along
    # (ON UPDATE CASCADE).
    workspace = models.OneToOneField(
        Workspace,
        primary_key=True,
        to_field="workspace_name",
        db_column="workspace_name",
        on_delete=models.CASCADE,
        related_name="onboarding",
    )
    api_key_generated = models.BooleanField(default=False)
    api_key_tested = models.BooleanField(default=False)
    api_key_validated_at = models.DateTimeField(null=True, blank=True)
    webhook_url_configured = models.BooleanField(default=False)
    webhook_secret_generated = models.BooleanField(default=False)
    webhook_tested = models.BooleanField(default=False)
    webhook_validated_at = models.DateTimeField(null=True, blank=True)
    initial_sync_completed = models.BooleanField(default=False)
    initial_sync_completed_at = models.DateTimeField(null=True, blank=True)
    onboarding_status = models.CharField(
        max_length=12, choices=Status.choices, default=Status.NOT_STARTED
    )
    onboarding_completed_at = models.DateTimeField(null=True, blank=True)
    onboarding_notes = models.TextField(blank=True, default="")
    # Item -> why it cannot be done yet.
    blocked = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "client_onboarding_checklist"
        verbose_name = _("onboarding checklist")
        verbose_name_plural = _("onboarding checklists")
        ordering: ClassVar = ["workspace__workspace_name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    onboarding_status__in=["not_started", "in_progress", "completed", "blocked"]
                ),
                name="an_onboarding_has_a_known_status",
            ),
        ]

    def __str__(self) -> str:
        return str(self.workspace)
