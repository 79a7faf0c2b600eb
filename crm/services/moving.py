"""Rows that name one person and are to name another: moved in a merge's transaction,
and back in its undoing's.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import Model

from crm.models import Appointment, Contact, FormerAddress, Lead, Merge

# What of this app's own names a lead, and what names a contact.
OWN: Final[dict[type[Model], Sequence[type[Model]]]] = {
    Lead: (Appointment, Contact, Merge, FormerAddress),
    Contact: (Merge, FormerAddress),
}


class Moving:
    """One way from a person to another; `back`: only these rows,
    of those that still name the first.
    """

    def __init__(
        self,
        kind: type[Model],
        source: UUID,
        target: UUID,
        back: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.kind, self.source, self.target, self.back = kind, source, target, back
        self.moved: dict[str, list[str]] = {}

    @property
    def column(self) -> str:
        """The name under which rows name a person of this kind."""
        return str(self.kind._meta.model_name)

    def follow(self, model: type[Model]) -> list[Any]:
        """Have the rows of a model name the other person; return the ids of those that did."""
        label = model._meta.label_lower
        rows = model._default_manager.filter(**{f"{self.column}_id": self.source})
        if self.back is not None:
            rows = rows.filter(pk__in=self.back.get(label, ()))
        found = list(rows.order_by("pk").values_list("pk", flat=True))
        if found:
            model._default_manager.filter(pk__in=found).update(**{f"{self.column}_id": self.target})
            self.moved[label] = [str(key) for key in found]
        return found

    def missing(self) -> int:
        """Return how many rows did not go back: they name somebody else by now, or are gone."""
        if self.back is None:
            return 0
        return sum(len(keys) for keys in self.back.values()) - sum(
            len(keys) for keys in self.moved.values()
        )
