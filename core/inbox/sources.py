"""Which webhooks this house takes: every app declares its own, nobody edits this file."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from core.inbox.arrivals import Sender
from core.inbox.verifiers import Verifier


def named_event(payload: Mapping[str, Any]) -> str:
    """Return the event's name where vendors put it: `event`, `event.type` or `type`."""
    event = payload.get("event") or payload.get("type")
    if isinstance(event, dict):
        event = event.get("type")
    if isinstance(event, str):
        return event
    return ""


@dataclass(frozen=True)
class Source:
    """One kind of webhook.

    `pattern`: the address (or several); `{name}` is one segment, given to the verifier's look-up as
    a keyword. `handler`: dotted path of `handler(event: InboundEvent)`. It runs in the transaction
    that marks the event processed: it may change the database and queue jobs (`jobs.after_commit`),
    and nothing else. `events`: the types that are worked; others are stored as ignored. None = all.
    `delivery_id`: where the vendor sends no id, what in the payload makes a delivery the same one;
    '' = the whole body. `accept`: a last look at payload and sender; raises Refused. It must not
    wait for anything. `strip`: the payload without the secrets that the vendor puts into it.
    Nothing of them is stored; what makes a delivery the same one is still read from the payload and
    the bytes as they came. `list_name`: the name that a body gets which is a list, and no object;
    '' = none is taken.
    """

    name: str
    pattern: str | tuple[str, ...]
    verifier: Verifier
    handler: str
    events: frozenset[str] | None = None
    answer: tuple[int, Mapping[str, Any]] = (202, {"success": True})
    event_type: Callable[[Mapping[str, Any]], str] = named_event
    delivery_id: Callable[[Mapping[str, Any]], str] | None = None
    accept: Callable[[Mapping[str, Any], Sender], None] | None = None
    strip: Callable[[Mapping[str, Any]], dict[str, Any]] | None = None
    leniently: bool = False
    list_name: str = ""
    answer_body: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "answer_body", orjson.dumps(dict(self.answer[1])))

    @property
    def patterns(self) -> tuple[str, ...]:
        if isinstance(self.pattern, str):
            return (self.pattern,)
        return self.pattern

    def wants(self, event_type: str) -> bool:
        return self.events is None or event_type in self.events


_sources: dict[str, Source] = {}
_plain: dict[str, Source] = {}
_shaped: list[tuple[re.Pattern[str], Source]] = []


def register(source: Source) -> None:
    """Take this source's deliveries from now on. Called from an app's `ready()`;
    the same name again is a mistake.
    """
    if source.name in _sources:
        raise ValueError(f"There is a source named {source.name} already")
    _sources[source.name] = source
    for pattern in source.patterns:
        if "{" in pattern:
            _shaped.append((re.compile(expression(pattern) + r"\Z"), source))
        else:
            _plain[pattern] = source


def source_named(name: str) -> Source | None:
    return _sources.get(name)


def all_sources() -> list[Source]:
    return list(_sources.values())


def source_at(path: str) -> tuple[Source, dict[str, str]] | None:
    """Return the source that this path addresses, and the pattern's values;
    a trailing slash makes no difference.
    """
    source = _plain.get(path) or _plain.get(path.rstrip("/"))
    if source:
        return source, {}
    for shape, candidate in _shaped:
        if found := shape.match(path):
            return candidate, found.groupdict()
    return None


def expression(pattern: str) -> str:
    """Return the pattern as a regular expression, with or without a trailing slash."""
    parts = re.split(r"\{(\w+)\}", pattern)
    literal, names_ = parts[::2], parts[1::2]
    pieces = [re.escape(literal[0])]
    for name, text in zip(names_, literal[1:], strict=True):
        pieces += [rf"(?P<{name}>[^/]{{1,200}})", re.escape(text)]
    return "".join(pieces) + "/?"
