"""A key that others may know: a new one takes its place, the old one is used no more,
and where it was used is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bison.keys import making, slots, usage
from bison.keys.revoking import mask_of
from bison.keys.usage import Usage
from bison.models import Workspace
from core.errors import VendorError

NO_KEY: Final = _("This workspace has no key of its own that could have leaked.")
REPLACED: Final = _(
    "A new key is in use. Now delete the one that leaked in Email Bison's app, as nobody can do "
    "that from outside: Settings, Developer API, “%(name)s”."
)
NOT_REPLACED: Final = _(
    "The key that leaked is still in use, as no new one could be put in its place: %(why)s"
)


@dataclass(frozen=True, slots=True)
class Leaked:
    """What became of one workspace's key."""

    workspace: Workspace
    replaced: bool
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the key wherever it was, and where it was used."""

    outcomes: Sequence[Leaked]
    usage: Usage

    @property
    def success(self) -> bool:
        return all(each.replaced for each in self.outcomes)


def replace_leaked(workspace: Workspace, *, actor: Any, request: Any = None) -> Report:
    """Replace the key of a workspace in each workspace that has the same;
    ValidationError where there is none.
    """
    if workspace.bison_api_key is None:
        raise ValidationError({"api_key": ValidationError(NO_KEY, code="no_key")})
    used = usage.where_used(workspace)
    rows = Workspace.objects.select_related("instance__account").filter(
        key_fingerprint=workspace.key_fingerprint
    )
    outcomes = [_replace(row, used, actor, request) for row in rows.order_by("workspace_name")]
    workspace.refresh_from_db()
    return Report(outcomes, used)


def _replace(workspace: Workspace, used: Usage, actor: Any, request: Any) -> Leaked:
    leaked, mask, name = (
        workspace.key_fingerprint,
        mask_of(workspace.bison_api_key),
        workspace.bison_api_key_name,
    )
    why = ""
    try:
        made = making.generate(workspace, actor=actor, request=request)
        why = made.saved.message
    except VendorError as error:
        why = error.message
    except ValidationError as error:
        why = " ".join(error.messages)
    workspace.refresh_from_db()
    replaced = workspace.has_key and workspace.key_fingerprint != leaked
    with transaction.atomic():
        facts = {"key": mask, "key_name": name, "replaced": replaced, "used": used.as_facts()}
        slots.record("bison.key_leaked", workspace, actor, request, **facts)
    if replaced:
        return Leaked(workspace, replaced=True, message=REPLACED % {"name": name or mask})
    return Leaked(workspace, replaced=False, message=NOT_REPLACED % {"why": why})
