"""Every event that Koppel sends: its name, what it means, the schema of its body
and a whole example.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from core.words.sayings import Text
from integrations.events import examples, payloads, shapes
from integrations.events.payloads import Data
from integrations.events.shapes import MOMENT, NAMES, TEXT, Schema


@dataclass(frozen=True, slots=True)
class Kind:
    """One event. `data` writes a row down; `facts` are what the listener adds beside it."""

    name: str
    description: Text
    data: Callable[[Any], Data]
    properties: Mapping[str, Schema]
    example: Mapping[str, Any]
    facts: Mapping[str, Schema] = field(default_factory=dict)

    @property
    def schema(self) -> Schema:
        """Return the JSON schema of the body that goes out."""
        return shapes.whole(self.name, shapes.record({**self.properties, **self.facts}))

    @property
    def sample(self) -> dict[str, Any]:
        """Return a whole body as it goes out."""
        return {"type": self.name, "timestamp": examples.AT, "data": dict(self.example)}


def _identity(row: Any) -> Data:
    return {"id": str(row.pk)}


def _gone(thing: str, description: Text) -> Kind:
    return Kind(f"{thing}.deleted", description, _identity, {"id": shapes.ID}, {"id": examples.ID})


def _lead(name: str, description: Text, **facts: tuple[Schema, Any]) -> Kind:
    return _kind(name, description, payloads.lead, examples.LEAD_SHAPE, examples.LEAD, facts)


def _contact(name: str, description: Text, **facts: tuple[Schema, Any]) -> Kind:
    return _kind(
        name, description, payloads.contact, examples.CONTACT_SHAPE, examples.CONTACT, facts
    )


def _meeting(name: str, description: Text, **facts: tuple[Schema, Any]) -> Kind:
    example = dict(examples.APPOINTMENT)
    status = name.partition(".")[2]
    if status in examples.MEETING_STATES:
        example["status"] = status
    return _kind(
        name, description, payloads.appointment, examples.APPOINTMENT_SHAPE, example, facts
    )


def _call(name: str, description: Text, **example: Any) -> Kind:
    return _kind(
        name, description, payloads.call, examples.CALL_SHAPE, {**examples.CALL, **example}, {}
    )


def _integration(name: str, description: Text, **facts: tuple[Schema, Any]) -> Kind:
    return _kind(
        name,
        description,
        payloads.integration,
        examples.INTEGRATION_SHAPE,
        examples.INTEGRATION,
        facts,
    )


def _kind(
    name: str,
    description: Text,
    data: Callable[[Any], Data],
    properties: Mapping[str, Schema],
    example: Mapping[str, Any],
    facts: Mapping[str, tuple[Schema, Any]],
) -> Kind:
    beside = {key: schema for key, (schema, _value) in facts.items()}
    whole = {**example, **{key: value for key, (_schema, value) in facts.items()}}
    return Kind(name, description, data, properties, whole, beside)


_CHANGED: Final = (NAMES, ["phone"])
_MERGED: Final = (shapes.ID, examples.OTHER_ID)
KINDS: Final[tuple[Kind, ...]] = (
    _contact("contact.created", _("A contact was added.")),
    _contact(
        "contact.updated", _("A contact was changed; `changed` names what."), changed=_CHANGED
    ),
    _contact(
        "contact.merged",
        _("Two contacts became one; `otherId` is there no more."),
        otherId=_MERGED,
    ),
    _gone("contact", _("A contact was deleted.")),
    _lead("lead.created", _("A lead was added.")),
    _lead("lead.updated", _("A lead was changed; `changed` names what."), changed=_CHANGED),
    _lead(
        "lead.status_changed",
        _("A lead has another status; `previousStatus` is the one before."),
        previousStatus=(TEXT, "contacted"),
    ),
    _lead("lead.merged", _("Two leads became one; `otherId` is there no more."), otherId=_MERGED),
    _gone("lead", _("A lead was deleted.")),
    _meeting("appointment.booked", _("A meeting was booked.")),
    _meeting(
        "appointment.moved",
        _("A meeting has another time; the time before is told beside it."),
        previousStartsAt=(MOMENT, "2026-11-30T14:00:00+00:00"),
        previousEndsAt=(MOMENT, "2026-11-30T14:30:00+00:00"),
    ),
    _meeting(
        "appointment.updated", _("A meeting has other people, another title, or stands again.")
    ),
    _meeting("appointment.cancelled", _("A meeting was cancelled.")),
    _meeting("appointment.no_show", _("Nobody came to a meeting.")),
    _meeting("appointment.completed", _("A meeting was held.")),
    _gone("appointment", _("A meeting was deleted.")),
    _call(
        "call.started",
        _("Somebody is in a call; again where people came back."),
        status="ONGOING",
        **examples.OPEN,
    ),
    _call(
        "call.completed",
        _("A call is over, or came in from Fathom; again where people came back to it."),
    ),
    _call(
        "call.not_held", _("Nobody came to a call while its door was open."), **examples.NOT_HELD
    ),
    _kind(
        "recording.available",
        _("A recording can be played. Ask the API for its address."),
        payloads.recording,
        examples.RECORDING_SHAPE,
        examples.RECORDING,
        {},
    ),
    _kind(
        "transcript.ready",
        _("What was said in a call is written down, or was written anew. Ask the API for it."),
        payloads.transcript,
        examples.TRANSCRIPT_SHAPE,
        examples.TRANSCRIPT,
        {},
    ),
    _integration("integration.connected", _("An integration works.")),
    _integration(
        "integration.failed",
        _("An integration does not work; `cause` says why."),
        cause=(TEXT, "HubSpot refused the key. Enter another one."),
    ),
)
BY_NAME: Final = {kind.name: kind for kind in KINDS}
NAMES_OF_EVENTS: Final = tuple(BY_NAME)
