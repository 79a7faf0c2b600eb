"""A person in the rows of one table: found, shown, and erased or redacted,
a batch in a transaction.

The batches go by primary key, each with its counts: an attempt that dies has counted what it did
and nothing else. JSON is read and written element by element: a number that is theirs becomes a
text, and what comes out is JSON still.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import (
    BooleanField,
    Case,
    ExpressionWrapper,
    F,
    Func,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Left

from core.models import User
from core.privacy import places
from core.privacy.marks import MARK, Person
from core.privacy.places import Place
from core.secrets.fields import EncryptedTextField

BATCH: Final = 500
# So many rows are read by one statement.
SLICE: Final = 2_000
Count = Callable[[str, dict[str, int]], None]


def found(
    place: Place, person: Person, organization_id: UUID | None, *, of_nobody: bool = False
) -> QuerySet[Any]:
    """Return the rows of a table that name a person: of an organization, of nobody's,
    or (None) of all.
    """
    model = place.model
    rows = model._base_manager.filter(_whose(place, organization_id, of_nobody))
    columns = [Cast(F(field.attname), TextField()) for field in places.texts(model)]
    if not columns:
        return rows.none()
    text = Func(Value("\n"), *columns, function="concat_ws", output_field=TextField())
    # PostgreSQL asks conditions that AND joins in an order of its own, by what it thinks they
    # cost: it takes the pattern for the cheaper one, which is fifty times dearer. CASE keeps ours.
    exactly = ExpressionWrapper(Q(all_of_it__iregex=person.exact()), BooleanField())
    named = Case(When(_quickly(text, person), then=exactly), default=Value(value=False))
    return rows.alias(all_of_it=text).filter(named).order_by("pk")


def _quickly(text: Any, person: Person) -> Any:
    """Return a condition that is quick to ask, and true of more than the person's rows."""
    pieces = person.fragments()
    if not pieces:
        return Q(all_of_it__iregex=person.loose())
    return _HasOneOf(text, Value([f"%{piece}%" for piece in pieces]))


def slices(model: type[models.Model]) -> Iterator[Q]:
    """Return conditions that cut a table by its primary key, each for so many rows:
    no statement reads it whole.
    """
    keys = model._base_manager.order_by("pk").values_list("pk", flat=True)
    after = Q()
    while True:
        edge = next(iter(keys.filter(after)[SLICE - 1 : SLICE]), None)
        if edge is None:
            yield after
            return
        yield after & Q(pk__lte=edge)
        after = Q(pk__gt=edge)


def found_keys(
    place: Place, person: Person, organization_id: UUID | None, *, of_nobody: bool = False
) -> Iterator[list[Any]]:
    """Return the keys of the rows that name a person, at most a batch at once."""
    naming = found(place, person, organization_id, of_nobody=of_nobody).values_list("pk", flat=True)
    for part in slices(place.model):
        keys = list(naming.filter(part))
        for first in range(0, len(keys), BATCH):
            yield keys[first : first + BATCH]


def counted(
    place: Place, person: Person, organization_id: UUID | None, *, of_nobody: bool = False
) -> int:
    """Return how many rows of a table name a person."""
    return sum(
        len(keys) for keys in found_keys(place, person, organization_id, of_nobody=of_nobody)
    )


def clear(
    place: Place,
    person: Person,
    organization_id: UUID | None,
    count: Count,
    *,
    of_nobody: bool = False,
) -> None:
    """Do with the person's rows in a table what was declared of them, and count it."""
    if place.how == places.KEEP:
        number = counted(place, person, organization_id, of_nobody=of_nobody)
        if number:
            count(place.key, {"found": number, "kept": number})
        return
    for keys in found_keys(place, person, organization_id, of_nobody=of_nobody):
        with transaction.atomic():
            chosen = place.model._base_manager.filter(pk__in=keys)
            if place.how == places.ERASE:
                chosen.delete()
                count(place.key, {"found": len(keys), "erased": len(keys)})
            else:
                if place.settles is not None:
                    place.settles(chosen)
                _redact(place, person, chosen)
                count(place.key, {"found": len(keys), "redacted": len(keys)})


def is_known_elsewhere(person: Person, organization_id: UUID) -> bool:
    """Tell whether a row of another organization names them, or they sign in there."""
    if User.objects.filter(email__iregex=f"^(?:{person.mailboxes()})$").exists():
        return True
    for place in places.all_places():
        if place.organization:
            others = found(place, person, None).filter(**{f"{place.organization}__isnull": False})
            others = others.exclude(**{place.organization: organization_id})
            if any(others.filter(part).exists() for part in slices(place.model)):
                return True
    return False


