"""What runs out: keys past their end are used no more, and people hear of it two weeks before;
keys to be rotated.

Many keys that end at one instance are one incident with the names of their workspaces,
and not one for each.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison.instances import saving
from bison.keys import imported, slots
from bison.keys.revoking import expiry_cause
from bison.models import Instance, Workspace
from core import incidents
from core.models import Incident
from core.words.sayings import Saying

AHEAD: Final = timedelta(days=14)
ACTOR: Final = "bison.look_at_keys"
ENDS: Final = _("The key of %(workspace)s ends on %(day)s")
HAS_ENDED: Final = _("The key of %(workspace)s has ended on %(day)s")
DO: Final = _("Have a new key made for the workspace, or enter one.")
# More than so many at an instance are one incident.
MANY: Final = 3
OF_ONE: Final = "bison_key_expiry:"
OF_ALL: Final = "bison_key_expiries:"
MANY_END: Final = _("Keys of several workspaces at %(instance)s end from %(first)s on")
MANY_HAVE_ENDED: Final = _(
    "Keys of several workspaces at %(instance)s have ended, the first on %(first)s"
)
DO_MANY: Final = _("Have new keys made for these workspaces, or enter them from a file.")
ROTATE: Final = _("The super-admin key of %(instance)s is to be replaced: it was due on %(day)s")
ROTATE_DO: Final = _(
    "Make a new super-admin key in Email Bison's app, enter it in the instance's settings, and "
    "delete the old one."
)


def look(now: datetime | None = None) -> dict[str, int]:
    """Look at all keys; how many have ended now, end soon, and are to be rotated."""
    now = now or timezone.now()
    imported.forget_keys()
    return {"expired": _end(now), "ends_soon": _warn(now), "rotation_due": _remind(now)}


def _end(now: datetime) -> int:
    """Mark keys past their end, each once: of two that look at the same time one finds it."""
    due = Workspace.objects.filter(
        bison_api_key_expires_at__lte=now, bison_api_key_status=Workspace.KeyStatus.ACTIVE
    ).values_list("pk", flat=True)
    return sum(_end_this(pk, now) for pk in list(due))


def _end_this(pk: UUID, now: datetime) -> bool:
    with transaction.atomic():
        taken = Workspace.objects.filter(
            pk=pk,
            bison_api_key_expires_at__lte=now,
            bison_api_key_status=Workspace.KeyStatus.ACTIVE,
        ).update(bison_api_key_status=Workspace.KeyStatus.EXPIRED, updated_at=now)
        if not taken:
            return False
        workspace = Workspace.objects.get(pk=pk)
        slots.record(
            "bison.key_expired",
            workspace,
            ACTOR,
            None,
            expires_at=workspace.bison_api_key_expires_at,
        )
    return True


def _warn(now: datetime) -> int:
    """Report the keys that end soon or have ended: each, or those of an instance
    as one where they are many.
    """
    until = now + AHEAD
    watched = Workspace.objects.filter(gone_at=None, bison_api_key_expires_at__lte=until)
    with_key = watched.exclude(bison_api_key=None).select_related("instance")
    ending: dict[Instance, list[Workspace]] = defaultdict(list)
    for workspace in with_key.order_by("bison_api_key_expires_at", "workspace_name"):
        ending[workspace.instance].append(workspace)
    together = set(_open_causes(OF_ALL))
    causes = set()
    for instance, workspaces in ending.items():
        cause = f"{OF_ALL}{instance.slug}"
        # Once they are one incident they stay so until none of them ends.
        if len(workspaces) > MANY or cause in together:
            causes.add(cause)
            _tell_of_all(cause, instance, workspaces, now)
            continue
        for workspace in workspaces:
            causes.add(expiry_cause(workspace))
            _tell_of(workspace, now)
    _close_all_but(causes, OF_ONE)
    _close_all_but(causes, OF_ALL)
    return sum(not _is_over(workspace, now) for each in ending.values() for workspace in each)


def _is_over(workspace: Workspace, now: datetime) -> bool:
    ends = workspace.bison_api_key_expires_at
    return ends is not None and ends <= now


def _day_of(workspace: Workspace) -> date | None:
    ends = workspace.bison_api_key_expires_at
    return ends.date() if ends else None


def _tell_of(workspace: Workspace, now: datetime) -> None:
    is_over = _is_over(workspace, now)
    facts = {"workspace": workspace.workspace_name, "day": _day_of(workspace)}
    incidents.observe(
        expiry_cause(workspace),
        ok=False,
        title=Saying(HAS_ENDED if is_over else ENDS, facts),
        what_to_do=DO,
        severity=Incident.Severity.CRITICAL if is_over else Incident.Severity.WARNING,
        affected=[workspace.workspace_name],
    )


def _tell_of_all(
    cause: str, instance: Instance, workspaces: list[Workspace], now: datetime
) -> None:
    """Report many as one, worse as soon as the first has ended;
    its facts count them anew at each look.
    """
    ended = sum(_is_over(workspace, now) for workspace in workspaces)
    first, last = _day_of(workspaces[0]), _day_of(workspaces[-1])
    incidents.observe(
        cause,
        ok=False,
        title=Saying(
            MANY_HAVE_ENDED if ended else MANY_END, {"instance": instance.name, "first": first}
        ),
        what_to_do=DO_MANY,
        severity=Incident.Severity.CRITICAL if ended else Incident.Severity.WARNING,
        facts={
            "instance": instance.name,
            "ending": len(workspaces) - ended,
            "ended": ended,
            "first": str(first),
            "last": str(last),
        },
        affected=[workspace.workspace_name for workspace in workspaces],
    )


def _remind(now: datetime) -> int:
    causes = set()
    for instance in Instance.objects.select_related("account"):
        due = instance.rotation_due_at
        if due is None and saving.key_in_use(instance) is not None:
            # A key that came by another way: its quarter begins now.
            Instance.objects.filter(pk=instance.pk, rotation_due_at=None).update(
                rotation_due_at=now + saving.QUARTER
            )
        if due is None or due > now:
            continue
        cause = f"bison_rotation:{instance.pk}"
        causes.add(cause)
        facts = {"instance": instance.name, "day": due.date()}
        incidents.observe(cause, ok=False, title=Saying(ROTATE, facts), what_to_do=ROTATE_DO)
    _close_all_but(causes, "bison_rotation:")
    return len(causes)


def _open_causes(prefix: str) -> list[str]:
    opened = Incident.objects.filter(cause__startswith=prefix, closed_at=None)
    return list(opened.values_list("cause", flat=True))


def _close_all_but(causes: set[str], prefix: str) -> None:
    for cause in _open_causes(prefix):
        if cause not in causes:
            incidents.close(cause)
