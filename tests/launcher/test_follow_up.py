"""What a trial gets beside its site has an end of its own: it is not started again,
and it ends with the site.
"""

import os
import time
from pathlib import Path

from sandbox.processes import wait_until
from sandbox.screen import Screen
from sandbox.supervisor import Child, Supervisor


def started(tmp_path: Path, command: str) -> tuple[Supervisor, Child]:
    supervisor = Supervisor(Screen())
    child = Child("demo", command, dict(os.environ), tmp_path / "demo.pid", ends=True)
    supervisor.start(child)
    return supervisor, child


def test_it_is_not_started_again_once_it_is_done(tmp_path: Path) -> None:
    supervisor, child = started(tmp_path, "true")
    assert wait_until(lambda: not child.is_alive(), 10)
    began, end = child.began, time.monotonic() + 2

    supervisor.watch(until=lambda: time.monotonic() > end)

    assert (child.began, child.is_alive()) == (began, False)
    supervisor.stop()
    assert not (tmp_path / "demo.pid").exists()


def test_it_ends_with_the_site(tmp_path: Path) -> None:
    supervisor, child = started(tmp_path, "sleep 600")

    supervisor.stop()

    assert not child.is_alive()
