"""Columns of the registry under names that people have for them."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin


def named(field: str, title: Any) -> Callable[[Any], str]:
    """Show what the row has there under this title; a list as its parts, nothing as a dash."""
    word = f"get_{field}_display"

    @admin.display(description=title, ordering=field)
    def column(row: Any) -> str:
        value = getattr(row, field)
        if isinstance(value, list):
            value = ", ".join(value)
        if hasattr(row, word):
            value = getattr(row, word)()
        if value in {None, ""}:
            return "–"
        return str(value)

    column.__name__ = field
    return column
