"""Which names workspaces took, and when."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from bison.models.registry import Workspace


class NameTaken(models.Model):
    """From this moment on the name meant this workspace, until another took it.

    Rows are there for workspaces that were renamed; their first is the name that they came with.
    """

    name = models.CharField(max_length=200)
    workspace = models.ForeignKey(
        Workspace, on_delete=models.CASCADE, db_index=False, related_name="names_taken"
    )
    since = models.DateTimeField()

    class Meta:
        db_table = "bison_names_taken"
        verbose_name = _("name of a workspace")
        verbose_name_plural = _("names of workspaces")
        ordering: ClassVar = ["name", "since", "id"]
        indexes: ClassVar = [
            models.Index(fields=["name", "since"], name="names_taken_by_name"),
            models.Index(fields=["workspace"], name="names_taken_by_workspace"),
        ]

    def __str__(self) -> str:
        return self.name
