"""What can be synced of a workspace: each part is a function of a session that gives what it
found, with its proof.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from bison.models import Workspace, WorkspaceResult
from bison.session import Session
from core.words.sayings import Saying

State = WorkspaceResult.State
NOT_ALL: Final = _(
    "Email Bison lists %(at_vendor)d, of which %(in_koppel)d are in Koppel. The next "
    "sync tries again."
)


@dataclass(frozen=True, slots=True)
class Span:
    """Days, the first and the last included; None where there is no limit."""

    first: date | None = None
    last: date | None = None

    def has(self, day: date) -> bool:
        if self.first is not None and day < self.first:
            return False
        return self.last is None or day <= self.last

    def days(self) -> Iterator[date]:
        """Give each day of a span that has both ends."""
        if self.first is None or self.last is None:
            raise ValueError("This span has no ends")
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)

    def months(self) -> Iterator["Span"]:
        """Give the span cut where months end."""
        first = self.first
        if first is None or self.last is None:
            return
        while first <= self.last:
            following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
            yield Span(first, min(self.last, following - timedelta(days=1)))
            first = following


@dataclass(frozen=True, slots=True)
class Found:
    """What a part found: how many the vendor has, how many are in Koppel by our own count,
    and what was left out.

    `outcomes` are added to the run's. `reason`: why it is not proved, whatever the numbers say.
    """

    at_vendor: int | None
    in_koppel: int
    left_out: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[str, int] = field(default_factory=dict)
    reason: Saying | None = None

    @property
    def is_proved(self) -> bool:
        accounted = self.in_koppel + sum(self.left_out.values())
        return self.reason is None and accounted == self.at_vendor

    @property
    def why(self) -> Saying | None:
        """Why it is not proved; None where it is."""
        if self.is_proved:
            return None
        return self.reason or Saying(
            NOT_ALL, {"at_vendor": self.at_vendor or 0, "in_koppel": self.in_koppel}
        )


Sync = Callable[[Session, Span], Found]


@dataclass(frozen=True, slots=True)
class Task:
    """One part of one workspace. `name` is unique within a run and a workspace: it is done once."""

    workspace: Workspace = field(repr=False)
    name: str
    sync: Sync
    span: Span

    def facts(self) -> dict[str, Any]:
        """Return what calls in the log say of it."""
        return {"function_name": f"sync_{self.name.partition(' ')[0]}"}
