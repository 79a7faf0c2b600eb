"""What a round found, as incidents: one for each cause.

An instance that is down is one incident with the names of those whom it hits; what it causes is not
told again for each workspace. A workspace that fails by itself has its own. Two rounds in a row
open an incident and two close it, so that whatever goes to and fro tells nobody anything.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison.health.choosing import Asked, is_bad_key
from bison.models import Instance, Workspace
from bison.models.instances import Health
from core import incidents, vendors
from core.errors import RateLimited, VendorError
from core.models import Incident, Watch
from core.words.sayings import Saying

ROUNDS: Final = 2
# Fewer that fail alike may do so by chance.
ALIKE: Final = 3
OF_INSTANCE: Final = "bison_instance:"
OF_WORKSPACE: Final = "bison_workspace:"

INSTANCE_DOWN: Final = _("Email Bison at %(instance)s cannot be reached")
INSTANCE_ADVICE: Final = _(
    "%(error)s Calls to its workspaces fail until it answers again; syncs fetch what is "
    "missed afterwards."
)
MOST_FAIL: Final = _("Most workspaces of %(instance)s fail alike")
MOST_REFUSED: Final = _("Most workspaces' keys are refused at %(instance)s")
MOST_ADVICE: Final = _(
    "%(error)s %(count)d of %(total)d workspaces gave this. Look at the instance first."
)
WORKSPACE_FAILS: Final = _("Calls to the workspace %(workspace)s fail")
WORKSPACE_ADVICE: Final = _(
    "%(error)s Test its connection; its log of calls says what was answered."
)
KEY_REFUSED: Final = _("The key of the workspace %(workspace)s is refused")
KEY_ADVICE: Final = _(
    "%(error)s Have a new key made, or enter one; until then nothing of this workspace comes in."
)


@dataclass(slots=True)
class Found:
    """What a round found of one instance. `failure` is of its own call, None where that went well
    or was not made.
    """

    asked: Asked
    was_asked: bool = False
    failure: VendorError | None = None
    own: dict[Workspace, VendorError | None] = field(default_factory=dict)
    confirmed: dict[Workspace, VendorError | None] = field(default_factory=dict)

    @property
    def is_down(self) -> bool:
        """Whether its own call failed, and not for the key or a quota."""
        return (
            self.failure is not None and not is_bad_key(self.failure) and not is_busy(self.failure)
        )

    @property
    def alike(self) -> list[Workspace]:
        """Workspaces that fail alike, where these are more than half of those
        with keys of their own.
        """
        kinds = Counter(
            type(failure) for failure in self.own.values() if failure and not is_busy(failure)
        )
        for kind, count in kinds.most_common(1):
            if count >= ALIKE and count * 2 > len(self.own):
                return [
                    workspace for workspace, failure in self.own.items() if type(failure) is kind
                ]
        return []


def is_busy(failure: VendorError | None) -> bool:
    """Tell whether nothing was found out: too many calls, or somebody else has the turn."""
    return isinstance(failure, RateLimited)


def troubled() -> set[UUID]:
    """Return the workspaces of which a look was bad, and which are not all right again yet."""
    causes = Watch.objects.filter(cause__startswith=OF_WORKSPACE).values_list("cause", flat=True)
    return {UUID(cause.removeprefix(OF_WORKSPACE)) for cause in causes}


def settle(found: Iterable[Found]) -> None:
    """Open, keep and close what the round found; one look at each cause."""
    watched = troubled()
    known: set[UUID] = set()
    for part in found:
        of_instance = _of_instance(part)
        if not of_instance:
            _of_workspaces(part, watched)
        known |= _workspaces(part)
    for gone in watched - known:
        incidents.close(f"{OF_WORKSPACE}{gone}")


def _workspaces(part: Found) -> set[UUID]:
    return {workspace.pk for workspace in [*part.own, *part.asked.shared, *part.asked.refused]}


def _of_instance(part: Found) -> bool:
    """Look at the instance, and tell whether what its workspaces have is its fault."""
    if not part.was_asked and not part.own:
        _note_health(part.asked.instance, Health.UNKNOWN)
        return False
    alike = part.alike
    is_bad = part.is_down or bool(alike)
    incident = incidents.observe(
        f"{OF_INSTANCE}{part.asked.instance.slug}",
        ok=not is_bad,
        severity=Incident.Severity.CRITICAL,
        open_after=ROUNDS,
        close_after=ROUNDS,
        **_words_of_instance(part, alike),
    )
    _report_key(part)
    _note_health(part.asked.instance, _health(part, incident, is_bad=is_bad))
    return is_bad or incident is not None


def _words_of_instance(part: Found, alike: list[Workspace]) -> dict[str, Any]:
    facts = {"instance": part.asked.instance.name}
    if part.failure is not None and part.is_down:
        everybody = sorted(each.workspace_name for each in [*part.own, *part.asked.shared])
        return {
            "title": Saying(INSTANCE_DOWN, facts),
            "what_to_do": Saying(INSTANCE_ADVICE, {"error": part.failure.saying}),
            "affected": everybody,
            "facts": {"instance": part.asked.instance.slug, "workspaces": len(everybody)},
        }
    failure = part.own[alike[0]] if alike else None
    if failure is None:
        return {"title": ""}
    numbers = {"error": failure.saying, "count": len(alike), "total": len(part.own)}
    return {
        "title": Saying(MOST_REFUSED if is_bad_key(failure) else MOST_FAIL, facts),
        "what_to_do": Saying(MOST_ADVICE, numbers),
        "affected": sorted(workspace.workspace_name for workspace in alike),
        "facts": {"instance": part.asked.instance.slug, "workspaces": len(alike)},
    }


def _report_key(part: Found) -> None:
    """Tell the account what is known of its key now: a refused one is the
    account's own incident.
    """
    if not part.was_asked:
        return
    account = part.asked.instance.account
    if part.failure is not None and is_bad_key(part.failure):
        vendors.report(account, part.asked.values, part.failure.saying)
    elif part.failure is None:
        vendors.report(account, part.asked.values, None)


def _health(part: Found, incident: Incident | None, *, is_bad: bool) -> str:
    is_known_bad = is_bad and incident is not None
    if is_known_bad or is_bad_key(part.failure):
        return Health.FAILING
    if is_bad or incident is not None:
        return Health.DEGRADED
    if is_busy(part.failure):
        return part.asked.instance.health_status
    return Health.HEALTHY


def _note_health(instance: Instance, health: str) -> None:
    changed = Instance.objects.filter(pk=instance.pk).exclude(health_status=health)
    changed.update(health_status=health, health_since=timezone.now())


def _of_workspaces(part: Found, watched: set[UUID]) -> None:
    looks = {**part.own, **part.confirmed}
    bad = {
        workspace: failure
        for workspace, failure in looks.items()
        if failure and not is_busy(failure)
    }
    failing = _failing(bad)
    for workspace, failure in looks.items():
        if failure is None and workspace.pk in watched:
            incidents.observe(
                f"{OF_WORKSPACE}{workspace.pk}", ok=True, title="", close_after=ROUNDS
            )
    for workspace, failure in bad.items():
        severity = Incident.Severity.WARNING
        if workspace.pk in failing:
            severity = Incident.Severity.CRITICAL
        _observe(workspace, failure, severity)


def _failing(bad: Iterable[Workspace]) -> set[UUID]:
    """Return those that have failed too often in a row by now."""
    ids = [workspace.pk for workspace in bad]
    failing = Workspace.objects.filter(pk__in=ids, api_health_status=Health.FAILING)
    return set(failing.values_list("pk", flat=True))


def _observe(workspace: Workspace, failure: VendorError, severity: str) -> None:
    title, advice = WORKSPACE_FAILS, WORKSPACE_ADVICE
    if is_bad_key(failure):
        title, advice = KEY_REFUSED, KEY_ADVICE
    incidents.observe(
        f"{OF_WORKSPACE}{workspace.pk}",
        ok=False,
        title=Saying(title, {"workspace": workspace.workspace_name}),
        what_to_do=Saying(advice, {"error": failure.saying}),
        severity=severity,
        facts={"instance": workspace.instance.slug, "workspace": workspace.workspace_name},
        affected=[workspace.workspace_name],
        open_after=ROUNDS,
        close_after=ROUNDS,
    )
