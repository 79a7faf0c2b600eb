"""The servers of somebody else's databases, each with a table `people` and a user
who may only read it.
"""

import os
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
import pymysql
from django.db import connection
from pymongo import MongoClient

from core.http.databases import Engine, Place, Tls
from core.masking import Secret
from tests.support.tls_front import Authority, TlsFront

URLS: Final = {Engine.MYSQL: "KOPPEL_TEST_MYSQL_URL", Engine.MONGODB: "KOPPEL_TEST_MONGODB_URL"}
PROGRAMS: Final = {Engine.MYSQL: "mariadbd", Engine.MONGODB: "ferretdb"}
HOST: Final = "db.example.com"
USER: Final = "koppel_reader"
# Whatever a person may choose, on every engine.
PASSWORD: Final = "p:w'd \"%s\\ ;=@/é€" + "x" * 20
NAME: Final = "koppel_people"
PEOPLE: Final = [
    (
        number,
        f"person{number}@example.com",
        f"Person {number}",
        number % 2 == 0,
        f"2026-11-{number:02} 10:00:00",
    )
    for number in range(1, 26)
]


@dataclass(frozen=True)
class Server:
    """A server with a table `people`, and a user who may read it.
    `alter` runs a statement as its owner.
    """

    engine: Engine
    port: int
    alter: Callable[[str], None]
    tls_port: int = 0
    version: str = ""

    @property
    def place(self) -> Place:
        return Place(self.engine, HOST, self.port, NAME, USER, Secret(PASSWORD), Tls.OFF)

    def encrypted(self, authority: str) -> Place:
        return replace(self.place, port=self.tls_port, tls=Tls.VERIFY, authority=authority)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text()[-2000:]
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(log.read_text()[-2000:])


def _postgres(_folder: Path, authority: Authority, running: list[Any]) -> Server:
    facts = connection.get_connection_params()
    where: dict[str, Any] = {
        name: facts[name] for name in ("host", "port", "user", "password") if name in facts
    }
    user = f"{USER}"
    name = f"{NAME}"

    def alter(statement: str, database: str = NAME) -> None:
        with psycopg.connect(**where, dbname=database, autocommit=True) as owner:
            owner.execute(statement.encode())

    # Those of all workers share the server: who comes first makes it.
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as owner:
        owner.execute("SELECT pg_advisory_lock(77341)")
        quoted = PASSWORD.replace("'", "''")
        if not owner.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (user,)).fetchone():
            owner.execute(f"CREATE ROLE {user} LOGIN PASSWORD '{quoted}'".encode())
        if not owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            owner.execute(f"CREATE DATABASE {name}".encode())
            alter(
                "CREATE TABLE people (id int PRIMARY KEY, email text, name text, is_customer "
                "boolean, changed timestamptz, notes text); CREATE TABLE private (id int); "
                "CREATE FUNCTION adds() RETURNS int LANGUAGE sql AS 'INSERT INTO people (id) "
                "VALUES (999) RETURNING id'"
            )
            rows = ", ".join(
                f"({number}, '{email}', '{full}', {str(is_customer).lower()}, '{changed}+00')"
                for number, email, full, is_customer, changed in PEOPLE
            )
            alter(f"INSERT INTO people (id, email, name, is_customer, changed) VALUES {rows}")
            alter(
                f"GRANT SELECT ON people TO {user}; CREATE SEQUENCE numbers; GRANT ALL ON "
                f"numbers TO {user}"
            )
    port = int(where.get("port") or 5432)
    front = TlsFront(port, authority.context, postgres=True)
    running.append(front)
    return Server(Engine.POSTGRESQL, port, alter, front.port, "PostgreSQL")


