"""`make run`: servers, tables, demo data, stand-in vendors, web, workers and beat,
under one supervisor.
"""

import os
import signal
import subprocess
import sys
import time

from sandbox.home import ROOT, Home, LaunchError, environment
from sandbox.processes import end_leftover, wait_until
from sandbox.readiness import Readiness
from sandbox.screen import Screen
from sandbox.services import Postgres, Valkey
from sandbox.site import FOLLOW_UP, WORKERS, Site, preparation
from sandbox.supervisor import Child, Supervisor

READY_WITHIN = 180


def main() -> int:
    env = environment()
    began = float(os.environ.pop("KOPPEL_BEGAN", time.time()))
    home = Home.of(env)
    try:
        _take(home.make())
        return Launch(home, env, began).run()
    except LaunchError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _take(home: Home) -> None:
    """Take the home, or say who has it. A home that is just stopping is waited for."""
    if home.take():
        return
    if home.running().get("state") == "stopping" and wait_until(home.take, 45):
        return
    running = home.running()
    raise LaunchError(
        f"Koppel already runs in {home.path}: {running.get('url', 'it is just starting')} (process "
        f"{running.get('pid', 'unknown')}). `make stop` ends it; KOPPEL_HOME=… and PORT=… start a "
        "second one."
    )


class Launch:
    """One start, from nothing to the line that says it is ready,
    and the time until it is stopped.
    """

    def __init__(self, home: Home, env: dict[str, str], began: float) -> None:
        self.home = home
        self.site = Site(home, env)
        self.screen = Screen(began, home.folder("log") / "koppel.log")
        self.supervisor = Supervisor(self.screen)

    def run(self) -> int:
        self.supervisor.obey_signals()
        try:
            self._clear_leftovers()
            self.site.choose_ports(self.screen)
            self.home.say(pid=os.getpid(), url=self.site.url, state="starting")
            self._start()
            self.supervisor.watch()
            return 0
        except LaunchError as error:
            self.screen.failed(str(error))
            return 1
        finally:
            self.home.say(state="stopping")
            self.supervisor.stop()
            self.home.forget()
            self.screen.close()

    def _clear_leftovers(self) -> None:
        """End what a supervisor that was killed left running. The servers see to their own."""
        found = [path.stem for path in self.home.folder("pids").glob("*.pid") if end_leftover(path)]
        if found:
            self.screen.note(
                f"An earlier start was killed; ended what it left: {', '.join(sorted(found))}"
            )

    def _start(self) -> None:
        servers = self._servers()
        if self.site.demo:
            self.supervisor.start(self._child("vendors"))
        if not (self._prepared(servers) or self.supervisor.stopping):
            raise LaunchError(
                f"The database could not be prepared: see above, and {self.screen.log}"
            )
        if self.supervisor.stopping:
            return
        for name in ("web", *WORKERS, "beat"):
            self.supervisor.start(self._child(name))
        self.home.say(env=self.site.additions)
        self.screen.doing("Starting web, workers and beat")
        readiness = Readiness(self.site.url)
        end = time.monotonic() + READY_WITHIN
        self.supervisor.watch(until=lambda: readiness.is_ready() or time.monotonic() > end)
        if self.supervisor.stopping:
            return
        if not readiness.ready:
            raise LaunchError(f"Not ready after {READY_WITHIN} s. {readiness.missing}")
        self.screen.done("Web, workers and beat are at work")
        self.home.say(state="ready")
        self.site.welcome(self.screen)
        if self.site.demo:
            self.supervisor.start(self._child(FOLLOW_UP))

    def _servers(self) -> Postgres | None:
        """Start our own servers where no address is set; return the PostgreSQL that is ours, if
        any.
        """
        own = None
        if not self.site.env.get("DATABASE_URL"):
            own = Postgres(self.home.path / "postgres", self.site.database)
            self.supervisor.start_server(own)
            self.site.add(DATABASE_URL=own.url)
            self.screen.done(f"PostgreSQL 18 on port {own.port}")
        if not self.site.env.get("REDIS_URL"):
            valkey = Valkey(self.home.path / "valkey")
            self.supervisor.start_server(valkey)
            # The demo and a real start in one home share the server, not its numbers.
            self.site.add(
                REDIS_URL=valkey.url if self.site.demo else f"{valkey.url.rsplit('/', 1)[0]}/2"
            )
            # Signs of life of the last start would make this one look ready before it is.
            signs = [f"koppel:heartbeat:{part}" for part in ("worker", "worker:long", "beat")]
            valkey.command("DEL", *signs, database=0 if self.site.demo else 2)
            self.screen.done(f"Valkey 9 (Redis-compatible) on port {valkey.port}")
        self._start_livekit()
        return own

    def _start_livekit(self) -> None:
        livekit = self.site.livekit()
        if livekit is None:
            return
        self.supervisor.start_server(livekit)
        self.site.use(livekit)
        self.screen.done(f"LiveKit on port {livekit.port}")

    def _prepared(self, own: Postgres | None) -> bool:
        """Prepare tables, static files and people.

        This is skipped when neither code nor own database changed since it was done.
        """
        stamp = self.home.path / f"prepared-{self.site.database}"
        if own and stamp.exists() and stamp.read_text() == preparation(self.site, own):
            self.screen.done("Tables and data are as the code wants them")
            return True
        self.screen.doing("Preparing the database")
        # In our own session and with our own input: it may have to ask for the first administrator.
        env = {"LOG_FILE": str(self.screen.log), **self.site.environment()}
        process = subprocess.Popen([sys.executable, "-m", "sandbox.prepare"], cwd=ROOT, env=env)
        while process.poll() is None:
            if self.supervisor.stopping:
                process.terminate()
            time.sleep(0.05)
        if process.returncode == 0:
            self.screen.done("Tables and data")
            if own:
                stamp.write_text(preparation(self.site, own))
        return process.returncode == 0

    def _child(self, name: str) -> Child:
        return Child(
            name=name,
            command=self.site.command(name),
            env=self.site.environment(name),
            pid_file=self.home.folder("pids") / f"{name}.pid",
            dies_by=signal.SIGKILL if name in WORKERS else signal.SIGTERM,
            ends=name == FOLLOW_UP,
        )


if __name__ == "__main__":
    sys.exit(main())
