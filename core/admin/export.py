"""Exports: CSV that streams, in slices by key, so that neither memory nor a long transaction pays
for a large one.
"""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone

from core import audit

SLICE: Final = 2_000


class _Echo:
    """A file whose write() gives the line back."""

    def write(self, line: str) -> str:
        return line


def in_slices(rows: QuerySet[Any], key: Sequence[str], size: int = SLICE) -> Iterator[Any]:
    """Yield the rows, last first by `key` (a time and an id, or one unique column);
    not those added meanwhile.
    """
    rows = rows.order_by(*(f"-{name}" for name in key))
    part = list(rows[:size])
    while part:
        yield from part
        part = list(rows.filter(_before(key, part[-1]))[:size]) if len(part) == size else []


def _before(key: Sequence[str], last: Model) -> Q:
    first, *rest = key
    value = getattr(last, first)
    if not rest:
        return Q(**{f"{first}__lt": value})
    # The plain bound is implied by the rest; it is what an index can use.
    return Q(**{f"{first}__lte": value}) & (Q(**{f"{first}__lt": value}) | _before(rest, last))


def cell(value: Any) -> str:
    """Return a value as text that no spreadsheet takes for a formula."""
    text = ""
    if value is not None:
        text = str(value)
    if text.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{text}"
    return text


def stream(
    name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    writer = csv.writer(_Echo())
    lines = (writer.writerow([cell(value) for value in row]) for row in rows)
    answer = StreamingHttpResponse(
        _with_first(writer.writerow(header), lines), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "no-store"
    return answer


def _with_first(first: str, rest: Iterable[str]) -> Iterator[str]:
    yield first
    yield from rest


def columns(names: Sequence[str]) -> Callable[[Model], list[Any]]:
    """Return what makes a row of an export: these attributes, times as ISO 8601."""

    def row(of: Model) -> list[Any]:
        values = [getattr(of, name) for name in names]
        return [value.isoformat() if hasattr(value, "isoformat") else value for value in values]

    return row


class Exported:
    """A list of the admin with an Export button: POST `export/` with the list's own
    filters in the query.
    """

    export_name: ClassVar[str]
    export_columns: ClassVar[tuple[str, ...]]
    export_key: ClassVar[tuple[str, ...]]
    export_permission: ClassVar[str]
    export_action: ClassVar[str] = "export.made"

    def export_row(self, of: Model) -> Sequence[Any]:
        """Return one line; the attributes that `export_columns` names,
        where an admin says nothing else.
        """
        return columns(self.export_columns)(of)

    def get_urls(self) -> list[URLPattern]:
        admin: Any = self
        view = admin.admin_site.admin_view(self.export_view)
        return [path("export/", view, name=f"{self.export_name}_export"), *super().get_urls()]  # type: ignore[misc]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {
            "may_export": request.user.has_perm(self.export_permission),
            **(extra_context or {}),
        }
        answer: HttpResponse = super().changelist_view(request, context)  # type: ignore[misc]
        return answer

    def export_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        admin: Any = self
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm(self.export_permission) or not admin.has_view_permission(
            request
        ):
            raise PermissionDenied
        admin.request = request
        rows = admin.get_changelist_instance(request).queryset
        recorded(request, self.export_action, self.export_name)
        lines = map(self.export_row, in_slices(rows, self.export_key))
        return stream(
            f"{self.export_name}-{timezone.now():%Y%m%d-%H%M}.csv", self.export_columns, lines
        )


def recorded(request: HttpRequest, action: str, what: str) -> None:
    """Write the audit row of an export before its first line leaves."""
    with transaction.atomic():
        audit.record(
            action,
            actor=request.user,
            request=request,
            export=what,
            filters=request.GET.urlencode(),
        )
