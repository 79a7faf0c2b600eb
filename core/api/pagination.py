"""Lists by keyset: a page starts after the last row seen, so that it costs the same at row ten
and at row ten million.

The cursor holds the sort values of one row, signed and bound to the ordering:
a changed or foreign one is 400.
"""

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core import signing
from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from core.quick import quickly
from core.words.digits import are_digits

DEFAULT_SIZE, MAX_SIZE = 50, 200
_signer = signing.Signer(salt="koppel.cursor")


@dataclass(frozen=True)
class Key:
    """One field of the ordering."""

    field: str
    descending: bool
    # Whether NULL counts as the smallest value, so that the newest come before what has no time.
    null_is_least: bool = False

    def order(self, backwards: bool) -> Any:
        """Put nulls last when ascending, first when descending: PostgreSQL's own way,
        so that its indexes serve.
        """
        descending, field = self.descending != backwards, F(self.field)
        if self.null_is_least:
            if descending:
                return field.desc(nulls_last=True)
            return field.asc(nulls_first=True)
        if descending:
            return field.desc()
        return field.asc()

    def past(self, value: Any, backwards: bool) -> Q:
        """Find rows strictly after this value in this direction (NULL is the largest
        value, or the least).
        """
        descending = self.descending != backwards
        if value is None:
            if descending == self.null_is_least:
                return Q(pk__in=[])
            return Q(**{f"{self.field}__isnull": False})
        beyond = Q(**{f"{self.field}__{'lt' if descending else 'gt'}": value})
        if descending == self.null_is_least:
            return beyond | Q(**{f"{self.field}__isnull": True})
        return beyond

    def same(self, value: Any) -> Q:
        if value is None:
            return Q(**{f"{self.field}__isnull": True})
        return Q(**{self.field: value})


@dataclass(frozen=True)
class Cursor:
    backwards: bool
    values: list[Any]


def after(keys: list[Key], cursor: Cursor) -> Q:
    """Return (a, b, c) past (x, y, z), as PostgreSQL compares rows,
    with nulls and mixed directions.
    """
    wanted, equal = Q(), Q()
    for key, value in zip(keys, cursor.values, strict=True):
        wanted |= equal & key.past(value, cursor.backwards)
        equal &= key.same(value)
    return wanted


class CursorPages(BasePagination):
    """`{results, next, previous}`, `?pageSize=` 1 to 200, `?cursor=`.
    The view says `ordering` (or its filter does).
    """

    # Fields of which NULL counts as the smallest value.
    null_is_least: ClassVar[frozenset[str]] = frozenset()

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        size = page_size(request)
        keys = self._keys(queryset)
        cursor = self._read(request.query_params.get("cursor"), keys, queryset.model)
        backwards = bool(cursor and cursor.backwards)
        page = self._rows(queryset, keys, cursor, size + 1)
        more = len(page) > size
        page = page[:size]
        if backwards:
            page.reverse()
        has_next, has_previous = more, cursor is not None
        if backwards:
            has_next, has_previous = True, more
        self.next = self.previous = None
        if has_next and page:
            self.next = self._link(keys, page[-1], backwards=False)
        if has_previous and page:
            self.previous = self._link(keys, page[0], backwards=True)
        return page

    def _rows(self, queryset: Any, keys: list[Key], cursor: Cursor | None, count: int) -> list[Any]:
        """Return the first rows of the page, in its direction."""
        backwards = bool(cursor and cursor.backwards)
        rows = queryset.order_by(*(key.order(backwards) for key in keys))
        if cursor:
            rows = rows.filter(after(keys, cursor))
        return list(quickly(rows)[:count])

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"results": data, "next": self.next, "previous": self.previous})

    @classmethod
    def _keys(cls, queryset: QuerySet[Any]) -> list[Key]:
        names = [str(name) for name in (queryset.query.order_by or queryset.model._meta.ordering)]
        named = [(name.lstrip("-"), name.startswith("-")) for name in names]
        keys = [Key(field, descending, field in cls.null_is_least) for field, descending in named]
        if not any(key.field in ("pk", "id", queryset.model._meta.pk.name) for key in keys):
            keys.append(Key("pk", bool(keys) and keys[0].descending))
        return keys

    def _link(self, keys: list[Key], row: Model, *, backwards: bool) -> str:
        values = [_text(_value(row, key.field)) for key in keys]
        cursor = _signer.sign_object([_name(keys), backwards, values], compress=True)
        query = {**self.request.query_params.dict(), "cursor": cursor}
        return self.request.build_absolute_uri(f"{self.request.path}?{urlencode(query)}")

    @staticmethod
    def _read(text: str | None, keys: list[Key], model: type[Model]) -> Cursor | None:
        if text is None:
            return None
        try:
            name, backwards, values = _signer.unsign_object(text)
        except (signing.BadSignature, ValueError) as error:
            raise _bad_cursor() from error
        if name != _name(keys):
            raise _bad_cursor()
        return Cursor(
            backwards,
            [_parsed(model, key.field, value) for key, value in zip(keys, values, strict=True)],
        )

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": MAX_SIZE, "default": DEFAULT_SIZE}
        return [
            {"name": "pageSize", "in": "query", "schema": size, "description": "Rows per page."},
            {
                "name": "cursor",
                "in": "query",
                "schema": {"type": "string"},
                "description": "From `next` or `previous`.",
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {"results": schema, "next": link, "previous": link},
        }


def page_size(request: Request) -> int:
    asked = request.query_params.get("pageSize", str(DEFAULT_SIZE))
    if not are_digits(asked, 3) or not 1 <= int(asked) <= MAX_SIZE:
        raise ValidationError({"pageSize": [_("A whole number from 1 to 200.")]})
    return int(asked)


def _bad_cursor() -> ValidationError:
    return ValidationError(
        {"cursor": [_("Take it as it is from next or previous, with the same ordering.")]}
    )


def _name(keys: list[Key]) -> str:
    return ",".join(("-" if key.descending else "") + key.field for key in keys)


def _value(row: Model, field: str) -> Any:
    value: Any = row
    for part in field.split("__"):
        value = getattr(value, part, None)
    return value


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return str(value)


def _parsed(model: type[Model], field: str, text: str | None) -> Any:
    if text is None:
        return None
    *through, last = field.split("__")
    for part in through:
        model = model._meta.get_field(part).related_model  # type: ignore[assignment]
    column = model._meta.pk if last == "pk" else model._meta.get_field(last)
    return column.to_python(text)  # type: ignore[union-attr]
