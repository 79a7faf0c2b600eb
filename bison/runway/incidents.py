"""Some days before a workspace runs dry, people are told:
of each, or of many at once by their instance.
"""

from datetime import timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison.models import Instance, Runway
from bison.runway import config
from core import incidents
from core.models import Incident, Watch
from core.words.sayings import Saying

# More than so many at an instance are one incident.
MANY: Final = 3
OF_ONE: Final = "bison_runway:"
DRY: Final = _("%(workspace)s has nothing left to send from %(day)s")
DRY_MANY: Final = _("%(count)d workspaces at %(instance)s run dry by %(day)s")
WHAT_TO_DO: Final = _("Add leads to its campaigns, or end those that are done.")
WHAT_TO_DO_MANY: Final = _(
    "Add leads to their campaigns, or end those that are done. The page of the runway lists them."
)


def observe() -> None:
    """Report every workspace and instance, by what was computed last."""
    until = timezone.now().date() + timedelta(days=config.days_ahead())
    watched = set(Watch.objects.filter(cause__startswith=OF_ONE).values_list("cause", flat=True))
    for instance in Instance.objects.all():
        runways = Runway.objects.filter(workspace__instance=instance, workspace__gone_at=None)
        found = list(
            runways.select_related("workspace").order_by("dry_on", "workspace__workspace_name")
        )
        dry = [each for each in found if each.dry_on is not None and each.dry_on <= until]
        is_one = _observe_many(instance, dry)
        alone = set() if is_one else {each.pk for each in dry}
        for runway in found:
            # Of the many of which nothing was ever wrong nothing is looked up.
            if runway.pk in alone or f"{OF_ONE}{runway.workspace_id}" in watched:
                _observe_workspace(runway, ok=runway.pk not in alone)


def _observe_many(instance: Instance, dry: list[Runway]) -> bool:
    """Tell whether the instance's are one incident: once it is open it stays
    so until none is dry.
    """
    cause = f"bison_runways:{instance.slug}"
    is_open = Incident.objects.filter(cause=cause, closed_at=None).exists()
    stays_one = is_open and bool(dry)
    is_one = stays_one or len(dry) > MANY
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
        f"{OF_ONE}{workspace.pk}",
        ok=ok,
        title=Saying(DRY, {**facts, "day": runway.dry_on}),
        what_to_do=WHAT_TO_DO,
        organization_id=workspace.organization_id,
        facts=facts,
        affected=[workspace.workspace_name],
    )
