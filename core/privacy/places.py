"""What each app declares of its tables: whether a person's rows go, lose the person,
or stay, and why.

A table with text that nobody declared fails a test. `organization` is the path to whose a row is;
a table without one, and a row of none, is the installation's.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core.privacy.marks import Person
from core.secrets.fields import EncryptedTextField

Words = str | Promise
ERASE: Final = "erase"
REDACT: Final = "redact"
KEEP: Final = "keep"
# The one place that is no table.
CACHE: Final = _("Cache and queue")
# What no person writes into: keys, names of things and marks of our own.
_OWN: Final = (models.UUIDField,)


@dataclass(frozen=True, slots=True)
class Place:
    """One table. `why` says of what stays why it does; `empties` names columns that are emptied
    instead of marked.
    """

    label: str
    how: str
    organization: str = ""
    why: Words = ""
    empties: Sequence[str] = ()
    # Said of an export: what must not leave the house, though it is about somebody.
    hides: Sequence[str] = ()
    # What else becomes of rows that lose a person; asked first, in the same transaction.
    settles: Callable[[models.QuerySet[Any]], object] | None = None

    @property
    def model(self) -> type[models.Model]:
        return apps.get_model(self.label)

    @property
    def key(self) -> str:
        """The name of the table, by which the certificate counts."""
        return str(self.model._meta.db_table)


# Counts of a step, by the name of their place: {"calls_call": {"found": 1, "erased": 1}}.
Counts = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Step:
    """What an app does by itself, before the tables are gone through, the lowest `order` first.

    `gather` adds to what is known of the person, and is asked until nothing is added; `look` finds
    rows by all that is known, once; `erase` takes rows away and says of which place how many;
    `left` says what a second look finds.
    """

    key: str
    order: int
    # Asks somebody outside, so it has transactions of its own.
    asks_outside: bool = field(default=False, kw_only=True)
    erase: Callable[[Person, UUID | None], Counts] | None = None
    gather: Callable[[Person, UUID | None], None] | None = None
    look: Callable[[Person, UUID | None], None] | None = None
    left: Callable[[Person, UUID | None], Counts] | None = None
    # Why this address cannot be erased just now, in the reader's language; None where it can.
    hinders: Callable[[str], Words | None] | None = None
    # Rows about the person that do not name them, for an export.
    show: Callable[[Person, UUID | None], dict[str, list[dict[str, Any]]]] | None = None


# Whose account belongs to an organization; who does not is another's.
Members = Callable[[UUID], Iterable[Any]]

_places: dict[str, Place] = {}
_members: list[Members] = []
_steps: dict[str, Step] = {}


def declare(*places: Place) -> None:
    """Make the places of an app known; once each, when the app starts."""
    for place in places:
        if _places.setdefault(place.label, place) != place:
            raise ValueError(f"What becomes of {place.label} is declared twice")


def declare_step(step: Step) -> None:
    """Make a step known; once, when its app starts."""
    if _steps.setdefault(step.key, step) != step:
        raise ValueError(f"The step {step.key} is declared twice")


def declare_members(members: Members) -> None:
    """Make known who belongs to an organization: ids of accounts; once, when the app starts."""
    _members[:] = [members]


def members_of(organization_id: UUID) -> frozenset[str]:
    """Return the ids of the accounts that belong to an organization."""
    return frozenset(str(each) for members in _members for each in members(organization_id))


def erased(*labels: str, **rest: Any) -> list[Place]:
    """Say of these tables that a row which names the person goes."""
    return [Place(label, ERASE, **rest) for label in labels]


def redacted(*labels: str, **rest: Any) -> list[Place]:
    """Say of these tables that a row stays and loses the person."""
    return [Place(label, REDACT, **rest) for label in labels]


def kept(why: Words, *labels: str, **rest: Any) -> list[Place]:
    """Say of these tables that they stay as they are, and why."""
    return [Place(label, KEEP, why=why, **rest) for label in labels]


def all_places() -> list[Place]:
    """Return every place, by its name."""
    return [_places[label] for label in sorted(_places)]


def name_of(key: str) -> str:
    """Return what a place of a certificate is called, in the reader's language."""
    for place in _places.values():
        if place.key == key:
            return capfirst(str(place.model._meta.verbose_name_plural))
    return str(CACHE)


def all_steps() -> list[Step]:
    """Return the steps in their order."""
    return sorted(_steps.values(), key=lambda step: (step.order, step.key))


def texts(model: type[models.Model]) -> list[Any]:
    """Return the columns of a table in which a person may be named."""
    return [field for field in model._meta.local_concrete_fields if _is_text(field)]


def undeclared() -> list[str]:
    """Return the tables with text that no app has declared."""
    every = {
        model._meta.label for model in apps.get_models(include_auto_created=True) if texts(model)
    }
    return sorted(every - _places.keys())


def _is_text(field: Any) -> bool:
    if field.generated or field.is_relation or isinstance(field, (EncryptedTextField, *_OWN)):
        return False
    if isinstance(field, ArrayField):
        return isinstance(field.base_field, models.CharField | models.TextField)
    if isinstance(field, models.JSONField):
        return True
    if field.choices or field.primary_key:
        return False
    return isinstance(field, models.CharField | models.TextField)
