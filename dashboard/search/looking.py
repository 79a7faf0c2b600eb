"""Every place that is looked in, in order."""

from typing import Final

from dashboard.search import operations, people, places, work
from dashboard.search.asking import Asked, Group, Look

# In this order: what people look for most stands first.
LOOKS: Final[tuple[Look, ...]] = (
    places.pages,
    people.leads,
    people.contacts,
    work.calls,
    work.meetings,
    people.reps,
    operations.workspaces,
    operations.connections,
    operations.incidents,
    operations.runs,
)


def find(asked: Asked) -> list[Group]:
    """Return what is found, by kind; nothing for less than two letters."""
    if not asked.is_enough:
        return []
    return [found for found in (look(asked) for look in LOOKS) if found.hits]
