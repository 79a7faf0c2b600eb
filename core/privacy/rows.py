"""A person in the rows of one table: found, shown, and erased or redacted, a batch in a transaction.

The batches go by primary key, each with its counts: an attempt that dies has counted what it did and nothing else.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Left

from core.privacy import places
from core.privacy.marks import MARK, Person
from core.privacy.places import Place
from core.secrets.fields import EncryptedTextField

BATCH: Final = 500
Count = Callable[[str, dict[str, int]], None]


def found(place: Place, person: Person, organization_id: UUID | None, *, of_nobody: bool = False) -> QuerySet[Any]:
    """Return the rows of a table that name a person: of an organization, of nobody's, or (None) of all."""
    model = place.model
    rows = model._base_manager.filter(_whose(place, organization_id, of_nobody))
    columns = [Cast(F(field.attname), TextField()) for field in places.texts(model)]
    if not columns:
        return rows.none()
    text = Func(Value("\n"), *columns, function="concat_ws", output_field=TextField())
    rows = rows.alias(all_of_it=text).filter(all_of_it__iregex=person.loose())
    return rows.filter(all_of_it__iregex=person.exact()).order_by("pk")


def clear(place: Place, person: Person, organization_id: UUID | None, count: Count, *, of_nobody: bool = False) -> None:
    """Do with the person's rows in a table what was declared of them, and count it."""
    if place.how == places.KEEP:
        number = found(place, person, organization_id, of_nobody=of_nobody).count()
        if number:
            count(place.key, {"found": number, "kept": number})
        return
    last = None
    while True:
        with transaction.atomic():
            rows = found(place, person, organization_id, of_nobody=of_nobody)
            if last is not None:
                rows = rows.filter(pk__gt=last)
            batch = list(rows.values_list("pk", flat=True)[:BATCH])
            if not batch:
                return
            last = batch[-1]
            chosen = place.model._base_manager.filter(pk__in=batch)
            if place.how == places.ERASE:
                chosen.delete()
                count(place.key, {"found": len(batch), "erased": len(batch)})
            else:
                chosen.update(**_changes(place, person))
                count(place.key, {"found": len(batch), "redacted": len(batch)})


def shown(place: Place, person: Person, organization_id: UUID | None) -> Iterator[dict[str, Any]]:
    """Return what the rows say that name a person, without what is sealed."""
    fields = [field for field in place.model._meta.local_concrete_fields if _may_be_shown(place, field)]
    for row in found(place, person, organization_id).iterator(BATCH):
        yield {field.attname: getattr(row, field.attname) for field in fields}


def _may_be_shown(place: Place, field: Any) -> bool:
    if field.attname in place.hides or field.generated:
        return False
    if isinstance(field, EncryptedTextField | models.BinaryField):
        return False
    return not any(word in field.attname for word in ("hash", "token", "secret", "signature", "password"))


def _whose(place: Place, organization_id: UUID | None, of_nobody: bool) -> Q:
    if of_nobody:
        return Q(**{f"{place.organization}__isnull": True}) if place.organization else Q()
    if organization_id is None:
        return Q()
    if not place.organization:
        return Q(pk__in=[])
    return Q(**{place.organization: organization_id})


def _changes(place: Place, person: Person) -> dict[str, Any]:
    """Return what becomes of each column."""
    changes = {field.attname: _without(field, person) for field in places.texts(place.model)}
    for name in place.empties:
        changes[name] = _emptied(place.model._meta.get_field(name), person)
    return changes


def _emptied(field: Any, person: Person) -> Any:
    """Return '' where the column names the person, else what it has."""
    named = Q(**{f"{field.attname}__iregex": person.exact()})
    return models.Case(models.When(named, then=Value("")), default=F(field.attname))


def _without(field: Any, person: Person) -> Any:
    pattern, mark, flags = Value(person.exact()), Value(MARK), Value("gi")
    if isinstance(field, ArrayField):
        return _Elements(F(field.attname), pattern, mark, output_field=field)
    column = Cast(F(field.attname), TextField())
    text = Func(column, pattern, mark, flags, function="regexp_replace", output_field=TextField())
    if isinstance(field, models.JSONField):
        return Cast(text, models.JSONField())
    if getattr(field, "max_length", None):
        return Left(text, field.max_length)
    return text


class _Elements(Func):
    """Each element of a list without the person."""

    def as_sql(self, compiler: Any, connection: Any, *_rest: Any, **_more: Any) -> tuple[str, Any]:
        """Return the statement's part; its three arguments come in their order."""
        (column, first), (pattern, second), (mark, third) = map(compiler.compile, self.source_expressions)
        statement = f"ARRAY(SELECT regexp_replace(each, {pattern}, {mark}, 'gi') FROM unnest({column}) AS each)"  # noqa: S608  compiled parts
        return statement, [*second, *third, *first]
