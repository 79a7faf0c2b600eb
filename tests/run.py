"""`make test` and `make prove`: own servers, a Chromium, and pytest with as many
workers as asked for.

The tests see none of the developer's settings: what config/settings.py would read is taken out
of the environment, but for the addresses of the two servers.
"""

import os
import random
import shlex
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from sandbox.home import ROOT, Home, LaunchError
from sandbox.services import Postgres, Server, Valkey
from tests.support import chromium, configuration

ADDRESSES = {"DATABASE_URL", "REDIS_URL"}


def main() -> int:
    # Ended from outside, the servers and pytest end too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    home = Home(Home.of(dict(os.environ)).path / "test").make()
    if not home.take():
        sys.exit(
            f"The tests already run in {home.path}: wait for them, or set KOPPEL_HOME to "
            "another folder"
        )
    browser, why = chromium.get()
    if not browser:
        sys.exit(
            "The browser tests need a Chromium, and none could be found or installed. "
            f"Set CHROMIUM.\n{why}"
        )
    os.environ.update(
        another_clock(os.environ.pop("KOPPEL_TEST_CLOCK", ""), home)
    )  # the servers too
    ours = configuration.names() - ADDRESSES
    env = {k: v for k, v in os.environ.items() if k not in ours and v}
    env |= {"CHROMIUM": browser, "KOPPEL_TEST_OWN_NUMBERS": "1"}
    env.setdefault("KOPPEL_TEST_SEED", str(random.randrange(100_000)))
    sys.stdout.write(f"In the order of KOPPEL_TEST_SEED={env['KOPPEL_TEST_SEED']}\n")
    sys.stdout.flush()
    servers: list[Server] = []
    try:
        if "DATABASE_URL" not in env:
            servers.append(Postgres(home.path / "postgres", lasting=False).start())
            env["DATABASE_URL"] = servers[-1].url
        if "REDIS_URL" not in env:
            servers.append(Valkey(home.path / "valkey").start())
            env["REDIS_URL"] = servers[-1].url
        compile_once(home, env)
        return subprocess.run(
            [sys.executable, "-m", "pytest", *_arguments(home, env)], cwd=ROOT, env=env, check=False
        ).returncode
    except LaunchError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        return 130
    finally:
        for server in reversed(servers):
            server.stop()


def another_clock(moment: str, home: Home) -> dict[str, str]:
    """Return the environment in which it is this moment now, and time goes on:
    nothing for no moment.
    """
    if not moment:
        return {}
    library = home.path / "another_clock.so"
    source = Path(__file__).parent / "support" / "another_clock.c"
    subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", str(library), str(source)], check=True)
    library.chmod(0o755)  # PostgreSQL loads it as another user
    away = datetime.fromisoformat(moment).astimezone() - datetime.now().astimezone()
    return {"LD_PRELOAD": str(library), "ANOTHER_CLOCK_SECONDS": f"{away.total_seconds():.0f}"}


def compile_once(home: Home, env: dict[str, str]) -> None:
    """Have all tests compiled by two processes where none are yet:
    else each worker would compile all of them.
    """
    done = home.path / "compiled"
    if done.exists() or env.get("ARGS"):
        return
    folder = Path(__file__).parent
    paths = sorted(
        str(path) for path in folder.iterdir() if path.is_dir() or path.name.startswith("test_")
    )
    look = [sys.executable, "-m", "pytest", "-p", "no:xdist", "--collect-only", "--quiet"]
    halves = [
        subprocess.Popen(
            [*look, *half], cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for half in (paths[::2], paths[1::2])
    ]
    for half in halves:
        half.wait()
    done.touch()


def _arguments(home: Home, env: dict[str, str]) -> list[str]:
    """Return the words for pytest: ours first, so that those of ARGS win.

    Each worker is given one test at a time, in the order that tests/conftest.py makes: so that all
    end together. Two more than a small machine has cores, as many tests wait for processes that
    they started.
    """
    words = ["-n", env.get("KOPPEL_TEST_WORKERS", "4"), "--maxschedchunk", "1"]
    words += [
        "--durations",
        "10",
        "--durations-min",
        "1",
        "-o",
        f"cache_dir={home.path / 'pytest'}",
    ]
    words += ["--timeout", "1800"] if sys.argv[1:] == ["prove"] else ["-m", "not prove"]
    return [*words, *shlex.split(env.pop("ARGS", ""))]


if __name__ == "__main__":
    sys.exit(main())
