"""What the search of the management portal (Ctrl or ⌘ and K) finds beside pages:
people first, then what is theirs.

Unfold would read every row that a word matches, of every table. Here each list says its few first,
by its own search, to whoever may open it; a list that does not answer at once is left out.
"""

from typing import Any, Final

from django.apps import apps
from django.contrib import admin
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from unfold.dataclasses import SearchResult

# In this order; what is not installed is passed over.
LISTS: Final = (
    ("core.user", "person"),
    ("crm.member", "badge"),
    ("crm.salesrep", "support_agent"),
    ("crm.lead", "person_search"),
    ("crm.contact", "contacts"),
    ("crm.organization", "domain"),
    ("crm.appointment", "event"),
    ("bison.workspace", "workspaces"),
    ("bison.emailaccount", "alternate_email"),
    ("integrations.integration", "extension"),
    ("core.run", "progress_activity"),
)
EACH: Final = 5
SHORTEST: Final = 2
LONGEST_LOOK_MS: Final = 1_000


def found(request: HttpRequest, term: str) -> list[SearchResult]:
    """Return the first few rows of each list that the words find."""
    words = term.strip()
    if len(words) < SHORTEST or "\x00" in words:
        return []
    return [hit for label, icon in LISTS for hit in _of_list(request, label, icon, words)]


def _of_list(request: HttpRequest, label: str, icon: str, words: str) -> list[SearchResult]:
    model = apps.get_model(label)
    page: Any = admin.site._registry.get(model)
    if page is None or not page.has_view_or_change_permission(request):
        return []
    rows = page.get_queryset(request)
    if page.list_select_related not in (True, False):
        rows = rows.select_related(*page.list_select_related)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    about = str(capfirst(model._meta.verbose_name))
    return [
        SearchResult(
            title=str(row), description=about, link=reverse(name, args=[row.pk]), icon=icon
        )
        for row in _first(page, request, rows, words)
    ]


def _first(page: Any, request: HttpRequest, rows: Any, words: str) -> list[Any]:
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL statement_timeout = %s", [LONGEST_LOOK_MS])
            several, has_twins = page.get_search_results(request, rows, words)
            if has_twins:
                several = several.distinct()
            return list(several[:EACH])
    except OperationalError:
        return []
