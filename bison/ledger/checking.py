"""Every workspace's ledger: each hour of two days, and each night of all that the
vendor's log has whole.
"""

from collections import defaultdict
from datetime import UTC, timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison import evidence, rounds
from bison.ledger import comparing, keeping, losses, walking
from bison.models import Instance, Workspace
from bison.rounds import Result, State
from bison.session import session
from core import runs
from core.runs.attempt import Work
from core.runs.kinds import Kind, Wish

HOURLY_DAYS: Final = 2
NOT_ALL: Final = _(
    "Workspaces that could not be checked: %(count)d. Their last proof stands; the next "
    "round tries again."
)
KEY_PATIENCE: Final = 300.0


def covers(under_way: Wish, wish: Wish) -> bool:
    """Tell whether a check that is under way looks at all of these days."""
    return int(under_way.get("days", 0)) >= int(wish.get("days", 0))


KIND: Final = Kind(
    "bison.reply_ledger",
    _("Check of interested replies"),
    "bison.ledger.checking.work",
    words={
        "checked": _("Checked"),
        "complete": _("Complete"),
        "incomplete": _("Incomplete"),
        "refused": _("Refused"),
        "failed": _("Failed"),
        "fetched": _("Fetched"),
        "healed": _("Healed"),
        "never_delivered": _("Never delivered"),
        "events_at_vendor": _("Events at Email Bison"),
        "deliveries_seen": _("Deliveries that came in"),
        "workspaces": _("Workspaces"),
    },
    so_far=("checked",),
    lock="bison.reply_ledger",
    covers=covers,
    vouches=True,
)


def start(*, days: int = HOURLY_DAYS, trigger: str, started_by: Any = None) -> runs.Started:
    """Check so many days back, today included; one that is under way and looks at all
    of them is joined.
    """
    days = max(1, min(days, walking.WHOLE_DAYS))
    return runs.start(KIND, wish={"days": days}, trigger=trigger, started_by=started_by)


def work(run: Work) -> None:
    """Check each workspace, vouch for what was seen, and say of each instance
    what never arrived.
    """
    days = int(run.parameters.get("days", HOURLY_DAYS))
    workspaces = list(
        Workspace.objects.filter(gone_at=None)
        .select_related("instance__account", "organization")
        .order_by("workspace_name")
    )
    run.progress(total=len(workspaces))
    sums: dict[str, int] = defaultdict(int)
    results: list[Result] = []
    lost: dict[Any, dict[str, int]] = defaultdict(dict)
    failures = 0
    found = rounds.results(
        workspaces, lambda each: check(each, days, run), stops=lambda: run.cancelled
    )
    for number, result in enumerate(found, 1):
        workspace = result.workspace
        if not result.is_complete and result.reason is not None:
            keeping.failed(workspace, result.reason)
        failures += result.state in {State.FAILED, State.REFUSED}
        results.append(result)
        for name, count in result.facts.items():
            sums[name] += count
        lost[workspace.instance_id][workspace.workspace_name] = result.facts.get(
            "never_delivered", 0
        )
        run.progress(done=number)
        counts = {"checked": 1, "healed": result.facts.get("healed", 0)}
        run.add(counts=counts, outcomes={str(result.state): 1})
    _say_losses(lost)
    evidence.keep(run, "reply_ledger", results)
    run.evidence(days=days)
    run.must_add_up("checked")
    run.vouch(
        at_vendor=sums["at_vendor"],
        in_koppel=sums["here"],
        missing=sums["missing"],
        healed=sums["healed"],
        events_at_vendor=sums["events_at_vendor"],
        deliveries_seen=sums["deliveries_seen"],
    )
    if failures:
        run.incomplete(NOT_ALL, count=failures)


def check(workspace: Workspace, days: int, run: Work) -> Result:
    """Walk a workspace's days at the vendor, fetch what is missing, and keep what was seen."""
    last = timezone.now().astimezone(UTC).date()
    first = last - timedelta(days=days - 1)
    with session(
        workspace,
        function_name="bison.reply_ledger",
        triggered_by=run.run.trigger or "clock",
        run_id=run.run.pk,
        patience=KEY_PATIENCE,
    ) as at:
        walk = comparing.walk(at, workspace, first=first, last=last)
    kept = keeping.keep(workspace, walk)
    state = State.COMPLETE
    if kept.missing:
        state = State.INCOMPLETE
    return Result(workspace, state, facts=kept.facts())


def _say_losses(lost: dict[Any, dict[str, int]]) -> None:
    for instance in Instance.objects.filter(pk__in=list(lost)):
        losses.report(instance, lost[instance.pk])
