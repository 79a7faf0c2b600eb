"""Every fifteen minutes: one cheap call for each workspace, and what it says about them
and their instances.
"""

import time
from collections import Counter
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from bison.health import asking, choosing, incidents
from bison.health.choosing import Asked
from bison.health.incidents import Found
from bison.health.noting import CHECK
from bison.models import Workspace
from bison.session import session
from core import runs
from core.errors import VendorError
from core.http import flush
from core.runs.attempt import Work

# As many connections as are kept open to one host.
AT_ONCE: Final = 100
# How long a switch waits for its turn with the key: a sync that has it goes first.
PATIENCE: Final = 2.0
SECONDS_BETWEEN_NEWS: Final = 1.0

KIND: Final = runs.Kind(
    "bison.health",
    _("Health of Email Bison"),
    work="bison.health.round.work",
    words={
        "asked": _("Asked"),
        "healthy": _("Healthy"),
        "failed": _("Failed"),
        "bad_key": _("Key refused"),
        "busy": _("Not asked: too many calls"),
        "by_shared_key": _("Spoken for by the shared key"),
        "without_key": _("Without a key that may be used"),
        "confirmed": _("Confirmed by a switch"),
        "instances": _("Instances"),
    },
    so_far=("asked",),
)


def start(*, trigger: str, started_by: Any = None) -> runs.Started:
    """Return the run of a round, or the one that is under way."""
    return runs.start(KIND, trigger=trigger, started_by=started_by)


def work(run: Work) -> None:
    """Ask everybody, confirm a few, and settle what is wrong."""
    if run.start_from:
        # An attempt that reported and died before its end has done all.
        return
    found = {asked.instance.pk: Found(asked) for asked in choosing.plan()}
    _ask(run, found)
    if run.cancelled:
        return
    for part in found.values():
        _confirm(run, part)
    # From here on each workspace's health is what this round found.
    flush()
    incidents.settle(found.values())
    _report(run, list(found.values()))


def _ask(run: Work, found: dict[Any, Found]) -> None:
    questions = [question for part in found.values() for question in part.asked.questions]
    run.progress(total=len(questions))
    news_at = time.monotonic()
    looks = asking.look_at_all(
        questions, at_once=AT_ONCE, run_id=run.run.pk, triggered_by=run.run.trigger
    )
    for number, look in enumerate(looks, 1):
        part = found[look.question.instance.pk]
        if look.question.workspace is None:
            part.was_asked, part.failure = True, look.failure
        else:
            part.own[look.question.workspace] = look.failure
        if time.monotonic() - news_at >= SECONDS_BETWEEN_NEWS:
            news_at = time.monotonic()
            run.progress(done=number)
            if run.cancelled:
                looks.close()
                return


def _confirm(run: Work, part: Found) -> None:
    """Switch to some of those that share the key; not while the key is of no use anyway."""
    if not part.was_asked or part.failure is not None:
        return
    for workspace in choosing.to_confirm(part.asked, incidents.troubled()):
        part.confirmed[workspace] = _switched(workspace, run)


def _switched(workspace: Workspace, run: Work) -> VendorError | None:
    trigger, run_id = run.run.trigger, run.run.pk
    try:
        with session(
            workspace, function_name=CHECK, triggered_by=trigger, run_id=run_id, patience=PATIENCE
        ):
            # To have entered is to have been there: the session asks where it is.
            return None
    except VendorError as error:
        return error


def _report(run: Work, found: list[Found]) -> None:
    """Say in numbers what was found, each workspace once."""
    outcomes: Counter[str] = Counter()
    for part in found:
        outcomes.update(_outcome(failure) for failure in {**part.own, **part.confirmed}.values())
        outcomes["by_shared_key"] += len(_spoken_for(part.asked, part))
        outcomes["without_key"] += len(part.asked.refused)
    asked = sum(len(part.own) + len(part.asked.shared) + len(part.asked.refused) for part in found)
    with transaction.atomic():
        run.progress(done=sum(len(part.asked.questions) for part in found))
        run.add(
            counts={"asked": asked, "confirmed": sum(len(part.confirmed) for part in found)},
            outcomes={name: count for name, count in outcomes.items() if count},
        )
        run.evidence(instances={part.asked.instance.slug: _of_instance(part) for part in found})
        run.checkpoint({"reported": True})
    run.must_add_up("asked")


def _spoken_for(asked: Asked, part: Found) -> list[Workspace]:
    return [workspace for workspace in asked.shared if workspace not in part.confirmed]


def _outcome(failure: VendorError | None) -> str:
    if failure is None:
        return "healthy"
    if incidents.is_busy(failure):
        return "busy"
    if choosing.is_bad_key(failure):
        return "bad_key"
    return "failed"


def _of_instance(part: Found) -> str:
    if not part.was_asked:
        return "not_asked"
    return _outcome(part.failure)
