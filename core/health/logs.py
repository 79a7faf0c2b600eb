"""Logs: one JSON object a line (readable lines on a developer's console),
with the request's id and without secrets.

No line names a person: what is written cannot be taken back when they ask to be erased. Our own
lines hold ids; what others write (an error of the database quotes the row) loses addresses and the
parts that quote values.
"""

import contextlib
import logging
import re
from collections.abc import Iterator, MutableMapping
from typing import Any

import structlog
from celery.signals import setup_logging

from core.masking import BULLETS, Secret

# A key that is named like a secret is one, whatever its value looks like.
SECRET_NAME = re.compile(
    r"(pass(word|wd|phrase)?$|secret|token|api_?key|apikey|authorization|cookie|credential|private_?key|otp$|^code$"
    r"|session_?key|refresh$|access$|signature|^dsn$|_url_with_password)",
    re.IGNORECASE,
)
NOT_SECRET = frozenset({"api_key_type", "key_type", "has_api_key", "token_type"})
URL_PASSWORD = re.compile(r"(?<=://)([^/\s:@]*):([^/\s@]+)@")
UUID_OR_WORD = re.compile(
    r"^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[a-z0-9_.-]{1,32})$"
)
MAX_DEPTH = 6
_PART = r"[^\s\"'<>@,;:()\[\]\\/=|&?#]"
ADDRESS = re.compile(rf"{_PART}{{1,64}}(?:@|%40){_PART}+\.{_PART}+")
NO_ADDRESS = "[address]"
# What PostgreSQL adds to an error: the row or the statement, with the values in them.
QUOTED_BY_POSTGRES = re.compile(
    r"\n(?:DETAIL|LINE \d+|QUERY|CONTEXT|HINT):.*?(?=\n\n(?:The above|During handling)|\Z)",
    re.DOTALL,
)


def hide_secrets(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Put bullets for Secrets, for values of keys named like secrets, for passwords in addresses:
    for structlog.
    """
    for key in list(event):
        event[key] = _hidden(key, event[key])
    return event


def _hidden(key: str, value: Any, depth: int = 0) -> Any:
    if isinstance(value, Secret):
        return BULLETS
    is_named_so = SECRET_NAME.search(str(key)) and str(key).lower() not in NOT_SECRET
    if is_named_so and isinstance(value, str | bytes | int):
        if isinstance(value, bool):
            return value
        return BULLETS
    if depth >= MAX_DEPTH:
        return "…"
    if isinstance(value, dict):
        return {name: _hidden(name, inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [_hidden(key, inner, depth + 1) for inner in value]
    if isinstance(value, str) and "://" in value:
        return URL_PASSWORD.sub(rf"\1:{BULLETS}@", value)
    return value


def hide_people(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Take out addresses, and rows that an error quotes: a structlog processor,
    after exceptions became text.
    """
    for key in list(event):
        event[key] = _nameless(event[key])
    return event


def _nameless(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        return without_people(value)
    if depth >= MAX_DEPTH or isinstance(value, bool | int | float | None):
        return value
    if isinstance(value, dict):
        return {name: _nameless(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple | set):
        return [_nameless(inner, depth + 1) for inner in value]
    return without_people(repr(value))


def without_people(text: str) -> str:
    """Return a text for a log without addresses and without what an error
    of the database quotes.
    """
    if "\n" in text:
        text = QUOTED_BY_POSTGRES.sub("", text)
    if "@" in text or "%40" in text:
        text = ADDRESS.sub(NO_ADDRESS, text)
    return text


def path_for_logs(path: str) -> str:
    """Return a path without what may be a token: any segment that is neither a plain word nor
    a UUID; never a query.
    """
    parts = path.partition("?")[0].split("/")
    after = ["", *parts]
    return "/".join(
        _part_for_logs(before, part) for before, part in zip(after, parts, strict=False)
    )[:300]


def _part_for_logs(before: str, part: str) -> str:
    """Return a segment of a path, or three dots for what may be a token:
    by what it is, or what stands before it.
    """
    if before in ("key", "guest"):
        return "…"
    if not part or UUID_OR_WORD.match(part):
        return part
    return "…"


class PathsOnly(logging.Filter):
    """Django's own lines hold the path as it came; tokens in it go the same way as ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.") and isinstance(record.args, tuple):
            record.args = tuple(
                path_for_logs(argument)
                if isinstance(argument, str) and argument.startswith("/")
                else argument
                for argument in record.args
            )
        return True


class Terminal(logging.StreamHandler[Any]):
    """Standard error. On a terminal a line takes the place of a bar that is being drawn,
    which is then drawn below.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        if self.stream.isatty():
            return f"\r\033[K{line}"
        return line


@contextlib.contextmanager
def only_warnings() -> Iterator[None]:
    """Keep what is no warning off the terminal: for as long as a command draws a bar there.
    A log file gets all.
    """
    handlers = [
        handler for handler in logging.getLogger().handlers if isinstance(handler, Terminal)
    ]
    levels = [handler.level for handler in handlers]
    for handler in handlers:
        if handler.stream.isatty():
            handler.setLevel(logging.WARNING)
    try:
        yield
    finally:
        for handler, level in zip(handlers, levels, strict=True):
            handler.setLevel(level)


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def configure(readable: bool, level: str = "INFO", file: str = "") -> dict[str, Any]:
    """Set structlog up and give Django its LOGGING: both end in the same lines on standard
    error, or in the file.
    """
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.captureWarnings(not readable)  # a warning would otherwise be a line that is no JSON
    # Plain tracebacks: the pretty ones print local variables, and those hold what nobody may see.
    last: list[Any] = (
        [
            structlog.dev.ConsoleRenderer(
                colors=not file, exception_formatter=structlog.dev.plain_traceback
            )
        ]
        if readable
        else [structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    handler: dict[str, Any] = {
        "class": "core.health.logs.Terminal",
        "formatter": "lines",
        "filters": ["paths"],
    }
    if file:
        # One that follows when the file is moved away, as log rotation and the next
        # start of a trial do.
        handler |= {
            "class": "logging.handlers.WatchedFileHandler",
            "filename": file,
            "encoding": "utf-8",
        }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"paths": {"()": "core.health.logs.PathsOnly"}},
        "formatters": {
            "lines": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    hide_secrets,
                    structlog.processors.format_exc_info,
                    hide_people,
                    *last,
                ],
                "foreign_pre_chain": SHARED,
            }
        },
        "handlers": {"standard": handler},
        "root": {"handlers": ["standard"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # Our own request line says it better; a 500 still comes with its traceback.
            "django.request": {"level": "ERROR"},
            # At DEBUG it writes whole template contexts, and with them whatever a page
            # was about to show.
            "django.template": {"level": "INFO"},
            # Whoever may be anybody names hosts that are not ours;
            # it is answered 400 and is no fault.
            "django.security.DisallowedHost": {
                "handlers": [],
                "level": "CRITICAL",
                "propagate": False,
            },
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "axes": {"level": "WARNING"},
            # At DEBUG it writes what it signs and the signature:
            # a link that plays for whoever reads the log.
            "botocore": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
        },
    }


@setup_logging.connect
def _celery_leaves_logging_alone(**_signal: Any) -> None:
    """Listen to this signal, so that Celery configures nothing:
    Django's LOGGING stands for its workers too.
    """
