"""Django's error pages and error mails without secrets: they tell where and of what
kind, never what.

Django hides values by the name of a variable, and only in production. A password in a dict, a
request's body or a key in a local called `text` goes past that, so here no text at all is shown of
local variables and posted fields.
"""

import re
from collections.abc import ItemsView
from datetime import date, timedelta
from types import FrameType, TracebackType
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

from core.masking import Secret

PLAIN = (bool, int, float, date, timedelta, UUID, Secret, type, type(None))


class ReportFilter(SafeExceptionReporterFilter):
    """Named by settings.DEFAULT_EXCEPTION_REPORTER_FILTER."""

    # Addresses of servers carry their passwords.
    hidden_settings = re.compile(
        SafeExceptionReporterFilter.hidden_settings.pattern
        + "|URL|DATABASES|CACHES|COOKIE|BROKER|ANYMAIL",
        flags=re.IGNORECASE,
    )

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        if request is not None:
            return dict.fromkeys(request.POST, self.cleansed_substitute)
        return {}

    def get_traceback_frame_variables(
        self, request: HttpRequest | None, tb_frame: FrameType | TracebackType
    ) -> ItemsView[str, Any]:
        found = super().get_traceback_frame_variables(request, tb_frame)
        return {name: _kind(value) for name, value in found}.items()


class _Shown:
    """Prints as it is told to."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def _kind(value: Any) -> Any:
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, str | bytes | list | tuple | set | frozenset | dict):
        return _Shown(f"<{type(value).__name__} of {len(value)}>")
    if isinstance(value, Model):
        return _Shown(f"<{value._meta.label} {value.pk}>")
    return _Shown(f"<{type(value).__module__}.{type(value).__qualname__}>")
