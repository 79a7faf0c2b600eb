"""Lists of the tables that grow without end: always within a window of time,
rows found by what their id says.

The two log tables are partitioned by day; a window with literal bounds lets PostgreSQL skip all
other days, and a UUIDv7 says in which day its row lies.
"""

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, ClassVar, Final

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.admin.base import AppendOnlyAdmin
from core.postgres import partitions

WINDOWS: Final = {
    "1h": (_("Last hour"), timedelta(hours=1)),
    "24h": (_("Last 24 hours"), timedelta(hours=24)),
    "7d": (_("Last 7 days"), timedelta(days=7)),
    "30d": (_("Last 30 days"), timedelta(days=30)),
    "all": (_("All kept"), None),
}

SAMPLED: Final = 1_000
SAMPLED_SPAN: Final = timedelta(days=7)


class TimeWindow(SimpleListFilter):
    """The last 24 hours unless asked for more."""

    title = _("time")
    parameter_name = "since"
    default = "24h"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        self.field: str = model_admin.time_field
        return [(key, label) for key, (label, _span) in WINDOWS.items()]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for key, label in self.lookup_choices:
            yield {
                "selected": key == self.chosen(),
                "query_string": changelist.get_query_string({self.parameter_name: key}, ["p"]),
                "display": label,
            }

    def chosen(self) -> str:
        value = self.value()
        if value in WINDOWS:
            return value
        return self.default

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        span = WINDOWS[self.chosen()][1]
        if span is None:
            return queryset
        return queryset.filter(**{f"{self.field}__gte": timezone.now() - span})


def sampled(field: str, title: Any, word: Callable[[str], str] = str) -> type[SimpleListFilter]:
    """Return a filter by a column's values: those among the newest rows.

    All of them would be a walk through the table.

    `word`: what a value is called.
    """

    class Sampled(SimpleListFilter):
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
            time = model_admin.time_field
            rows = model_admin.model._default_manager.filter(
                **{f"{time}__gte": timezone.now() - SAMPLED_SPAN}
            )
            newest = rows.order_by(f"-{time}").values_list(field, flat=True)[:SAMPLED]
            values = {str(value) for value in newest if value} | {request.GET.get(field, "")}
            return [(value, word(value)) for value in sorted(values - {""})]

        def has_output(self) -> bool:
            return True

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            if self.value():
                return queryset.filter(**{field: self.value()})
            return queryset

    Sampled.title = title
    return Sampled


class HugeAdmin(AppendOnlyAdmin):
    """A log table's list and detail. `time_field` is the column that the table
    is partitioned or ordered by.
    """

    time_field = "created_at"
    # Whether the table is partitioned by that column, so that a row's id says where to look.
    by_day = True
    # Columns that a list does not show and that may be large.
    heavy: ClassVar[tuple[str, ...]] = ()
    list_before_template = "admin/koppel/window.html"
    # Newest first, always: another order would sort the whole window.
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer(*self.heavy)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Model | None:
        """Find the row by the id and the day that the id names, so that one
        partition is looked into.
        """
        if not self.by_day:
            found: Model | None = super().get_object(request, object_id, from_field)
            return found
        try:
            identifier = uuid.UUID(object_id)
        except ValueError:
            return None
        return self.by_id(self.model._default_manager.all(), identifier).first()

    def by_id(self, rows: QuerySet[Any], identifier: uuid.UUID) -> QuerySet[Any]:
        rows = rows.filter(pk=identifier)
        if not self.by_day or identifier.version != 7:
            return rows
        start, end = partitions.window(identifier)
        return rows.filter(**{f"{self.time_field}__gte": start, f"{self.time_field}__lt": end})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find the row of a pasted id whatever else is filtered;
        look for other words within the window.
        """
        term = search_term.strip()
        try:
            return self.by_id(self.get_queryset(request), uuid.UUID(term)), False
        except ValueError:
            return super().get_search_results(request, queryset, term)
