"""Pages of the log: the newest day is read first, and older ones only while rows are missing."""

from typing import Any

from core.api.pagination import CursorPages
from core.postgres import partitions


class LogPages(CursorPages):
    """Pages of a queryset of calls; the view's `since` is where the list ends."""

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        self.since = getattr(view, "since", None)
        return super().paginate_queryset(queryset, request, view)

    def _rows(self, queryset: Any, keys: Any, cursor: Any, count: int) -> list[Any]:
        if cursor and cursor.backwards:
            return super()._rows(queryset, keys, cursor, count)
        before = None
        if cursor:
            before = (cursor.values[0], cursor.values[1])
        return partitions.newest(
            queryset, count, column="created_at", before=before, since=self.since
        )
