"""Response times in 64 steps, each 17 % longer than the one before:
from 4 ms to a minute and a half.

A percentile is known to within 8 %, of a few numbers however many calls there were,
and steps of many hours add up.
"""

from collections.abc import Mapping
from typing import Final

STEPS: Final = 64
FIRST_MS: Final = 4.0
GROWTH: Final = 1.17
# Where one step ends and the next begins.
BOUNDS: Final = tuple(round(FIRST_MS * GROWTH**number) for number in range(STEPS - 1))


def percentile(counts: Mapping[int, int], share: float) -> int | None:
    """Return the milliseconds within which this share of the calls were answered;
    None where there was none.
    """
    total = sum(counts.values())
    if not total:
        return None
    wanted = share * total
    seen = 0
    for step in sorted(counts):
        seen += counts[step]
        if seen >= wanted:
            return middle(step)
    return middle(max(counts))


def middle(step: int) -> int:
    """Return the milliseconds that stand for a step: in the middle of it, as ratios go."""
    return round(FIRST_MS * GROWTH ** (step - 0.5))
