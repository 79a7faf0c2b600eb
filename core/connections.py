"""One answer for every "Test connection" button: steps that passed,
failed or were skipped, and what to do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from core.words.sayings import Text


class State(StrEnum):
    """How a step ended. A step after a failed one is skipped, never left out."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Connection(StrEnum):
    """The states that a person sees."""

    CONNECTED = "connected"
    ERROR = "error"
    NOT_CONFIGURED = "not_configured"


# As answers of the API name them.
STATES: Final = tuple((str(state), str(state)) for state in State)
CONNECTIONS: Final = tuple((str(state), str(state)) for state in Connection)


@dataclass(frozen=True)
class Step:
    """One thing that was checked: address, TLS, credentials, permissions, one record read."""

    name: Text
    state: State
    message: Text = ""


@dataclass
class TestResult:
    """What a test found, step by step. It is good when no step failed and at least one passed."""

    __test__ = False  # not a test case, whatever its name

    steps: list[Step] = field(default_factory=list)
    account: str = ""
    version: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    # What a step failed with, for code that goes by it.
    failure: Exception | None = None

    def passed(self, name: Text, message: Text = "") -> None:
        self.steps.append(Step(name, State.PASSED, message))

    def failed(self, name: Text, message: Text, *, then_skipped: tuple[Text, ...] = ()) -> None:
        """Note that the step failed, and that those that stood on it were skipped."""
        self.steps.append(Step(name, State.FAILED, message))
        self.steps += [Step(later, State.SKIPPED) for later in then_skipped]

    @property
    def success(self) -> bool:
        states = [step.state for step in self.steps]
        return State.FAILED not in states and State.PASSED in states

    @property
    def message(self) -> str:
        """The first failure, or the last thing that passed."""
        for state, steps in ((State.FAILED, self.steps), (State.PASSED, self.steps[::-1])):
            for step in steps:
                if step.state is state and step.message:
                    return str(step.message)
        return ""

    def as_json(self) -> list[dict[str, str]]:
        """Return the steps as the API shows them."""
        return [
            {"name": str(step.name), "state": str(step.state), "message": str(step.message)}
            for step in self.steps
        ]


@dataclass(frozen=True)
class ConnectionStatus:
    """The state of a connection over time: since when, why, when it was last good,
    what to do next.
    """

    state: Connection
    since: datetime | None = None
    cause: str = ""
    last_checked: datetime | None = None
    last_good: datetime | None = None
    next_step: str = ""
    # When a person or a command last tried it.
    last_tested: datetime | None = None

    @property
    def is_connected(self) -> bool:
        return self.state is Connection.CONNECTED

    def after(self, result: TestResult, now: datetime) -> "ConnectionStatus":
        """Return the status once `result` is known: `since` moves only when the state does."""
        state, message, last_good = Connection.ERROR, result.message, self.last_good
        if result.success:
            state, message, last_good = Connection.CONNECTED, "", now
        since = now
        if state is self.state and self.since:
            since = self.since
        return ConnectionStatus(
            state=state,
            since=since,
            cause=message,
            last_checked=now,
            last_good=last_good,
            next_step=message,
        )
