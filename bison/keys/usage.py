"""Where a key is used: by which workspaces and jobs it was called with lately,
and what else hangs on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from bison import naming
from bison.client import VENDOR
from bison.models import Workspace
from core.http.call_log import last_8
from core.masking import Secret
from core.models import Run
from core.outgoing import keys
from core.outgoing.keys import Use
from core.secrets.crypto import CannotOpen

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Usage:
    """What is known of the last thirty days; the log keeps the last eight characters of a key,
    and no addresses.
    """

    key: str = ""
    since: datetime | None = None
    calls: Sequence[Use] = ()
    runs: Sequence[Run] = ()
    # Workspaces that have the very same key.
    workspaces: Sequence[str] = ()
    # Workspaces whose webhook was registered with it, or would be.
    webhooks: Sequence[str] = ()
    last_call_at: datetime | None = field(default=None)

    @property
    def functions(self) -> list[str]:
        return sorted({each.function_name for each in self.calls if each.function_name})

    @property
    def total(self) -> int:
        return sum(each.calls for each in self.calls)

    def as_facts(self) -> dict[str, Any]:
        """Return it as the audit log keeps it."""
        return {
            "workspaces": sorted({*self.workspaces, *(each.workspace_name for each in self.calls)})[
                :MOST
            ],
            "functions": self.functions,
            "webhooks": list(self.webhooks),
            "runs": [str(run.pk) for run in self.runs],
            "calls": self.total,
            "last_call_at": self.last_call_at,
        }


def where_used(workspace: Workspace) -> Usage:
    """Return where the workspace's own key is used; nothing where it has none."""
    if workspace.bison_api_key is None:
        return Usage()
    return of_key(workspace.bison_api_key, workspace.key_fingerprint)


def of_key(key: Secret, mark: str) -> Usage:
    """Return where a key is used."""
    try:
        ends = last_8(key.reveal())
    except CannotOpen:
        return Usage()
    found = keys.used(VENDOR, ends, most=MOST)
    owners = Workspace.objects.filter(key_fingerprint=mark).order_by("workspace_name")
    return Usage(
        key=ends,
        since=found.since,
        calls=_by_present_names(found.uses),
        runs=list(Run.objects.filter(pk__in=found.run_ids).order_by("-created_at")),
        workspaces=[row.workspace_name for row in owners],
        webhooks=[row.workspace_name for row in owners if row.bison_webhook_id is not None],
        last_call_at=max((each.last_call_at for each in found.uses), default=None),
    )


def _by_present_names(uses: Sequence[Use]) -> list[Use]:
    """Return them with what the workspaces are called now, each job and workspace once."""
    names = naming.present({(use.workspace_name, use.last_call_at) for use in uses})
    if not names:
        return list(uses)
    found: dict[tuple[str, str, str], Use] = {}
    for use in uses:
        name = names.get((use.workspace_name, use.last_call_at), use.workspace_name)
        place = (name, use.function_name, use.triggered_by)
        known = found.get(place)
        found[place] = replace(use, workspace_name=name)
        if known is not None:
            found[place] = _both(known, found[place])
    return sorted(found.values(), key=lambda use: -use.calls)


def _both(first: Use, second: Use) -> Use:
    return replace(
        first,
        calls=first.calls + second.calls,
        last_call_at=max(first.last_call_at, second.last_call_at),
    )
