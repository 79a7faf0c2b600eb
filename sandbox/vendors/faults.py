"""Faults that can be switched on, for one vendor, path, method, and number of times.

latency         wait `seconds` first; all else as usual
unauthorized    401
forbidden       403
not_found       404
rate_limited    429 with Retry-After: `retry_after`
error           `status` (500)
html            a web page with `status` (200)
empty           `status` (200) without a body
malformed       JSON that breaks off, correctly framed
cut             the connection ends in the middle of the body
drip            the body a byte at a time, `seconds` apart
duplicate_page  the page before is served again, and then the right one
looping_cursor  the list never ends: the next page is always the first
changed_rows    between two pages `shift` rows came in at the front (negative: went away)
"""

import itertools
import threading
from dataclasses import asdict, dataclass, field
from typing import Any

STATUS = {
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "rate_limited": 429,
    "error": 500,
}
KINDS = {
    *STATUS,
    "latency",
    "html",
    "empty",
    "malformed",
    "cut",
    "drip",
    "duplicate_page",
    "looping_cursor",
    "changed_rows",
}
_numbers = itertools.count(1)


@dataclass
class Fault:
    """One fault: where it holds (an empty condition holds everywhere) and how often still (None:
    until it is ended).
    """

    vendor: str
    kind: str
    path: str = ""
    method: str = ""
    after: int = 0
    times: int | None = None
    status: int | None = None
    seconds: float = 1.0
    retry_after: str = "1"
    shift: int = 1
    id: int = field(default_factory=lambda: next(_numbers))

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"No such fault: {self.kind}")

    def meets(self, vendor: str, method: str, path: str) -> bool:
        return (
            self.vendor in {"", vendor}
            and self.method in {"", method}
            and path.startswith(self.path)
        )

    def answer_status(self) -> int:
        return self.status or STATUS.get(self.kind, 200)


class Faults:
    """Those that are on, in the order in which they were switched on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on: list[Fault] = []

    def switch_on(self, fault: Fault) -> Fault:
        with self._lock:
            self._on.append(fault)
        return fault

    def switch_off(self, vendor: str = "") -> None:
        with self._lock:
            self._on = [fault for fault in self._on if vendor and fault.vendor != vendor]

    def end(self, number: int) -> None:
        """Switch a fault off, by its id."""
        with self._lock:
            self._on = [fault for fault in self._on if fault.id != number]

    def take(self, vendor: str, method: str, path: str) -> list[Fault]:
        """Return the faults that this request meets; each of them is used once by that."""
        with self._lock:
            met = [fault for fault in self._on if fault.meets(vendor, method, path)]
            due = [fault for fault in met if fault.after <= 0]
            for fault in met:
                if fault.after > 0:
                    fault.after -= 1
                elif fault.times is not None:
                    fault.times -= 1
            self._on = [fault for fault in self._on if fault.times is None or fault.times > 0]
        return due

    def as_json(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._on]
