"""What the check tells people: that suppressions were undone at the vendor,
or could not be kept to.
"""

from collections import defaultdict
from typing import Final

from django.utils.translation import gettext_lazy as _

from bison.models import Instance, WorkspaceResult
from core import incidents
from core.models import Run
from core.words.sayings import Saying

UNDONE: Final = _("Suppressions were undone at Email Bison (%(instance)s)")
UNDONE_HOW: Final = _(
    "Koppel blocked and unsubscribed them again. Ask who takes them off the lists there; "
    "whoever may be written to again is lifted in Koppel."
)
UNKEPT: Final = _("Suppressions are not in effect at Email Bison (%(instance)s)")
UNKEPT_HOW: Final = _(
    "People who must not be written to may be. Open the run of the check: each workspace says why."
)


def observe(run: Run) -> None:
    """Report what the check saw, one cause for each instance and fault."""
    undone, unkept = defaultdict(list), defaultdict(list)
    results = WorkspaceResult.objects.filter(run=run).select_related("workspace__instance")
    for result in results.order_by("workspace__workspace_name"):
        workspace = result.workspace
        if result.counts.get("undone"):
            undone[workspace.instance_id].append(workspace.workspace_name)
        if result.state != WorkspaceResult.State.COMPLETE:
            unkept[workspace.instance_id].append(workspace.workspace_name)
    for instance in Instance.objects.all():
        facts = {"instance": instance.name, "run": str(run.pk)}
        incidents.observe(
            f"bison_suppressions_undone:{instance.slug}",
            ok=not undone[instance.pk],
            title=Saying(UNDONE, facts),
            what_to_do=UNDONE_HOW,
            facts=facts,
            affected=undone[instance.pk],
        )
        incidents.observe(
            f"bison_suppressions_unkept:{instance.slug}",
            ok=not unkept[instance.pk],
            title=Saying(UNKEPT, facts),
            what_to_do=UNKEPT_HOW,
            facts=facts,
            affected=unkept[instance.pk],
        )
