"""Files of keys, row by row: what became of each key. The keys themselves are shown nowhere."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from bison.keys.importing import KIND
from bison.models import ImportedKey
from core.admin.base import AppendOnlyAdmin, mono
from core.runs import kinds


@admin.register(ImportedKey)
class ImportedKeyAdmin(AppendOnlyAdmin):
    """What came of each row of a file of keys, the newest file first."""

    list_display = ("workspace", "line", "name", "result", "short_reason")
    list_filter = ("outcome", "workspace__instance")
    list_select_related = ("workspace",)
    search_fields = ("=workspace__workspace_name", "=run__id")
    search_help_text = _("A workspace's name or a run's id, written in full")
    ordering = ("-id",)
    fields = ("workspace", "run", "line", "name", "kind_of_key", "mark", "result", "reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportedKey]:
        return super().get_queryset(request).defer("key")

    @admin.display(description=_("row of the file"), ordering="row")
    def line(self, row: ImportedKey) -> int:
        return row.row

    @admin.display(description=_("name of the key"))
    def name(self, row: ImportedKey) -> str:
        return _text(row.facts.get("name"))

    @admin.display(description=_("kind of key"))
    def kind_of_key(self, row: ImportedKey) -> str:
        return _text(row.facts.get("type"))

    @admin.display(description=_("fingerprint of the key"))
    def mark(self, row: ImportedKey) -> SafeString:
        return mono(row.fingerprint[:16])

    @admin.display(description=_("result"), ordering="outcome")
    def result(self, row: ImportedKey) -> str:
        if not row.outcome:
            return "–"
        return kinds.word(KIND.key, row.outcome)

    @admin.display(description=_("reason"))
    def short_reason(self, row: ImportedKey) -> str:
        return _text(row.reason[:120])


def _text(value: Any) -> str:
    return str(value or "–")
