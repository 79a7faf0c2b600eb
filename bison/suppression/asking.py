"""What a person asks to suppress, read and checked before anything is stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bison.models import Suppression, Workspace
from bison.suppression import config
from bison.suppression.values import Value, check_public, read
from core.errors import Conflicting

Scope = Suppression.Scope

TOO_MANY: Final = _(
    "These are %(count)d at once; more than %(most)d need confirmation. Look at the "
    "list, and confirm."
)
NO_VALUES: Final = _("Enter an address or a domain.")
NO_WORKSPACES: Final = _("Name the workspaces, or choose all.")
UNKNOWN_WORKSPACES: Final = _("There is no workspace of this name: %(names)s.")
NAMED_FOR_ALL: Final = _("Leave the workspaces out where all are meant.")
# As many problems of a list as a person reads.
SHOWN: Final = 20


class TooMany(Conflicting):
    """More at once than the house lets through without confirmation."""

    conflict = "needs_confirmation"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be suppressed, read and checked; nothing is stored yet."""

    values: Sequence[Value]
    scope: str
    workspaces: Sequence[Workspace]


def ask(
    values: Iterable[str],
    *,
    scope: str = Scope.ALL,
    workspaces: Sequence[str] = (),
    insist: bool = False,
    confirmed: bool = False,
) -> Asked:
    """Read what a person entered; raise ValidationError, PublicMail or TooMany
    for what may not be.
    """
    found = _read(values)
    chosen = _workspaces(scope, workspaces)
    check_public(found, insist=insist)
    if len(found) > config.most() and not confirmed:
        raise TooMany(TOO_MANY, params={"count": len(found), "most": config.most()})
    return Asked(found, scope, chosen)


def _read(entered: Iterable[str]) -> list[Value]:
    """Return each value once; ValidationError that names those which are none."""
    values: dict[Value, None] = {}
    problems: list[str] = []
    for text in entered:
        try:
            values[read(text)] = None
        except ValidationError as error:
            problems.append(f"{text[:100]}: {error.messages[0]}")
    if problems:
        raise ValidationError({"value": problems[:SHOWN]})
    if not values:
        raise ValidationError({"value": NO_VALUES})
    return list(values)


def _workspaces(scope: str, names: Sequence[str]) -> list[Workspace]:
    if scope == Scope.ALL:
        if names:
            raise ValidationError({"workspaces": NAMED_FOR_ALL})
        return []
    if not names:
        raise ValidationError({"workspaces": NO_WORKSPACES})
    found = list(Workspace.objects.filter(workspace_name__in=names, gone_at=None))
    unknown = set(names) - {workspace.workspace_name for workspace in found}
    if unknown:
        problem = UNKNOWN_WORKSPACES % {"names": ", ".join(sorted(unknown)[:SHOWN])}
        raise ValidationError({"workspaces": problem})
    return found
