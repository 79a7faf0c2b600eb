"""Where a database is and who signs in; how much of it may come;
and what a session with it can do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol

from core.http import addresses
from core.masking import Secret

USUAL_PORTS: Final[dict[str, int]] = {}


class Engine(StrEnum):
    """The kinds of databases that can be read."""

    POSTGRESQL = "POSTGRESQL"
    MYSQL = "MYSQL"
    MONGODB = "MONGODB"


USUAL_PORTS.update({Engine.POSTGRESQL: 5432, Engine.MYSQL: 3306, Engine.MONGODB: 27017})


class Tls(StrEnum):
    """How a connection is protected: encrypted and the server's certificate checked,
    encrypted alone, or not at all.
    """

    VERIFY = "VERIFY"
    ENCRYPT = "ENCRYPT"
    OFF = "OFF"


@dataclass(frozen=True)
class Place:
    """A database and whoever signs in to it.

    `authority` is the certificate (PEM) that the server's is checked against,
    where it is none of the public ones; `signs_in_at` the database that MongoDB keeps the user in.
    """

    engine: Engine
    host: str
    port: int
    database: str
    user: str
    password: Secret
    tls: Tls = Tls.VERIFY
    authority: str = ""
    signs_in_at: str = ""

    @property
    def is_exempt(self) -> bool:
        """Whether the installation's owner has opened this very host and port."""
        return addresses.is_exempt(addresses.named(self.host), self.port)


@dataclass(frozen=True)
class Bounds:
    """How long and how much: seconds, rows, and bytes of one row and of all
    that the server sends.
    """

    connect: float = 10
    statement: float = 30
    rows: int = 500
    row_bytes: int = 256 * 1024
    all_bytes: int = 16 * 1024 * 1024

    @property
    def total(self) -> float:
        """Seconds after which all is over: a little more than the server is given
        to end it by itself.
        """
        return self.connect + self.statement + 5


@dataclass(frozen=True)
class Rows:
    """What a query gave: at most as many rows as were allowed, and whether more were waiting."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    is_cut: bool = False
    size: int = 0

    @property
    def columns(self) -> list[str]:
        """The names that occur, in the order of their first row."""
        return list(dict.fromkeys(name for row in self.rows for name in row))


class Session(Protocol):
    """A connection that has signed in."""

    @property
    def version(self) -> str: ...

    def read(self, query: str, arguments: Mapping[str, str], most: int) -> Rows:
        """Return what the query gives, with `:name` standing for `arguments[name]`;
        `most` rows of it.
        """

    def is_read_only(self) -> bool:
        """Tell whether the server refuses whatever would change something."""

    def may_write(self) -> bool:
        """Tell whether the user has more rights than reading takes."""
