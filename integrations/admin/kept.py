"""What all lists of what integrations keep have in common:
found by an id, or by the name of whose it is.
"""

import uuid
from datetime import datetime
from typing import Any, ClassVar, Final

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.admin.base import AppendOnlyAdmin
from core.admin.huge import WINDOWS, TimeWindow
from integrations.models import Integration

# So many integrations are looked through for a word; more are a matter of a narrower one.
MOST: Final = 10_000
SEARCH_HELP: Final = _("An id, or the name of an integration or an organization, written in full")


def named(term: str) -> list[Any]:
    """Return the integrations that are called so, or whose organization is."""
    rows = Integration.objects.filter(Q(name=term) | Q(organization__name=term))
    return list(rows.values_list("pk", flat=True)[:MOST])


def number_in(term: str) -> uuid.UUID | None:
    """Return the id that a search is; None where it is words."""
    try:
        return uuid.UUID(term.strip())
    except ValueError:
        return None


class OfIntegrations(AppendOnlyAdmin):
    """Rows that belong to integrations. An id finds the row, or those
    of the integration that it is of.
    """

    search_fields: Any = ("integration__name",)
    search_help_text = SEARCH_HELP
    list_select_related: Any = ("integration__organization",)
    # Columns that a list does not show and that may be large.
    heavy: ClassVar[tuple[str, ...]] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer(*self.heavy)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Look by indexes alone: for an id, for a name, and then for what the
        list has of its own.
        """
        term = search_term.strip()
        if not term:
            return queryset, False
        wanted = number_in(term)
        if wanted is not None:
            return queryset.filter(Q(pk=wanted) | Q(integration_id=wanted)), False
        integrations = named(term)
        if integrations:
            return queryset.filter(integration_id__in=integrations), False
        return self.by_words(queryset, term), False

    def by_words(self, queryset: QuerySet[Any], term: str) -> QuerySet[Any]:
        """Return the rows that other words than a name find."""
        return queryset.none()


class WindowById(TimeWindow):
    """A window of time by ids that hold their moment: it needs no index of its own."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        span = WINDOWS[self.chosen()][1]
        if span is None:
            return queryset
        return queryset.filter(pk__gte=first_id(timezone.now() - span))


def first_id(moment: datetime) -> uuid.UUID:
    """Return the lowest UUIDv7 of a moment."""
    return uuid.UUID(int=(int(moment.timestamp() * 1000) << 80) | (0x7 << 76) | (0x2 << 62))
