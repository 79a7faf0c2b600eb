"""PostgreSQL and Valkey of our own: private, on free ports, and with their data after
every kind of death.
"""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from sandbox.home import ROOT, Home
from sandbox.processes import began, wait_until
from sandbox.services import Postgres, Valkey, delete_outside
from sandbox.services.reach import ELSEWHERE

LAUNCHER = """
import sys, time
from pathlib import Path
from sandbox.services import Postgres, Valkey
home = Path(sys.argv[1])
postgres, valkey = Postgres(home / "postgres").start(), Valkey(home / "valkey").start()
print(postgres.url, postgres.process.pid, valkey.url, valkey.process.pid, flush=True)
time.sleep(600)
"""


def rows(url: str, sql: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def test_both_serve_behind_a_password_that_only_their_owner_can_read(home: Home) -> None:
    postgres, valkey = Postgres(home.path / "postgres"), Valkey(home.path / "valkey")
    postgres.start()
    valkey.start()
    try:
        assert rows(postgres.url, "show server_encoding") == [("UTF8",)]
        assert rows(postgres.url, "show max_connections") == [("200",)]
        assert redis.Redis.from_url(valkey.url).config_get("maxmemory-policy") == {
            "maxmemory-policy": "noeviction"
        }
        for server in (postgres, valkey):
            assert stat.S_IMODE((server.home / "password").stat().st_mode) == 0o600
            assert server.password not in Path(f"/proc/{server.process.pid}/cmdline").read_text()
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            rows(postgres.url.replace(postgres.password, "wrong"), "select 1")
        with pytest.raises(redis.AuthenticationError):
            redis.Redis(port=valkey.port).ping()
    finally:
        valkey.stop()
        postgres.stop()
    assert not began(postgres.process.pid)
    assert not began(valkey.process.pid)


def test_a_port_that_is_taken_is_left_alone(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        valkey = Valkey(home.path / "valkey")
        valkey.port_wished = stranger.getsockname()[1]
        valkey.start()
        try:
            assert valkey.port != valkey.port_wished
            assert redis.Redis.from_url(valkey.url).ping()
        finally:
            valkey.stop()


def test_a_server_that_was_killed_comes_back_at_the_same_address_with_its_data(home: Home) -> None:
    postgres, valkey = Postgres(home.path / "postgres"), Valkey(home.path / "valkey")
    postgres.start()
    valkey.start()
    try:
        rows(postgres.url, "create table kept as select 42 as n")
        redis.Redis.from_url(valkey.url).set("kept", "42")
        time.sleep(1.2)  # what Valkey was told is on disk within a second
        before = (postgres.url, valkey.url)
        for server in (postgres, valkey):
            server.process.kill()
            server.process.wait()
            server.start()
        assert (postgres.url, valkey.url) == before
        assert rows(postgres.url, "select n from kept") == [(42,)]
        assert redis.Redis.from_url(valkey.url).get("kept") == b"42"
    finally:
        valkey.stop()
        postgres.stop()


def test_after_the_launcher_was_killed_a_second_start_ends_the_old_servers_first(
    open_folder: Path,
) -> None:
    launcher = subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, str(open_folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert launcher.stdout is not None
    old_url, old_postgres, _, old_valkey = launcher.stdout.readline().split()
    rows(old_url, "create table kept as select 42 as n")
    launcher.send_signal(signal.SIGKILL)
    launcher.wait()

    postgres, valkey = Postgres(open_folder / "postgres"), Valkey(open_folder / "valkey")
    postgres.start()
    valkey.start()
    try:
        assert wait_until(lambda: not began(int(old_postgres)) and not began(int(old_valkey)), 5)
        assert rows(postgres.url, "select n from kept") == [(42,)]
    finally:
        valkey.stop()
        postgres.stop()


def test_a_pid_file_that_names_a_stranger_harms_nobody(home: Home) -> None:
    valkey, postgres = Valkey(home.path / "valkey"), Postgres(home.path / "postgres")
    stranger = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        valkey.prepare()
        (valkey.home / "pid").write_text(f"{stranger.pid} some-boot 12345")
        valkey.end_leftover()
        postgres.start()
        postgres.stop()
        (postgres.data / "postmaster.pid").write_text(f"{stranger.pid}\n")
        postgres.end_leftover()
        assert began(stranger.pid)
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_the_data_of_a_home_made_again_is_new(tmp_path: Path, open_folder: Path, mode: int) -> None:
    """Old data was sealed with other keys; and a home that others cannot reach must leave
    nothing outside itself.
    """
    parent = tmp_path if mode == 0o700 else open_folder
    parent.chmod(mode)
    folder = parent / "postgres"
    first = Postgres(folder)
    first.start()
    rows(first.url, "create table kept as select 42 as n")
    first.stop()
    if os.geteuid() == 0:
        assert (first.place.parent == ELSEWHERE) == (mode == 0o700)
    subprocess.run(["rm", "-rf", str(folder)], check=True)

    second = Postgres(folder)
    second.start()
    try:
        assert rows(second.url, "select to_regclass('kept')") == [(None,)]
    finally:
        second.stop()
        delete_outside(folder)
    assert [m for m in ELSEWHERE.glob("koppel-*/home") if m.read_text() == str(folder)] == []
