"""Some days before a workspace runs dry, people are told: of each, or of many at once by their instance."""

from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison.models import Instance, Runway
from bison.runway import config
from core import incidents
from core.models import Incident
from core.words.sayings import Saying

# More than so many at an instance are one incident.
MANY: Final = 3
DRY: Final = _("%(workspace)s has nothing left to send from %(day)s")
DRY_MANY: Final = _("%(count)d workspaces at %(instance)s run dry by %(day)s")
WHAT_TO_DO: Final = _("Add leads to its campaigns, or end those that are done.")
WHAT_TO_DO_MANY: Final = _(
    "Add leads to their campaigns, or end those that are done. The page of the runway lists them."
)


def observe() -> None:
    """Report every workspace and instance, by what was computed last."""
    until = timezone.now().date() + timedelta(days=config.days_ahead())
    for instance in Instance.objects.all():
        runways = Runway.objects.filter(workspace__instance=instance, workspace__gone_at=None)
        found = list(runways.select_related("workspace").order_by("dry_on", "workspace__workspace_name"))
        dry = [each for each in found if each.dry_on is not None and each.dry_on <= until]
        is_one = _observe_many(instance, dry)
        for runway in found:
            _observe_workspace(runway, ok=is_one or runway not in dry)


def _observe_many(instance: Instance, dry: list[Runway]) -> bool:
    """Tell whether the instance's are one incident: once it is open it stays so until none is dry."""
    cause = f"bison_runways:{instance.slug}"
    is_open = Incident.objects.filter(cause=cause, closed_at=None).exists()
    is_one = len(dry) > MANY or (is_open and bool(dry))
    last = max((each.dry_on for each in dry if each.dry_on), default=None)
    facts = {"count": len(dry), "instance": instance.name, "day": str(last)}
    incidents.observe(
        cause,
        ok=not is_one,
        title=Saying(DRY_MANY, {**facts, "day": last}),
        what_to_do=WHAT_TO_DO_MANY,
        facts=facts,
        affected=[each.workspace.workspace_name for each in dry],
    )
    return is_one


def _observe_workspace(runway: Runway, *, ok: bool) -> None:
    workspace = runway.workspace
    facts = {"workspace": workspace.workspace_name, "day": str(runway.dry_on)}
    incidents.observe(
        f"bison_runway:{workspace.pk}",
        ok=ok,
        title=Saying(DRY, {**facts, "day": runway.dry_on}),
        what_to_do=WHAT_TO_DO,
        organization_id=workspace.organization_id,
        facts=facts,
        affected=[workspace.workspace_name],
    )
