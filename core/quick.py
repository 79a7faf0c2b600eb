"""Rows of a page as instances of their models, without what Django does for every one of them.

Django asks each field of a model for each row and sends its signals: of a page of a hundred rows
with what belongs to them that is most of the time. What is only read needs its values. Models
that want to hear of each instance, or whose columns are no plain attributes, are read in
Django's own way.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from inspect import getattr_static
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Model, QuerySet
from django.db.models.base import ModelState
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query import ModelIterable, get_related_populators
from django.db.models.signals import post_init, pre_init

M = TypeVar("M", bound=Model)

if TYPE_CHECKING:
    _ModelIterable = ModelIterable[Any]
else:  # it takes no type arguments at run time
    _ModelIterable = ModelIterable


def quickly(rows: QuerySet[M]) -> QuerySet[M]:
    """Return the same rows, to be read and not to be saved, made quickly wherever
    they are instances.
    """
    found: Any = rows.all()
    if found._iterable_class is ModelIterable:
        found._iterable_class = QuickIterable
    return found


def attach(parents: Iterable[Model], children: QuerySet[Any], by: str, to: str) -> None:
    """Read the children of many rows in one query, and put each row's own under the name `to`.

    `by` is the children's foreign key; of no rows nothing is asked.
    """
    owners = {parent.pk: parent for parent in parents}
    if not owners:
        return
    field: Any = children.model._meta.get_field(by)
    found: dict[Any, list[Model]] = {key: [] for key in owners}
    for child in quickly(children.filter(**{f"{by}__in": list(owners)})):
        key = getattr(child, field.attname)
        field.set_cached_value(child, owners[key])
        found[key].append(child)
    for key, owner in owners.items():
        setattr(owner, to, found[key])


class QuickIterable(_ModelIterable):
    """What a queryset iterates by; it gives what ModelIterable does, of rows that were read
    and never changed.
    """

    def __iter__(self) -> Iterator[Any]:
        queryset: Any = self.queryset
        if queryset._known_related_objects:
            yield from super().__iter__()
            return
        compiler = queryset.query.get_compiler(using=queryset.db)
        results = compiler.execute_sql(chunked_fetch=self.chunked_fetch, chunk_size=self.chunk_size)
        columns, info = compiler.select, compiler.klass_info
        start, end = info["select_fields"][0], info["select_fields"][-1] + 1
        make = maker(
            info["model"],
            tuple(column[0].target.attname for column in columns[start:end]),
            queryset.db,
        )
        related = get_related_populators(info, columns, queryset.db)  # type: ignore[call-arg]  # the stubs are a version on
        _make_quick(related)
        annotated = list((compiler.annotation_col_map or {}).items())
        for row in compiler.results_iter(results):
            instance = make(row[start:end])
            for populator in related:
                populator.populate(row, instance)
            for name, place in annotated:
                setattr(instance, name, row[place])
            yield instance


class _Quick:
    """Stands for a model where Django makes the instances that a row points to."""

    def __init__(self, populator: Any) -> None:
        self.make = maker(populator.model_cls, tuple(populator.init_list), populator.db)

    def from_db(self, _database: str, _names: Sequence[str], values: Sequence[Any]) -> Model:
        return self.make(values)


def _make_quick(populators: Iterable[Any]) -> None:
    for populator in populators:
        populator.model_cls = _Quick(populator)
        _make_quick(populator.related_populators)


def maker(model: type[M], names: tuple[str, ...], database: str) -> Callable[[Sequence[Any]], M]:
    """Return what makes an instance of the values of these columns."""
    is_listened_to = pre_init.has_listeners(model) or post_init.has_listeners(model)
    if is_listened_to or not _is_plain(model, names):
        return lambda values: model.from_db(database, names, values)
    new = model.__new__

    def make(values: Sequence[Any]) -> M:
        state = ModelState()
        state.adding = False
        state.db = database
        instance = new(model)
        facts = instance.__dict__
        facts["_state"] = state
        facts.update(zip(names, values, strict=True))
        return instance

    return make


@lru_cache(maxsize=500)
def _is_plain(model: type[Model], names: tuple[str, ...]) -> bool:
    """Tell whether an instance is nothing but its values: no `__init__` of its own,
    no column that takes them apart.
    """
    if model.__init__ is not Model.__init__ or getattr_static(
        model, "from_db"
    ) is not getattr_static(Model, "from_db"):
        return False
    descriptors = [getattr_static(model, name) for name in names]
    return all(
        type(found) is ForeignKeyDeferredAttribute or not hasattr(found, "__set__")
        for found in descriptors
    )
