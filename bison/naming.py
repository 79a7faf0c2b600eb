"""What workspaces were called: the logs know them by name, and the vendor's names change.

A name means the workspace that took it last, from then on. So a call that a running job makes under
the name that its workspace had a moment ago is still that workspace's, and a name that another
has taken since shows none of the other's calls.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from bison.models import NameTaken, Workspace
from core.outgoing import Name

# A name in the log, and when it was used.
Use = tuple[str, datetime]
# Who took a name, and since when.
Takers = list[tuple[datetime, UUID]]


def note(renamed: Mapping[Workspace, str]) -> None:
    """Note the new names of these, which still have the old ones; in the renaming's transaction."""
    known = set(
        NameTaken.objects.filter(workspace__in=renamed).values_list("workspace_id", flat=True)
    )
    now = timezone.now()
    rows = [
        NameTaken(workspace=row, name=row.workspace_name, since=row.created_at)
        for row in renamed
        if row.pk not in known
    ]
    rows += [NameTaken(workspace=row, name=name, since=now) for row, name in renamed.items()]
    NameTaken.objects.bulk_create(rows)


def by_name(name: str) -> tuple[Name, ...]:
    """Return all that the workspace of this name was called; the name where it is nobody's."""
    if not name:
        return ()
    workspace = Workspace.objects.filter(workspace_name=name).only("created_at").first()
    if workspace is None:
        return (Name(name),)
    return of(workspace, name)


def of(workspace: Workspace, name: str = "") -> tuple[Name, ...]:
    """Return all that a workspace was called, and when."""
    name = name or workspace.workspace_name
    own = NameTaken.objects.filter(workspace=workspace).values("name")
    takers = _takers(NameTaken.objects.filter(name__in=own) | NameTaken.objects.filter(name=name))
    if not takers:
        return (Name(name),)
    return tuple(
        found for text, each in takers.items() for found in _times(text, each, workspace.pk)
    )


def present(uses: Collection[Use]) -> dict[Use, str]:
    """Return what the workspaces are called now that were meant by these names at these moments;
    nothing of names that were never given up.
    """
    takers = _takers(NameTaken.objects.filter(name__in={name for name, _at in uses}))
    if not takers:
        return {}
    pks = {taker for each in takers.values() for _since, taker in each}
    names = dict(Workspace.objects.filter(pk__in=pks).values_list("pk", "workspace_name"))
    return {(name, at): names[_taker(takers[name], at)] for name, at in uses if name in takers}


def _takers(rows: QuerySet[NameTaken]) -> dict[str, Takers]:
    """Return who took each of the names, the first taker first."""
    found: dict[str, Takers] = defaultdict(list)
    for name, since, taker in rows.values_list("name", "since", "workspace_id"):
        found[name].append((since, taker))
    if not found:
        return found
    bearers = Workspace.objects.filter(workspace_name__in=found)
    for name, since, taker in bearers.values_list("workspace_name", "created_at", "pk"):
        # Whoever came with a name that another had given up was never renamed.
        if taker not in {known for _since, known in found[name]}:
            found[name] = sorted([*found[name], (since, taker)])
    return found


def _times(text: str, takers: Takers, taker: UUID) -> Iterator[Name]:
    """Give the times in which a name meant this workspace. Before its first taker it meant that."""
    for number, (since, found) in enumerate(takers):
        if found != taker:
            continue
        until = None
        if number + 1 < len(takers):
            until = takers[number + 1][0]
        yield Name(text, since if number else None, until)


def _taker(takers: Takers, at: datetime) -> UUID:
    earlier = [taker for since, taker in takers if since <= at]
    return earlier[-1] if earlier else takers[0][1]
