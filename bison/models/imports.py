"""What comes of a file of keys, row by row."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bison.models.registry import Workspace
from core.ids import uuid7
from core.models import Run
from core.secrets.fields import EncryptedTextField


class ImportedKey(models.Model):
    """One row of a file of keys. Its key stays only until it waits in its workspace's slot."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, db_index=False, related_name="+")
    # As a spreadsheet counts them.
    row = models.PositiveIntegerField()
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    key = EncryptedTextField(null=True, editable=False)
    fingerprint = models.CharField(max_length=64)
    facts: Any = models.JSONField(default=dict)
    # What became of it, a word of the kind of runs; '' while nothing has.
    outcome = models.CharField(max_length=20, blank=True, default="")
    reason = models.TextField(blank=True, default="")

    class Meta:
        db_table = "bison_imported_keys"
        verbose_name = _("imported key")
        verbose_name_plural = _("imported keys")
        ordering: ClassVar = ["run", "row"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "row"], name="a_row_of_a_file_is_taken_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["workspace"], name="imported_keys_by_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.workspace_id} {self.outcome}"
