"""What is written, in batches: none has the same contact twice,
as vendors refuse such a batch whole.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Row = TypeVar("Row")


def batches(rows: Sequence[Row], most: int, name_of: Callable[[Row], str]) -> Iterator[list[Row]]:
    """Yield the rows in batches of at most so many; one whose name is in a batch already
    comes in a later one.
    """
    left = list(rows)
    while left:
        batch: dict[str, Row] = {}
        rest: list[Row] = []
        for row in left:
            name = name_of(row)
            if name in batch or len(batch) >= most:
                rest.append(row)
            else:
                batch[name] = row
        yield list(batch.values())
        left = rest