def _mysql(folder: Path, authority: Authority, running: list[Any]) -> Server:
    root: dict[str, Any] = {"host": "127.0.0.1", "user": "root", "password": ""}
    if url := os.environ.get(URLS[Engine.MYSQL]):
        parts = urlsplit(url)
        root = {"host": parts.hostname, "user": parts.username, "password": parts.password or ""}
        port = parts.port or 3306
    else:
        port = free_port()
        _run("mariadb-install-db", "--no-defaults", "--user=root", f"--datadir={folder / 'data'}",
             "--auth-root-authentication-method=normal", "--skip-test-db", f"--tmpdir={folder}",
             folder=folder)  # fmt: skip
        log = folder / "log"
        process = subprocess.Popen(
            ["mariadbd", "--no-defaults", "--user=root", f"--datadir={folder / 'data'}",
             f"--port={port}",
             "--bind-address=127.0.0.1", f"--socket={folder / 's'}", f"--tmpdir={folder}",
             "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0",
             f"--ssl-cert={authority.certificate}", f"--ssl-key={authority.key}"],
            stdout=log.open("wb"), stderr=subprocess.STDOUT,
        )  # fmt: skip
        running.append(process)
        wait_for(port, process, log)

    def alter(statement: str, database: str | None = NAME) -> None:
        with (
            pymysql.connect(**root, port=port, database=database, autocommit=True) as owner,
            owner.cursor() as cursor,
        ):
            cursor.execute(statement)

    for statement in (
        f"DROP DATABASE IF EXISTS {NAME}",
        f"DROP USER IF EXISTS {USER}",
        f"CREATE DATABASE {NAME}",
    ):
        alter(statement, None)
    whole = {**root, "port": port, "database": NAME, "autocommit": True, "charset": "utf8mb4"}
    with pymysql.connect(**whole) as owner, owner.cursor() as cursor:
        cursor.execute(f"CREATE USER {USER} IDENTIFIED BY %s", (PASSWORD,))
        cursor.execute(
            "CREATE TABLE people (id int PRIMARY KEY, email varchar(200), name varchar(200), "
            "is_customer bool, changed datetime, notes longtext)"
        )
        cursor.execute("CREATE TABLE private (id int)")
        cursor.executemany("INSERT INTO people VALUES (%s, %s, %s, %s, %s, NULL)", PEOPLE)
        cursor.execute(
            "CREATE FUNCTION adds() RETURNS int MODIFIES SQL DATA BEGIN INSERT INTO people (id) "
            "VALUES (999); RETURN 1; END"
        )
        cursor.execute(f"GRANT SELECT ON {NAME}.people TO {USER}")
        cursor.execute(f"GRANT EXECUTE ON FUNCTION {NAME}.adds TO {USER}")
        cursor.execute("SELECT version()")
        version = "MariaDB" if "Maria" in str(cursor.fetchone()) else "MySQL"
    return Server(Engine.MYSQL, port, alter, port, version)


def _mongodb(folder: Path, authority: Authority, running: list[Any]) -> Server:
    url = os.environ.get(URLS[Engine.MONGODB], "")
    if url:
        parts = urlsplit(url)
        port = parts.port or 27017
        front = TlsFront(port, authority.context, postgres=False)
        running.append(front)
        tls_port = front.port
    else:
        port, tls_port = free_port(), free_port()
        log = folder / "log"
        (folder / "data").mkdir()
        process = subprocess.Popen(
            ["ferretdb", "--handler=sqlite", f"--sqlite-url=file:{folder / 'data'}/",
             f"--listen-addr=127.0.0.1:{port}",
             f"--listen-tls=127.0.0.1:{tls_port}",
             f"--listen-tls-cert-file={authority.certificate}",
             f"--listen-tls-key-file={authority.key}", "--debug-addr=-", "--telemetry=disable",
             f"--state-dir={folder}", "--test-enable-new-auth", "--setup-database=admin",
             "--setup-username=owner", "--setup-password=owners-password"],
            stdout=log.open("wb"), stderr=subprocess.STDOUT,
        )  # fmt: skip
        running.append(process)
        wait_for(port, process, log)
        url = f"mongodb://owner:owners-password@127.0.0.1:{port}/?directConnection=true"

    def alter(_statement: str) -> None:
        """Nothing is altered by a statement."""

    with MongoClient(url) as owner:  # type: MongoClient[dict[str, Any]]
        owner.drop_database(NAME)
        owner[NAME].people.insert_many(
            {
                "_id": number,
                "email": email,
                "name": full,
                "is_customer": is_customer,
                "changed": datetime.fromisoformat(f"{changed}+00:00"),
            }
            for number, email, full, is_customer, changed in PEOPLE
        )
        owner[NAME].crowd.insert_many(
            {"_id": number, "email": f"{number}@example.com"} for number in range(1, 901)
        )
        known = owner.admin.command("usersInfo", USER).get("users")
        if not known:
            owner.admin.command("createUser", USER, pwd=PASSWORD, roles=[])
    return Server(Engine.MONGODB, port, alter, tls_port, "MongoDB")


def _run(*words: str, folder: Path) -> None:
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


MAKERS: Final = {Engine.POSTGRESQL: _postgres, Engine.MYSQL: _mysql, Engine.MONGODB: _mongodb}
