"""What every page of the admin shares: no exact counts, status as icon and word and colour,
acts only by POST.

Unfold's own buttons on a detail page are links (GET); an act behind a link can be set off by a
stranger's page. So `object_acts` names list actions, and the detail page shows each as a button of
a form that posts it for that one row.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, ClassVar, Final

from django.contrib import admin
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.db import DataError
from django.db.models import DateTimeField, Model, QuerySet
from django.forms import Media
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin

# What filters of Django raise, at once or when the rows are counted,
# for values that cannot be looked for.
NO_SUCH_LIST: Final = (
    IncorrectLookupParameters,
    DisallowedModelAdminLookup,
    ValidationError,
    ValueError,
    TypeError,
    OverflowError,
    DataError,
)

# How every list writes a time. Pages of one row spell the month out.
TO_THE_SECOND: Final = "j M Y, H:i:s"
# Of Django's media for every page, what only `prepopulated_fields` need; no page of ours has such.
UNUSED: Final = frozenset(
    {
        "admin/js/urlify.js",
        "admin/js/prepopulate.js",
        "admin/js/vendor/xregexp/xregexp.js",
        "admin/js/vendor/xregexp/xregexp.min.js",
    }
)


def moment(field: str, title: Any) -> Callable[[Any], SafeString]:
    """Return a column with a time to the second, in the reader's zone and language,
    in figures of one width.
    """

    @admin.display(description=title, ordering=field)
    def column(row: Any) -> SafeString:
        value: datetime | None = getattr(row, field)
        if value is None:
            return SafeString("–")
        local = date_format(timezone.localtime(value), TO_THE_SECOND)
        return format_html(
            '<time class="k-figure k-time" datetime="{}">{}</time>', value.isoformat(), local
        )

    column.__name__ = field
    return column


def mono(text: Any) -> SafeString:
    """Show an id, an address or a hash in figures of one width."""
    if text:
        return format_html('<span class="k-mono">{}</span>', text)
    return SafeString("–")


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than `cap` rows: the pages beyond are what filters are for."""

    cap = 10_000

    @cached_property
    def found(self) -> int:
        rows: Any = self.object_list
        if isinstance(rows, QuerySet):
            return int(rows.order_by()[: self.cap + 1].count())
        return len(rows)

    @cached_property
    def count(self) -> int:
        return min(self.found, self.cap)

    @property
    def has_more(self) -> bool:
        return self.found > self.cap


class HouseAdmin(ModelAdmin):
    """Every list of ours: 50 a page, counted to 10,000 at most,
    no second count of the whole table.
    """

    list_per_page = 50
    show_full_result_count = False
    # Facets would count the table once for every choice of every filter.
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    # Names of list actions that the detail page offers as buttons for its one row.
    object_acts: ClassVar[tuple[str, ...]] = ()
    # (address below the row's own, words): pages about the one row.
    object_links: ClassVar[tuple[tuple[str, Any], ...]] = ()
    # Who may delete a row here may have all go that hangs on it,
    # also what nobody deletes by itself.
    takes_all_along = False
    change_form_outer_before_template = "admin/koppel/acts.html"

    @property
    def media(self) -> Media:
        whole = super().media
        return Media(css=whole._css, js=[path for path in whole._js if path not in UNUSED])

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        found, counts, lacking, protected = super().get_deleted_objects(objs, request)
        if self.takes_all_along:
            lacking = set()
        return found, counts, lacking, protected

    def get_list_display(self, request: HttpRequest) -> Any:
        """Write each column that is a plain time as every other time."""
        times = self._times
        return [times.get(column, column) for column in super().get_list_display(request)]

    @cached_property
    def _times(self) -> dict[Any, Callable[[Any], SafeString]]:
        """The same function each time: Django sorts by the very column that it was given."""
        plain = (field for field in self.opts.concrete_fields if isinstance(field, DateTimeField))
        return {
            field.name: moment(field.name, field.verbose_name)
            for field in plain
            if not hasattr(self, field.name)
        }

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        allowed = {}
        if obj is not None:
            allowed = self.get_actions(request)
        acts = []
        if allowed:
            acts = [(name, allowed[name][2]) for name in self.acts_on(obj) if name in allowed]
        # Without a filter of its own the list that takes the act would not find a row older than
        # its usual window.
        query = ""
        if hasattr(self, "time_field"):
            query = "?since=all"
        links: tuple[tuple[str, Any], ...] = ()
        if obj is not None and self.has_change_permission(request, obj):
            links = self.object_links
        context |= {"object_acts": acts, "acts_query": query, "object_links": links}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Return the list as its address asks for it; 400 for an address that means nothing."""
        try:
            return super().get_changelist_instance(request)
        except NO_SUCH_LIST as error:
            raise BadRequest from error

    def acts_on(self, row: Any) -> Iterable[str]:
        """Return the acts that have a meaning for this row as it is:
        what is over is not cancelled.
        """
        return self.object_acts


class AppendOnlyAdmin(HouseAdmin):
    """Rows that happened: nobody adds, changes or deletes them here, a superuser neither."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