def shown(place: Place, person: Person, organization_id: UUID | None) -> Iterator[dict[str, Any]]:
    """Return what the rows say that name a person, without what is sealed."""
    fields = [
        field for field in place.model._meta.local_concrete_fields if _may_be_shown(place, field)
    ]
    for keys in found_keys(place, person, organization_id):
        for row in place.model._base_manager.filter(pk__in=keys).order_by("pk"):
            yield {field.attname: getattr(row, field.attname) for field in fields}


def _may_be_shown(place: Place, field: Any) -> bool:
    if field.attname in place.hides or field.generated:
        return False
    if isinstance(field, EncryptedTextField | models.BinaryField):
        return False
    return not any(
        word in field.attname for word in ("hash", "token", "secret", "signature", "password")
    )


def _whose(place: Place, organization_id: UUID | None, of_nobody: bool) -> Q:
    if of_nobody:
        return Q(**{f"{place.organization}__isnull": True}) if place.organization else Q()
    if organization_id is None:
        return Q()
    if not place.organization:
        return Q(pk__in=[])
    return Q(**{place.organization: organization_id})


def _redact(place: Place, person: Person, rows: QuerySet[Any]) -> None:
    """Take the person out of each column of these rows."""
    fields = places.texts(place.model)
    plain = {
        field.attname: _without(field, person)
        for field in fields
        if not isinstance(field, models.JSONField)
    }
    for name in place.empties:
        plain[name] = _emptied(place.model._meta.get_field(name), person)
    packed = [field.attname for field in fields if isinstance(field, models.JSONField)]
    if packed:
        _redact_json(person, rows, packed)
    if plain:
        rows.update(**plain)


def _redact_json(person: Person, rows: QuerySet[Any], names: list[str]) -> None:
    pattern = re.compile(person.exact(), re.IGNORECASE)
    for pk, *values in rows.select_for_update().order_by("pk").values_list("pk", *names):
        changed = {name: _rid(value, pattern) for name, value in zip(names, values, strict=True)}
        different = {
            name: value for name, value in changed.items() if value != values[names.index(name)]
        }
        if different:
            rows.filter(pk=pk).update(**different)


def without(value: Any, person: Person) -> Any:
    """Return a text, or what was packed as JSON, without the person."""
    return _rid(value, re.compile(person.exact(), re.IGNORECASE))


def _rid(value: Any, pattern: re.Pattern[str]) -> Any:
    """Return what was packed without the person."""
    if isinstance(value, str):
        return pattern.sub(MARK, value)
    if isinstance(value, dict):
        return {pattern.sub(MARK, name): _rid(inner, pattern) for name, inner in value.items()}
    if isinstance(value, list):
        return [_rid(inner, pattern) for inner in value]
    if value is not None and not isinstance(value, bool) and pattern.search(str(value)):
        return MARK
    return value


def _emptied(field: Any, person: Person) -> Any:
    """Return '' where the column names the person, else what it has."""
    named = Q(**{f"{field.attname}__iregex": person.exact()})
    return models.Case(models.When(named, then=Value("")), default=F(field.attname))


def _without(field: Any, person: Person) -> Any:
    pattern, mark, flags = Value(person.exact()), Value(MARK), Value("gi")
    if isinstance(field, ArrayField):
        return _Elements(F(field.attname), pattern, mark, output_field=field)
    text = Func(
        F(field.attname), pattern, mark, flags, function="regexp_replace", output_field=TextField()
    )
    if getattr(field, "max_length", None):
        return Left(text, field.max_length)
    return text


class _HasOneOf(Func):
    """Whether a text has one of these pieces, whatever its case."""

    template = "lower(%(expressions)s)"
    arg_joiner = ") LIKE ANY("
    output_field = models.BooleanField()


class _Elements(Func):
    """Each element of a list without the person."""

    def as_sql(self, compiler: Any, connection: Any, *_rest: Any, **_more: Any) -> tuple[str, Any]:
        """Return the statement's part; its three arguments come in their order."""
        (column, first), (pattern, second), (mark, third) = map(
            compiler.compile, self.source_expressions
        )
        statement = (
            f"ARRAY(SELECT regexp_replace(each, {pattern}, {mark}, 'gi') FROM "  # noqa: S608  compiled parts
            f"unnest({column}) AS each)"
        )
        return statement, [*second, *third, *first]
