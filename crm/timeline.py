"""Everything that happened with a lead, newest first: each app declares what it knows,
and this puts it in order.

A source is asked for so many entries before a place, of what the person who asks may see; the
timeline takes the newest of all of them. So a page costs a query or two for each source, however
long the story is.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat, Trim

from core.models import AuditEvent, User
from core.words.sayings import Text
from crm import access
from crm.models import Contact, Lead, Merge

MEETING, CALL, REPLY, MERGED, CHANGED = "meeting", "call", "reply", "merged", "changed"
KINDS: Final = (MEETING, CALL, REPLY, MERGED, CHANGED)
# The acts on a person that are told; a merge is told by its own row.
ACTS: Final = ("person.changed", "person.merge_undone")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `id` is that of the meeting, the call, the reply,
    the merge or the act.
    """

    kind: str
    id: UUID
    at: datetime
    title: Text = ""
    text: str = ""
    # A name of `core.words.states`; '' where nothing is to be told of it.
    state: str = ""
    outcome: str = ""
    # A call's: native or fathom.
    source: str = ""
    by: str = ""
    seconds: int | None = None
    # What is to be done, or which fields were changed.
    items: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended."""

    at: datetime
    id: UUID

    def before(self, column: str) -> Q:
        """Find rows older than this place, by the column that has their time."""
        return Q(**{f"{column}__lt": self.at}) | Q(**{column: self.at}, pk__lt=self.id)


Source = Callable[[User, Lead, Q, int], Iterable[Entry]]


@dataclass(frozen=True, slots=True)
class _Declared:
    column: str
    read: Source


_SOURCES: Final[dict[str, _Declared]] = {}


def declare(kind: str, column: str, read: Source) -> None:
    """Have entries of this kind told. `read` gets a condition on rows whose time
    stands in the column.
    """
    _SOURCES[kind] = _Declared(column, read)


def page(
    user: User, lead: Lead, *, before: Place | None = None, size: int = 50
) -> tuple[list[Entry], Place | None]:
    """Return the newest entries before a place that this person may see,
    and where the next page begins.
    """
    found: list[Entry] = []
    for source in _SOURCES.values():
        older = Q()
        if before is not None:
            older = before.before(source.column)
        found += source.read(user, lead, older, size + 1)
    found.sort(key=lambda entry: (entry.at, entry.id), reverse=True)
    following = None
    if len(found) > size:
        following = Place(found[size - 1].at, found[size - 1].id)
    return found[:size], following


def meetings(user: User, lead: Lead, older: Q, size: int) -> list[Entry]:
    """Tell of the meetings with a lead."""
    rows = access.appointments_for(user, lead.organization_id).filter(older, lead_id=lead.pk)
    rows = rows.select_related("closer__user").order_by("-starts_at", "-pk")[:size]
    return [
        Entry(
            MEETING,
            row.pk,
            row.starts_at,
            row.title,
            state=f"meeting.{row.status}",
            by=_name_of(row.closer.user) if row.closer else "",
        )
        for row in rows
    ]


def merges(_user: User, lead: Lead, older: Q, size: int) -> list[Entry]:
    """Tell who was found to be the same person."""
    rows = merges_of(lead)
    if older:
        shown = set(Merge.objects.filter(older, lead_id=lead.pk).values_list("pk", flat=True))
        rows = [row for row in rows if row.pk in shown]
    return [
        Entry(
            MERGED, row.pk, row.merged_at, row.other.get("name", ""), row.other.get("email", ""),
            by=_name_of(row.merged_by) if row.merged_by else "",
        )
        for row in rows[:size]
    ]  # fmt: skip


def merges_of(person: Lead | Contact) -> list[Merge]:
    """Return the merges of a person that stand, the newest first:
    read once for this very object.
    """
    known: list[Merge] | None = getattr(person, "known_merges", None)
    if known is None:
        rows = Merge.objects.filter(undone_at=None, **{f"{person._meta.model_name}_id": person.pk})
        known = list(rows.select_related("merged_by").order_by("-merged_at", "-pk"))
        person.known_merges = known  # type: ignore[union-attr]
    return known


def changes(_user: User, lead: Lead, older: Q, size: int) -> list[Entry]:
    """Tell what people changed, of those with whom the lead was merged too."""
    targets = [str(key) for key in (lead.pk, *(row.other_id for row in merges_of(lead)))]
    rows = AuditEvent.objects.filter(
        older, target_type=Lead._meta.label_lower, target_id__in=targets, action__in=ACTS
    )
    # What somebody is called now; the log keeps their username as it was.
    actors = User.objects.filter(pk=OuterRef("actor_id"))
    called = actors.values(called=Trim(Concat("first_name", Value(" "), "last_name")))
    return [
        Entry(
            CHANGED,
            row.pk,
            row.at,
            text=row.action,
            by=row.called or row.actor_name,
            items=_fields(row.facts),
        )
        for row in rows.annotate(called=Subquery(called[:1])).order_by("-at", "-pk")[:size]
    ]


def _fields(facts: dict[str, object]) -> tuple[str, ...]:
    changed = facts.get("changed")
    if not isinstance(changed, Sequence) or isinstance(changed, str):
        return ()
    return tuple(str(name) for name in changed)


def _name_of(user: User) -> str:
    return user.get_full_name() or user.get_username()


declare(MEETING, "starts_at", meetings)
declare(MERGED, "merged_at", merges)
declare(CHANGED, "at", changes)
