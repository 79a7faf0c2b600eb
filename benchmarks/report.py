"""Aligned lines: what was measured, ours, the reference of the same run, the ratio,
and what it should be.
"""

from dataclasses import dataclass

HEAD = ("what", "ours", "reference", "ratio", "floor", "goal")
WIDTHS = (46, 14, 14, 8, 7, 7)


@dataclass(frozen=True)
class Line:
    """One figure. `ratio` is how many times better ours is;
    floors and goals come from the design's table.
    """

    what: str
    ours: str
    reference: str = ""
    ratio: float | None = None
    floor: float | None = None
    goal: float | None = None

    def cells(self) -> tuple[str, ...]:
        return (
            self.what,
            self.ours,
            self.reference,
            *(_times(value) for value in (self.ratio, self.floor, self.goal)),
        )

    @property
    def under_floor(self) -> bool:
        return self.ratio is not None and self.floor is not None and self.ratio < self.floor


def show(title: str, lines: list[Line]) -> bool:
    """Print them; return whether every floor is met."""
    print(f"\n{title}")
    print(_aligned(HEAD))
    for line in lines:
        print(
            _aligned(line.cells()) + ("   UNDER THE FLOOR" if line.under_floor else ""), flush=True
        )
    return not any(line.under_floor for line in lines)


def _times(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}x"


def _aligned(cells: tuple[str, ...]) -> str:
    first, *others = zip(cells, WIDTHS, strict=True)
    return first[0].ljust(first[1]) + "".join(text.rjust(width) for text, width in others)
