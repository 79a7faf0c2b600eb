"""Bring every sealed value under the newest key, online; what is there already is skipped,
so killed work is resumed.

Encrypted model fields are found by themselves. A value that code seals elsewhere (inside JSON, say)
must be declared, or its key can never be retired:

    rotation.rotates(
        JsonKey(Authenticator, "data", "secret", owner="user_id", place=second_factor.place)
    )

Each value is swapped by one UPDATE that names the ciphertext it was read with: whoever wrote a
newer value meanwhile wins. No statement holds more than one row, so no transaction of the site can
be caught in a deadlock with it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from core.secrets.crypto import CannotOpen, Place, is_newest, open_fernet, open_sealed, seal
from core.secrets.fields import Ciphertext, EncryptedTextField

BATCH: Final = 500
# Each pass mends what was written under an old key during the one before: more than a few means
# a process that still has the old ring, which no number of passes can win against.
MOST_PASSES: Final = 5


@dataclass(frozen=True)
class Held:
    """One sealed value as it was read."""

    row: Any
    sealed: str
    place: Place

    def __str__(self) -> str:
        return f"{self.place.table} {self.row} {self.place.field}"


class Store(Protocol):
    """Somewhere sealed values lie."""

    def count(self) -> int:
        """Return how many there are, for the progress bar."""

    def walk(self) -> Iterator[Held]:
        """Return all of them, in batches, holding no lock."""

    def swap(self, value: Held, sealed: str) -> bool:
        """Put `sealed` in the place of exactly that value; False when it is no longer
        the one that was read.
        """


@dataclass(frozen=True)
class Column:
    """An encrypted model field."""

    model: Any
    field: EncryptedTextField

    def count(self) -> int:
        return self._rows().count()

    def walk(self) -> Iterator[Held]:
        for row, value in _in_batches(self._rows().values_list("pk", self.field.attname)):
            yield Held(
                row, value.text, Place(self.model._meta.db_table, str(row), self.field.column or "")
            )

    def swap(self, value: Held, sealed: str) -> bool:
        rows = self.model._base_manager.annotate(
            stored=Cast(self.field.attname, models.TextField())
        )
        return bool(
            rows.filter(pk=value.row, stored=value.sealed).update(
                **{self.field.attname: Ciphertext(sealed)}
            )
        )

    def _rows(self) -> Any:
        return self.model._base_manager.filter(**{f"{self.field.attname}__isnull": False})


@dataclass(frozen=True)
class JsonKey:
    """A sealed string under one top-level key of a JSON column.
    `place` is asked with the value of `owner`.
    """

    model: Any
    column: str
    key: str
    place: Callable[[Any], Place]
    owner: str = "pk"

    def count(self) -> int:
        return self._rows().count()

    def walk(self) -> Iterator[Held]:
        for row, sealed, owner in _in_batches(self._rows().values_list("pk", "stored", self.owner)):
            yield Held(row, sealed, self.place(owner))

    def swap(self, value: Held, sealed: str) -> bool:
        path = Cast(Value([self.key]), ArrayField(models.TextField()))
        new = Func(F(self.column), path, Value(sealed, models.JSONField()), function="jsonb_set")
        return bool(
            self._rows().filter(pk=value.row, stored=value.sealed).update(**{self.column: new})
        )

    def _rows(self) -> Any:
        rows = self.model._base_manager.annotate(stored=KeyTextTransform(self.key, self.column))
        return rows.filter(stored__isnull=False)


_declared: list[Store] = []


def rotates(store: Store) -> None:
    """Declare a place of sealed values that is no encrypted model field.
    Once, when the app starts.
    """
    _declared.append(store)


def stores() -> list[Store]:
    """Return every place where sealed values lie."""
    columns: list[Store] = [
        Column(model, column)
        for model in apps.get_models()
        for column in model._meta.local_concrete_fields
        if isinstance(column, EncryptedTextField)
    ]
    return columns + _declared


@dataclass
class Report:
    """What a rotation did, and what its last pass over all values saw."""

    values: int = 0
    resealed: int = 0
    under_old_keys: int = 0
    unreadable: list[Held] = field(default_factory=list)


def rotate(
    progress: Callable[[int, int], None] = lambda done, total: None, *, from_fernet: bool = False
) -> Report:
    """Seal every value anew that is not under the newest key.
    The last pass has looked at every value and proves it.
    """
    resealed = 0
    report = Report()
    for _pass in range(MOST_PASSES):
        total = sum(store.count() for store in stores())
        report = Report()
        for done, (store, value) in enumerate(_everything(), 1):
            _bring_up_to_date(store, value, report, from_fernet)
            if done % BATCH == 0:
                progress(done, max(total, done))
        progress(report.values, report.values)
        resealed += report.resealed
        if report.under_old_keys == 0:
            break
    report.resealed = resealed
    return report


def _everything() -> Iterator[tuple[Store, Held]]:
    for store in stores():
        for value in store.walk():
            yield store, value


def _bring_up_to_date(store: Store, value: Held, report: Report, from_fernet: bool) -> None:
    report.values += 1
    if is_newest(value.sealed, value.place):
        return
    try:
        clear = _opened(value, from_fernet)
    except CannotOpen:
        report.unreadable.append(value)
        return
    # Counted as old even when the swap worked: only a pass that finds nothing to do has seen
    # that nothing is left.
    report.under_old_keys += 1
    report.resealed += store.swap(value, seal(clear, value.place))


def _opened(value: Held, from_fernet: bool) -> str:
    try:
        return open_sealed(value.sealed, value.place)
    except CannotOpen:
        if not from_fernet:
            raise
        return open_fernet(value.sealed)


def _in_batches(rows: Any) -> Iterator[Any]:
    """Return the rows by primary key, a page at a time, whatever is added or removed meanwhile."""
    last = None
    while True:
        page = list((rows if last is None else rows.filter(pk__gt=last)).order_by("pk")[:BATCH])
        yield from page
        if len(page) < BATCH:
            return
        last = page[-1][0]
