"""Looking for secrets in clear: all that the house stores, queues, logs or shows,
and every spelling of a value.
"""

import base64
import json
import logging
import re
import urllib.parse
from collections.abc import Iterable, Iterator
from typing import Any, Self

import redis
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from psycopg import sql

from core.health.logs import PathsOnly, configure

Found = tuple[str, str]


def spellings(value: str) -> set[str]:
    """Return the value as it is, quoted, in hex, backwards, and in base64 at each of its three
    offsets.
    """
    raw = value.encode()
    found = {
        value,
        urllib.parse.quote(value, safe=""),
        json.dumps(value)[1:-1],
        raw.hex(),
        value[::-1],
    }
    for offset in range(3):
        text = base64.b64encode(b"\x00" * offset + raw).decode().rstrip("=")
        # The characters at both ends also depend on what stands beside the value.
        core = text[4 if offset else 0 : -2]
        found |= {core, core.replace("+", "-").replace("/", "_")}
    return found


def look(canaries: dict[str, str], places: Iterable[tuple[str, str]]) -> list[Found]:
    """Return each (secret's name, place) in which a spelling of it stands."""
    wanted = [(spelling, name) for name, value in canaries.items() for spelling in spellings(value)]
    return sorted(
        {(name, place) for place, text in places for spelling, name in wanted if spelling in text}
    )


# --- Stored and queued ----------------------------------------------------------------------------


def database() -> Iterator[tuple[str, str]]:
    """Return every row of every table, as a dump writes it."""
    tables = [
        table.name
        for table in connection.introspection.get_table_list(connection.cursor())
        if table.type == "t"
    ]
    for table in tables:
        with connection.cursor() as cursor:
            statement = sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(sql.Identifier(table))
            with cursor.copy(statement) as lines:
                yield f"table {table}", b"".join(bytes(line) for line in lines).decode()


def in_redis() -> Iterator[tuple[str, str]]:
    """Return every key of the queue's and the cache's database, its value, and what Celery packed
    in base64.
    """
    for url in (settings.REDIS_URL, settings.CACHE_URL):
        client = redis.Redis.from_url(url)
        for key in client.scan_iter():
            text = _redis_value(client, key)
            packed = "".join(_unpacked(body) for body in re.findall(r'"body": ?"([^"]+)"', text))
            yield f"redis {key.decode('latin-1')}", f"{key.decode('latin-1')} {text} {packed}"


def _redis_value(client: Any, key: bytes) -> str:
    readers = {
        b"string": client.get,
        b"list": lambda name: client.lrange(name, 0, -1),
        b"set": client.smembers,
        b"zset": lambda name: client.zrange(name, 0, -1),
        b"hash": client.hgetall,
        b"none": lambda _name: None,
    }
    value = readers[client.type(key)](key)
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    parts = value if isinstance(value, list | set) else [value or b""]
    return " ".join(part.decode("latin-1") for part in parts)


def _unpacked(body: str) -> str:
    try:
        return base64.b64decode(body).decode("latin-1")
    except ValueError:
        return ""


class Logs(logging.Handler):
    """Everything that is logged with LOG_LEVEL=DEBUG, SQL on top of it,
    in production's own format.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.settings = configure(readable=False, level="DEBUG")
        made = self.settings["formatters"]["lines"]
        self.setFormatter(
            made["()"](processors=made["processors"], foreign_pre_chain=made["foreign_pre_chain"])
        )
        self.addFilter(PathsOnly())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def __enter__(self) -> Self:
        root = logging.getLogger()
        self.before = {
            name: logging.getLogger(name).level for name in ("", *root.manager.loggerDict)
        }
        for name in self.before:
            floor = self.settings["loggers"].get(name, {}).get("level")
            logging.getLogger(name).setLevel(floor or (logging.NOTSET if name else logging.DEBUG))
        root.addHandler(self)
        connection.force_debug_cursor = True
        return self

    def __exit__(self, *_error: object) -> None:
        connection.force_debug_cursor = False
        logging.getLogger().removeHandler(self)
        for name, level in self.before.items():
            logging.getLogger(name).setLevel(level)

    def places(self) -> Iterator[tuple[str, str]]:
        for line in self.lines:
            yield f"log: {line[:200]}", line


# --- Shown ----------------------------------------------------------------------------------------


def admin_pages(client: Client) -> Iterator[tuple[str, str]]:
    """Return, of every model in the admin, the list, the empty form, and of each row its form and
    history.
    """
    paths = [reverse("admin:index")]
    for model, page in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        paths += [reverse(f"{name}_changelist"), reverse(f"{name}_add")]
        for row in model._default_manager.all()[:30]:
            paths += [
                reverse(f"{name}_change", args=[row.pk]),
                reverse(f"{name}_history", args=[row.pk]),
            ]
        if hasattr(page, "export_view"):
            answer = client.post(reverse(f"{name}_changelist") + "export/")
            yield (
                f"export of {model._meta.label} ({answer.status_code})",
                b"".join(answer).decode("utf-8", "replace"),
            )
    yield from fetched(client, paths)


# What waits for work to end when nothing else is asked for: nobody works here.
AT_ONCE = {"/api/cron/sync-fathom": "?wait=0"}


def fetched(client: Client, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Return the answers, redirects followed once."""
    for path in paths:
        answer = client.get(path + AT_ONCE.get(path.rstrip("/"), ""), follow=True)
        content = b"".join(answer) if answer.streaming else answer.content
        yield (
            f"page {path} ({answer.status_code})",
            content.decode("utf-8", "replace") + str(answer.headers),
        )


def plain_paths(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[str]:
    """Return every address of the site that takes no argument, the admin's own apart."""
    for pattern in (resolver or get_resolver()).url_patterns:
        route = str(pattern.pattern)
        if isinstance(pattern, URLPattern) and not re.search(r"[<(]", route):
            yield prefix + route.strip("^$")
        elif (
            isinstance(pattern, URLResolver)
            and not route.startswith("admin")
            and not re.search(r"[<(]", route)
        ):
            yield from plain_paths(pattern, prefix + route)
