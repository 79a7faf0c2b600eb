"""Which workspaces there are at an instance: each gets an entry, named as the vendor names it;
nothing is deleted.

What is listed no more is marked as gone, and only by a list that was read whole:
a page that repeats rows or ends early proves nothing of what it does not show.
"""

from collections.abc import Collection, Mapping
from itertools import chain, count
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bison import naming
from bison.client import client_of
from bison.instances import declaring, listing
from bison.models import Instance, Workspace
from core import locks, runs, vendors
from core.http import CallContext
from core.runs.attempt import Work

LONGEST_NAME: Final = 200
NOT_WHOLE: Final = _(
    "Email Bison's list of workspaces changed or broke off while it was read, so nothing is marked "
    "as gone. Try again."
)

KIND: Final = runs.Kind(
    "bison.discover",
    _("Look for workspaces"),
    work="bison.instances.discovering.work",
    words={
        "workspaces": _("Workspaces"),
        "at_vendor": _("At Email Bison"),
        "here": _("In Koppel"),
        "new": _("New"),
        "renamed": _("Renamed"),
        "gone": _("Gone"),
        "back": _("Listed again"),
        "unchanged": _("Unchanged"),
        "missing": _("Missing"),
    },
    so_far=("workspaces",),
    lock="bison.discover",
    vouches=True,
)


def start(instance: Instance, *, trigger: str, started_by: Any = None) -> runs.Started:
    """Look for the instance's workspaces, or join the run that does so."""
    return runs.start(KIND, instance, trigger=trigger, started_by=started_by)


def work(run: Work) -> None:
    """Read the list, bring the registry to it, and vouch for that."""
    instance = Instance.objects.select_related("account").get(pk=run.subject_id)
    listed = _read(run, instance)
    counted = _store(instance, listed)
    run.progress(done=len(listed.names), total=listed.total)
    run.add(counts={"workspaces": len(listed.names)}, outcomes=counted)
    registered = Workspace.objects.filter(
        instance=instance, bison_workspace_id__in=list(listed.names), gone_at=None
    ).count()
    run.evidence(at_vendor=listed.total, here=registered, new=counted["new"], gone=counted["gone"])
    run.vouch(
        at_vendor=listed.total,
        in_koppel=registered,
        missing=max(0, listed.total - registered),
        new=counted["new"],
        gone=counted["gone"],
    )
    if not listed.is_whole:
        run.incomplete(NOT_WHOLE)


def _read(run: Work, instance: Instance) -> listing.Listed:
    with vendors.watched(instance.account) as values:
        context = CallContext(
            run_id=run.run.pk,
            instance=instance.slug,
            api_key_type=Workspace.KeyType.SUPER_ADMIN,
            function_name="discover",
            triggered_by=run.run.trigger,
        )
        address, key = values.text("base_url"), declaring.active_key(values)
        return listing.workspaces(client_of(address, key, context, on_answer=values.note_answer))


def _store(instance: Instance, listed: listing.Listed) -> dict[str, int]:
    """Bring the registry to the list; how many were new, renamed, back, gone, and as they were."""
    counted = dict.fromkeys(("new", "renamed", "back", "gone", "unchanged"), 0)
    with transaction.atomic():
        # Two instances whose workspaces bear one name take it one after another.
        locks.hold("bison.discover")
        existing = {
            row.bison_workspace_id: row
            for row in Workspace.objects.select_for_update(of=("self",))
            .filter(instance=instance)
            .order_by("pk")
        }
        names = _names(instance, listed.names, existing)
        made = [
            Workspace(instance=instance, bison_workspace_id=number, workspace_name=name)
            for number, name in names.items()
            if number not in existing
        ]
        _rename(existing, names, counted)
        Workspace.objects.bulk_create(made)
        counted["new"] = len(made)
        if listed.is_whole:
            gone = [
                row.pk
                for number, row in existing.items()
                if number not in names and row.gone_at is None
            ]
            counted["gone"] = Workspace.objects.filter(pk__in=gone).update(gone_at=timezone.now())
        Instance.objects.filter(pk=instance.pk).update(last_discovered_at=timezone.now())
    return counted


def _rename(
    existing: Mapping[int, Workspace], names: Mapping[int, str], counted: dict[str, int]
) -> None:
    changed = [
        row
        for number, row in existing.items()
        if number in names and row.workspace_name != names[number]
    ]
    naming.note({row: names[row.bison_workspace_id] for row in changed})
    # Two that exchanged their names: each lets go of its own first.
    for row in changed:
        Workspace.objects.filter(pk=row.pk).update(workspace_name=f"#{row.pk}")
    for number, row in existing.items():
        if number not in names:
            continue
        outcome = "unchanged"
        if row.gone_at is not None:
            outcome = "back"
        elif row.workspace_name != names[number]:
            outcome = "renamed"
        counted[outcome] += 1
        if outcome != "unchanged":
            Workspace.objects.filter(pk=row.pk).update(
                workspace_name=names[number], gone_at=None, updated_at=timezone.now()
            )


def _names(
    instance: Instance, listed: Mapping[int, str], existing: Mapping[int, Workspace]
) -> dict[int, str]:
    """Return what each is called here: as there, unless another workspace is called so already."""
    ours = {row.pk for number, row in existing.items() if number in listed}
    taken = set(Workspace.objects.exclude(pk__in=ours).values_list("workspace_name", flat=True))
    names: dict[int, str] = {}
    for number, name in sorted(listed.items()):
        names[number] = free_name(name, instance, number, taken)
        taken.add(names[number])
    return names


def free_name(name: str, instance: Instance, number: int, taken: Collection[str]) -> str:
    """Return the first name that nobody has: as it is, with its instance, with its number,
    and then counted on.
    """
    suffixes = ["", f" ({instance.slug})", f" ({instance.slug} {number})"]
    again = (f" ({instance.slug} {number}, {time})" for time in count(2))
    return next(
        found for suffix in chain(suffixes, again) if (found := _with(name, suffix)) not in taken
    )


def _with(name: str, suffix: str) -> str:
    return f"{name[: LONGEST_NAME - len(suffix)]}{suffix}"
