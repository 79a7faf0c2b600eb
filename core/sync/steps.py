"""One step of a walk through a vendor's list."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

Item = TypeVar("Item")
Place = TypeVar("Place")


@dataclass(frozen=True, slots=True)
class Step(Generic[Item, Place]):
    """What one page held, or several that are stored together, and the place from which a walk
    goes on after it.

    `size` in bytes; `total`: how many the vendor says that its whole list has, where it does.
    """

    items: Sequence[Item] = field(repr=False)
    place: Place
    asked_at: datetime
    pages: int = 1
    size: int = 0
    total: int | None = None
