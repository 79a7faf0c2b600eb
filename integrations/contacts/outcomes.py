"""What became of records, in the words and the numbers of a run."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from integrations.contacts.deciding import (
    Conflict,
    Create,
    Decision,
    Fail,
    Skip,
    Theirs,
    Unchanged,
    Update,
)
from integrations.contacts.mapping import EMAIL, NAME
from integrations.contacts.people import Person

PREVIEWED: Final = 50
# The numbers that every sync says, 0 or not.
COUNTED: Final = (
    "pulled",
    "created",
    "updated",
    "unchanged",
    "conflicts",
    "skipped",
    "pushed",
    "errors",
)
CREATED, UPDATED, UNCHANGED, CONFLICT = "created", "updated", "unchanged", "conflict"
SKIPPED, ERROR = "skipped_", "error_"
_COUNTS: Final = {
    CREATED: "created",
    UPDATED: "updated",
    UNCHANGED: "unchanged",
    CONFLICT: "conflicts",
}


@dataclass(slots=True)
class Taken:
    """What became of records: how often each outcome, what was seen,
    and examples of what changes.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    latest: datetime | None = None
    preview: list[dict[str, Any]] = field(default_factory=list, repr=False)

    def counts(self) -> Counter[str]:
        """Return the numbers that a run says."""
        counts: Counter[str] = Counter(pulled=sum(self.outcomes.values()))
        for outcome, number in self.outcomes.items():
            counts[count_of(outcome)] += number
        return counts


def count_of(outcome: str) -> str:
    """Return which number of a run an outcome belongs to."""
    if outcome.startswith(SKIPPED):
        return "skipped"
    if outcome.startswith(ERROR):
        return "errors"
    return _COUNTS[outcome]


def outcome_of(decision: Decision) -> str:
    """Return the word for a decision."""
    if isinstance(decision, Skip):
        return f"{SKIPPED}{decision.reason}"
    if isinstance(decision, Fail):
        return f"{ERROR}{decision.reason}"
    return {Create: CREATED, Update: UPDATED, Conflict: CONFLICT, Unchanged: UNCHANGED}[
        type(decision)
    ]


def example(outcome: str, theirs: Theirs, person: Person | None) -> dict[str, Any]:
    """Return one line of a preview."""
    fields = sorted(person.changed) if person is not None else []
    name = theirs.values.get(NAME) or theirs.id
    return {
        "outcome": outcome,
        "name": name[:100],
        "email": theirs.values.get(EMAIL, ""),
        "fields": fields,
    }
