"""Rows as JSON, by the fields that a serializer declares;
what is the same for every row is done once.

REST framework copies all fields of a serializer for each new instance, and asks each of them anew
how to find its value. A page of calls has a serializer for each participant of each call: that was
most of its time.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from types import NoneType
from typing import Any, Final, NamedTuple
from uuid import UUID

from rest_framework import fields, serializers

from core.api.fields import Id, Moment

Serializer = serializers.BaseSerializer[Any]


def _itself(value: Any) -> Any:
    return value


# Fields whose value needs less than their own method does: orjson writes ids, moments and choices
# as those fields do. Subclasses that present a value otherwise are not among them.
SIMPLY: Final[dict[Any, Callable[[Any], Any]]] = {
    serializers.CharField.to_representation: str,
    serializers.IntegerField.to_representation: int,
    serializers.BooleanField.to_representation: bool,
    Id.to_representation: _itself,
    Moment.to_representation: _itself,
}
# What these leave as it is: a value of exactly this type.
UNCHANGED: Final[dict[Any, type]] = {
    serializers.CharField.to_representation: str,
    serializers.IntegerField.to_representation: int,
    serializers.BooleanField.to_representation: bool,
    Id.to_representation: UUID,
    Moment.to_representation: datetime,
}
# Rows of one table have few combinations of types; nothing is kept beyond so many.
MOST_COMBINATIONS: Final = 1000

_readers: dict[Any, "Reader"] = {}


class Column(NamedTuple):
    """One name of the JSON, and how its value is found and presented."""

    name: str
    find: Callable[[Any], Any]
    find_slowly: Callable[[Any], Any]
    present: Callable[[Any], Any]
    unchanged: type | None
    """The type of which a value is its own presentation."""


class Reader:
    """The fields of one serializer, taken apart once per process."""

    def __init__(self, serializer_class: type[Serializer]) -> None:
        if serializer_class.to_representation is not serializers.Serializer.to_representation:
            raise TypeError(
                f"{serializer_class.__name__} presents a row in its own way: its fields "
                "do not say all"
            )
        declared = serializer_class().fields  # type: ignore[attr-defined]
        self.columns: list[Column] = []
        self.methods: list[tuple[str, str]] = []
        self.names = [name for name, field in declared.items() if not field.write_only]
        paths: list[str] = []
        for name in self.names:
            field = declared[name]
            if isinstance(field, serializers.SerializerMethodField):
                self.methods.append((name, str(field.method_name)))
            else:
                self.columns.append(_column(name, field))
                paths += _path(field)
        self.column_names = [column.name for column in self.columns]
        # All values of a row at once, where each is an attribute.
        self.find_all: Any = attrgetter(*paths) if len(paths) == len(self.columns) > 1 else None
        self.to_present: dict[tuple[type, ...], list[tuple[str, Callable[[Any], Any]]]] = {}

    def read(self, row: Any, serializer: Serializer | None) -> dict[str, Any]:
        """Return the JSON of one row; methods are called on `serializer`, which has the context."""
        found = self._found_at_once(row)
        if found is None:
            found = self._found_each(row)
        for name, method in self.methods:
            found[name] = getattr(serializer, method)(row)
        return found

    def _found_at_once(self, row: Any) -> dict[str, Any] | None:
        """Take all values in one step, and present those of them whose type asks for it;
        None where one is missing.
        """
        if self.find_all is None:
            return None
        try:
            values = self.find_all(row)
        except AttributeError:
            return None
        if self.methods:
            found = dict.fromkeys(self.names)
            found.update(zip(self.column_names, values, strict=True))
        else:
            found = dict(zip(self.column_names, values, strict=True))
        types = tuple(map(type, values))
        presenting = self.to_present.get(types)
        if presenting is None:
            presenting = self._presenting(types)
        for name, present in presenting:
            found[name] = present(found[name])
        return found

    def _presenting(self, types: tuple[type, ...]) -> list[tuple[str, Callable[[Any], Any]]]:
        """Return which columns are not what they present, where values have these types."""
        presenting = [
            (column.name, column.present)
            for column, of in zip(self.columns, types, strict=True)
            if of not in (NoneType, column.unchanged)
        ]
        if len(self.to_present) < MOST_COMBINATIONS:
            self.to_present[types] = presenting
        return presenting

    def _found_each(self, row: Any) -> dict[str, Any]:
        found: dict[str, Any] = dict.fromkeys(self.names)
        for name, find, find_slowly, present, _unchanged in self.columns:
            try:
                value = find(row)
            except AttributeError:
                try:
                    value = find_slowly(row)
                except fields.SkipField:
                    del found[name]
                    continue
            if value is not None:
                found[name] = present(value)
        return found


def rows_of(
    serializer_class: type[Any], rows: Iterable[Any], context: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Return the JSON of many rows, as `serializer_class(rows, many=True, context=context).data`
    would.
    """
    reader = _reader(serializer_class)
    serializer = None
    if reader.methods:
        serializer = serializer_class(context=dict(context or {}))
    return [reader.read(row, serializer) for row in rows]


def _reader(serializer_class: Any) -> Reader:
    """Return the reader of this serializer; of two threads that come first together
    one makes it for nothing.
    """
    if serializer_class not in _readers:
        _readers[serializer_class] = Reader(serializer_class)
    return _readers[serializer_class]


def _column(name: str, field: Any) -> Column:
    return Column(name, _finder(field), field.get_attribute, _presenter(field), _unchanged(field))


def _path(field: Any) -> list[str]:
    """Return where a value is as an attribute; nothing where it is found in another way."""
    if field.source == "*" or type(field).get_attribute is not serializers.Field.get_attribute:
        return []
    return [field.source]


def _unchanged(field: Any) -> type | None:
    presented = type(field).to_representation
    if presented is serializers.ChoiceField.to_representation and _is_of_words(field):
        return str
    return UNCHANGED.get(presented)


def _is_of_words(field: Any) -> bool:
    """Tell whether a choice presents words as they are: one that is not among
    its words it leaves too.
    """
    return all(key == word for key, word in field.choice_strings_to_values.items())


def _finder(field: Any) -> Callable[[Any], Any]:
    if field.source == "*":
        return _itself
    if type(field).get_attribute is not serializers.Field.get_attribute:
        return field.get_attribute
    return attrgetter(field.source)


def _presenter(field: Any) -> Callable[[Any], Any]:
    if isinstance(field, serializers.ListSerializer):
        return _nested(type(field.child), many=True)
    if isinstance(field, serializers.Serializer):
        return _nested(type(field), many=False)
    return SIMPLY.get(type(field).to_representation, field.to_representation)


def _nested(serializer_class: Any, *, many: bool) -> Callable[[Any], Any]:
    reader = _reader(serializer_class)
    if reader.methods:
        raise TypeError(
            f"{serializer_class.__name__} has methods, which need the context of the whole"
        )
    if many:
        return lambda rows: [reader.read(row, None) for row in rows]
    return lambda row: reader.read(row, None)
