"""What runs out: keys past their end are used no more, and people hear of it two weeks before; keys to be rotated."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison.instances import saving
from bison.keys import slots
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
ROTATE: Final = _("The super-admin key of %(instance)s is to be replaced: it was due on %(day)s")
ROTATE_DO: Final = _(
    "Make a new super-admin key in Email Bison's app, enter it in the instance's settings, and delete the old one."
)


def look(now: datetime | None = None) -> dict[str, int]:
    """Look at all keys; how many have ended now, end soon, and are to be rotated."""
    now = now or timezone.now()
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
            pk=pk, bison_api_key_expires_at__lte=now, bison_api_key_status=Workspace.KeyStatus.ACTIVE
        ).update(bison_api_key_status=Workspace.KeyStatus.EXPIRED, updated_at=now)
        if not taken:
            return False
        workspace = Workspace.objects.get(pk=pk)
        slots.record("bison.key_expired", workspace, ACTOR, None, expires_at=workspace.bison_api_key_expires_at)
    return True


def _warn(now: datetime) -> int:
    """Open an incident for each key that ends soon or has ended, and close those of keys that do not."""
    watched = Workspace.objects.exclude(bison_api_key_expires_at=None).filter(gone_at=None)
    ending = 0
    causes = set()
    for workspace in watched.filter(bison_api_key_expires_at__lte=now + AHEAD):
        ends = workspace.bison_api_key_expires_at
        if ends is None or workspace.bison_api_key is None:
            continue
        is_over = ends <= now
        facts = {"workspace": workspace.workspace_name, "day": ends.date().isoformat()}
        causes.add(expiry_cause(workspace))
        ending += not is_over
        incidents.observe(
            expiry_cause(workspace),
            ok=False,
            title=Saying(HAS_ENDED if is_over else ENDS, facts),
            what_to_do=DO,
            severity=Incident.Severity.CRITICAL if is_over else Incident.Severity.WARNING,
            affected=[workspace.workspace_name],
        )
    _close_all_but(causes, "bison_key_expiry:")
    return ending


def _remind(now: datetime) -> int:
    causes = set()
    for instance in Instance.objects.select_related("account"):
        due = instance.rotation_due_at
        if due is None and saving.key_in_use(instance) is not None:
            # A key that came by another way: its quarter begins now.
            Instance.objects.filter(pk=instance.pk, rotation_due_at=None).update(rotation_due_at=now + saving.QUARTER)
        if due is None or due > now:
            continue
        cause = f"bison_rotation:{instance.pk}"
        causes.add(cause)
        facts = {"instance": instance.name, "day": due.date().isoformat()}
        incidents.observe(cause, ok=False, title=Saying(ROTATE, facts), what_to_do=ROTATE_DO)
    _close_all_but(causes, "bison_rotation:")
    return len(causes)


def _close_all_but(causes: set[str], prefix: str) -> None:
    opened = Incident.objects.filter(cause__startswith=prefix, closed_at=None).exclude(cause__in=causes)
    for cause in opened.values_list("cause", flat=True):
        incidents.close(cause)
