"""The reps that a person may choose from: all of a few in the page,
of many those whose name is being typed.
"""

from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Lower

from core.models import User
from crm import access
from crm.models import SalesRep

# So many are read through in a list; more are looked for by typing.
FEW: Final = 20
OPTIONS_SHOWN: Final = 20


@dataclass(frozen=True)
class RepChoice:
    """`few` are all reps where they are not many. `chosen` are those whom an address means
    by id or by name.
    """

    few: list[tuple[UUID, str]] = field(default_factory=list)
    is_many: bool = False
    chosen: list[tuple[UUID, str]] = field(default_factory=list)

    @property
    def ids(self) -> list[UUID]:
        return [key for key, _name in self.chosen]

    @property
    def text(self) -> str:
        """Return the name of whoever is chosen."""
        if not self.chosen:
            return ""
        return self.chosen[0][1]


def choice(reps: QuerySet[SalesRep], entered: str) -> RepChoice:
    """Return what there is to choose from among these reps, and whom `entered` means."""
    named = reps.order_by("name", "pk").values_list("pk", "name")
    few = list(named[: FEW + 1])
    is_many = len(few) > FEW
    if not entered:
        return RepChoice([] if is_many else few, is_many)
    if not is_many:
        return RepChoice(few, chosen=[row for row in few if str(row[0]) == entered])
    return RepChoice(is_many=True, chosen=_meant(reps, entered.strip()))


def _meant(reps: QuerySet[SalesRep], entered: str) -> list[tuple[UUID, str]]:
    """Find the rep of this id; else all of exactly this name; else all whose name has it in it."""
    try:
        return list(reps.filter(pk=UUID(entered)).values_list("pk", "name"))
    except ValueError:
        pass
    named = reps.annotate(small=Lower("name")).order_by("name", "pk").values_list("pk", "name")
    return list(named.filter(small=entered.lower())) or list(
        named.filter(name__icontains=entered)[:OPTIONS_SHOWN]
    )


def options(user: User, scope: UUID | None, words: str, *, at_work: bool) -> dict[str, Any]:
    """Return the reps whose name or address has these words, for whoever is typing.
    `at_work`: nobody who has left.
    """
    found = access.reps_for(user, scope)
    if at_work:
        found = found.filter(archived_at=None)
    if words:
        found = found.filter(name__icontains=words) | found.filter(email__icontains=words)
    rows = list(
        found.order_by("name", "pk").values_list("pk", "name", "email", "organization__name")[
            : OPTIONS_SHOWN + 1
        ]
    )
    shown = [
        {"value": str(key), "label": name, "hint": email if scope else f"{email} · {organization}"}
        for key, name, email, organization in rows[:OPTIONS_SHOWN]
    ]
    return {"options": shown, "more": len(rows) > OPTIONS_SHOWN}
