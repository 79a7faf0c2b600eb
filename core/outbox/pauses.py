"""How long something rests after each failed attempt, and which attempt is the last."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self


@dataclass(frozen=True)
class Pauses:
    """A pause after each failed attempt but the last: the attempt after the last pause is that.

    With a `spread` of 0.2 each is between 0.8 and 1.2 of itself, so that what failed together
    does not come back together. A longer Retry-After is heeded, up to `longest_asked` where
    there is one.
    """

    table: Sequence[timedelta]
    spread: float = 0.0
    longest_asked: timedelta | None = None

    @classmethod
    def growing(cls, first: timedelta, times: int, factor: float = 2, **options: Any) -> Self:
        """Return so many pauses, each longer than the one before by the factor."""
        return cls([first * factor**number for number in range(times)], **options)

    @property
    def attempts(self) -> int:
        """How often something is tried in all."""
        return len(self.table) + 1

    def after(self, attempt: int, retry_after: float | None = None) -> timedelta | None:
        """Return the pause after this attempt, counted from 1; None when it was the last."""
        if attempt >= self.attempts:
            return None
        spread = random.uniform(1 - self.spread, 1 + self.spread)  # noqa: S311 - spreads load
        asked = timedelta(seconds=retry_after or 0)
        if self.longest_asked is not None:
            asked = min(asked, self.longest_asked)
        return max(self.table[max(attempt, 1) - 1] * spread, asked)
