"""The steps of a test while it runs: whoever started it sees each as it ends.
They hold no secret.
"""

import json
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django.core.cache import cache
from django.http import HttpRequest

from core.connections import TestResult
from core.vendors.checking import OnStep
from core.words.sayings import Text
from dashboard.views import person

# Longer than any test takes.
KEPT: Final = 120
NAME: Final = "watch"


def watched(request: HttpRequest) -> OnStep | None:
    """Return what notes the steps under the number that the page chose;
    None where it chose none.
    """
    try:
        place = _place(request, UUID(request.POST.get(NAME, "")))
    except ValueError:
        return None

    def note(result: TestResult, left: Sequence[Text]) -> None:
        cache.set(place, json.dumps([*result.as_json(), *_ahead(left)]), KEPT)

    return note


def so_far(request: HttpRequest, number: UUID) -> list[dict[str, Any]]:
    """Return the steps of a test of this person's; none before the first one."""
    return list(json.loads(cache.get(_place(request, number), "[]")))


def _ahead(left: Sequence[Text]) -> list[dict[str, str]]:
    """Return what is still to come: the first of them runs."""
    states = ["running", *(["waiting"] * len(left))]
    return [
        {"name": str(name), "state": state, "message": ""}
        for name, state in zip(left, states, strict=False)
    ]


def _place(request: HttpRequest, number: UUID) -> str:
    return f"integrations:steps:{person(request).pk}:{number}"
