"""`?ordering=` and `?search=`: only what the view names, and 400 that says so for anything else."""

from collections.abc import Callable
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request
from rest_framework.serializers import Field

# What a filter may be asked for: these words, these words and what each means,
# whatever this field takes, or any text.
Asked = list[str] | dict[str, Any] | Field[Any, Any, Any, Any] | None
# By what rows are found: a column, or a function of the value.
Column = str | Callable[[Any], Q]

MAX_SEARCH = 200
OF_EVERY_LIST: Final = ("search", "ordering", "pageSize", "cursor")


class Ordering(BaseFilterBackend):
    """The view's `ordering_by = {"createdAt": "created_at"}`; `?ordering=-createdAt`.
    First entry = the default.
    """

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> QuerySet[Any]:
        allowed: dict[str, str] = getattr(view, "ordering_by", {})
        asked = request.query_params.get("ordering")
        if asked is None or not allowed:
            return queryset
        sign, name = "", asked
        if asked.startswith("-"):
            sign, name = "-", asked[1:]
        if name not in allowed:
            raise ValidationError(
                {"ordering": [_("One of: %(names)s.") % {"names": ", ".join(allowed)}]}
            )
        return queryset.order_by(sign + allowed[name])

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        allowed = getattr(view, "ordering_by", {})
        if not allowed:
            return []
        values = [sign + name for name in allowed for sign in ("", "-")]
        return [{"name": "ordering", "in": "query", "schema": {"type": "string", "enum": values}}]


class Search(BaseFilterBackend):
    """The view's `search_in = ["name", …]`; every word must be found in one of them."""

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> QuerySet[Any]:
        fields: list[str] = getattr(view, "search_in", [])
        text = request.query_params.get("search", "")
        if len(text) > MAX_SEARCH:
            raise ValidationError(
                {"search": [_("At most %(count)s characters.") % {"count": MAX_SEARCH}]}
            )
        for word in text.split() if fields else []:
            found = Q()
            for field in fields:
                found |= Q(**{f"{field}__icontains": word})
            queryset = queryset.filter(found)
        return queryset

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        if not getattr(view, "search_in", []):
            return []
        return [
            {"name": "search", "in": "query", "schema": {"type": "string", "maxLength": MAX_SEARCH}}
        ]


# Of a time that limits a list; '' limits nothing.
TIME: Final[dict[str, Any]] = {
    "type": "string",
    "anyOf": [{"format": "date-time"}, {"maxLength": 0}],
}


class Filters(BaseFilterBackend):
    """The view's `filter_by = {"state": ("state", ["queued", …])}`:
    exact values, named as in the answer.

    Beside a list of words: a dict of words and the values they stand for, a serializer field that
    reads the value (`Id()`, `Moment()`), or None for any text. In place of a column: a function
    that returns the condition.
    """

    def filter_queryset(
        self, request: Request, queryset: QuerySet[Any], view: Any
    ) -> QuerySet[Any]:
        allowed: dict[str, tuple[Column, Asked]] = getattr(view, "filter_by", {})
        refuse_unknown(request, [*allowed, *getattr(view, "also_asked", ()), *OF_EVERY_LIST])
        for name, (field, values) in allowed.items():
            asked = request.query_params.get(name)
            if asked is None:
                continue
            if not asked and _is_time(values):
                # A form whose date nobody filled in asks for no limit.
                continue
            queryset = queryset.filter(_condition(field, _value(name, asked, values)))
        return queryset

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        allowed: dict[str, tuple[Column, Asked]] = getattr(view, "filter_by", {})
        return [
            {
                "name": name,
                "in": "query",
                "schema": TIME if _is_time(values) else {"type": "string", **_schema(values)},
            }
            for name, (_field, values) in allowed.items()
        ]


def _condition(field: Column, value: Any) -> Q:
    if callable(field):
        return field(value)
    return Q(**{field: value})


def refuse_unknown(request: Request, names: list[str]) -> None:
    """Refuse a filter that is misspelt: it must not be answered with everything."""
    unknown = set(request.query_params) - set(names)
    known = ", ".join(names)
    if unknown:
        problem = _("Nothing of this name can be asked for here. Known are: %(names)s.") % {
            "names": known
        }
        raise ValidationError({name: [problem] for name in sorted(unknown)})


def _is_time(values: Asked) -> bool:
    return getattr(values, "text_format", "") == "date-time"


def _value(name: str, asked: str, values: Asked) -> Any:
    if values is None:
        return asked
    if isinstance(values, Field):
        try:
            return values.run_validation(asked)
        except ValidationError as error:
            raise ValidationError({name: error.detail}) from error
    if asked not in values:
        raise ValidationError({name: [_("One of: %(names)s.") % {"names": ", ".join(values)}]})
    if isinstance(values, dict):
        return values[asked]
    return asked


def _schema(values: Asked) -> dict[str, Any]:
    if isinstance(values, Field):
        return {"format": getattr(values, "text_format", "")}
    if values:
        return {"enum": list(values)}
    return {}
