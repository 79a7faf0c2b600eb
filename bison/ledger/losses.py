"""The incident of an instance about interested replies that no webhook brought:
one for all of its workspaces.
"""

from collections.abc import Mapping
from datetime import UTC, timedelta
from typing import Final

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison.models import Instance, LedgerDay
from core import incidents
from core.words.sayings import Saying

# So long an instance's losses are looked at once they were told.
DAYS: Final = 2
ALL_ARE_IN_KOPPEL: Final = _(
    "Interested replies of %(name)s never arrived: %(count)d. All are here now."
)
SOME_ARE_MISSING: Final = _(
    "Interested replies of %(name)s never arrived: %(count)d. Missing still: %(missing)d."
)
ALL_OF_SEVERAL: Final = _(
    "Interested replies of %(name)s and other workspaces never arrived: %(count)d. "
    "All are here now."
)
SOME_OF_SEVERAL: Final = _(
    "Interested replies of %(name)s and other workspaces never arrived: %(count)d. Missing "
    "still: %(missing)d."
)
WHAT_TO_DO: Final = _(
    "Check the webhooks of these workspaces, and repair them. The ledger shows each day."
)


def report(instance: Instance, new: Mapping[str, int]) -> None:
    """Say of an instance what its webhooks did not bring; `new`: by workspace,
    what this check found first.
    """
    counts = {**_recent(instance), **{name: count for name, count in new.items() if count}}
    missing = _missing(instance)
    worst = sorted(counts, key=lambda name: (-counts[name], name))
    incidents.observe(
        f"bison_replies:{instance.slug}",
        ok=not counts,
        title=_title(worst, sum(counts.values()), missing),
        what_to_do=WHAT_TO_DO,
        facts={"workspaces": {name: counts[name] for name in worst[:100]}, "missing": missing},
        affected=worst,
    )


def _title(worst: list[str], count: int, missing: int) -> Saying:
    """Name the workspace that lost most; that there are others too is in the words."""
    all_words, some_words = ALL_ARE_IN_KOPPEL, SOME_ARE_MISSING
    if len(worst) > 1:
        all_words, some_words = ALL_OF_SEVERAL, SOME_OF_SEVERAL
    facts = {"name": worst[0] if worst else "", "count": count}
    if missing:
        return Saying(some_words, {**facts, "missing": missing})
    return Saying(all_words, facts)


def _recent(instance: Instance) -> dict[str, int]:
    """Return by workspace what was not brought of the last days."""
    since = timezone.now().astimezone(UTC).date() - timedelta(days=DAYS - 1)
    days = LedgerDay.objects.filter(workspace__instance=instance, day__gte=since, undelivered__gt=0)
    found = days.order_by().values("workspace__workspace_name").annotate(count=Sum("undelivered"))
    return {row["workspace__workspace_name"]: row["count"] for row in found}


def _missing(instance: Instance) -> int:
    found = LedgerDay.objects.filter(workspace__instance=instance, missing__gt=0).aggregate(
        count=Sum("missing")
    )
    return int(found["count"] or 0)
