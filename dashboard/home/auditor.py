"""An auditor's home: whether the chain is whole, and who lately read a secret,
changed a role or took data along.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from core.audit import verifying
from core.models import AuditEvent, AuditHead, Run, User
from crm import access

SHOWN: Final = 6
SEE: Final = "core.view_auditevent"


@dataclass(frozen=True)
class Kind:
    """Acts of one kind: what they are called, which they are, and what is said
    where there are none.
    """

    key: str
    title: str | Promise
    actions: Sequence[str]
    none: str | Promise


KINDS: Final = (
    Kind(
        "reveals",
        gettext_lazy("Secrets read in full"),
        ("secret.revealed",),
        gettext_lazy("No secrets revealed."),
    ),
    Kind(
        "roles",
        gettext_lazy("Roles and people"),
        ("role.changed", "user.added", "user.removed"),
        gettext_lazy("No role was changed."),
    ),
    Kind(
        "exports",
        gettext_lazy("Exports"),
        ("export.made", "audit.exported"),
        gettext_lazy("No exports yet."),
    ),
)


@dataclass(frozen=True)
class Acts:
    """The newest acts of a kind."""

    kind: Kind
    rows: list[dict[str, Any]]

    @property
    def href(self) -> str:
        return f"{reverse('admin:core_auditevent_changelist')}?action={self.kind.actions[0]}"


def sees_the_log(user: User) -> bool:
    """Tell whether this person reads the audit log, and may have it checked."""
    return access.sees_everything(user) and user.has_perm(SEE)


def is_auditor(user: User) -> bool:
    """Tell whether this person checks on others: reads the audit log, and changes nothing."""
    return sees_the_log(user) and not user.has_perm("core.change_run")


def page() -> dict[str, Any]:
    """Return what the home of an auditor shows."""
    head = AuditHead.objects.values_list("sequence", flat=True).first()
    under_way = Run.objects.filter(kind=verifying.KIND.key, state__in=Run.OPEN).first()
    return {
        "check": verifying.last_check(),
        "under_way": under_way,
        "written": head or 0,
        "acts": [Acts(kind, _newest(kind.actions)) for kind in KINDS],
    }


def _newest(actions: Sequence[str]) -> list[dict[str, Any]]:
    wanted = Q(action__in=actions)
    rows = AuditEvent.objects.filter(wanted).order_by("-sequence")[:SHOWN]
    return [
        {
            "what": audit.ACTIONS.get(row.action, row.action),
            "who": row.actor_name or _("Koppel itself"),
            "target": row.target_name,
            "at": row.at,
        }
        for row in rows
    ]
