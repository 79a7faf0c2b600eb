"""Every address of the site, read from the URL configuration, so that a new one is tested
on the day it is added.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.admindocs.views import simplify_regex
from django.urls import URLPattern, URLResolver, get_resolver

PARAMETER = re.compile(r"<(?:[^<>:]+:)?([^<>]+)>")


@dataclass(frozen=True)
class Address:
    """One address: `/api/runs/<run_id>`, its name (with the namespace), and its parameters."""

    path: str
    name: str
    parameters: tuple[str, ...]

    def fill(self, **values: Any) -> str:
        return PARAMETER.sub(lambda found: str(values[found[1]]), self.path)

    @property
    def is_admin(self) -> bool:
        return self.path.startswith("/admin/")

    @property
    def is_api(self) -> bool:
        return self.path.startswith(("/api/", "/functions/", "/webhooks/", "/calls/appointments/"))


@lru_cache
def every_address() -> tuple[Address, ...]:
    return tuple(_walk(get_resolver().url_patterns, "", ""))


def _walk(patterns: list[URLPattern | URLResolver], path: str, namespace: str) -> Any:
    for pattern in patterns:
        whole = path + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from _walk(pattern.url_patterns, whole, namespace + inner)
        else:
            shown = simplify_regex(whole.replace("\\Z", "").replace("\\", ""))
            shown = PARAMETER.sub(r"<\1>", shown)
            yield Address(shown, namespace + (pattern.name or ""), tuple(PARAMETER.findall(shown)))
