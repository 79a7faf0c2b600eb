"""`make manage ARGS="…"`: manage.py with the addresses and keys of the site that runs here."""

import os
import shlex
import sys
from typing import NoReturn

from sandbox.home import ROOT, Home, environment


def main() -> NoReturn:
    env = environment()
    home = Home.of(env)
    running = home.running()
    if not home.is_taken() or "env" not in running:
        sys.exit(f"Koppel does not run in {home.path}: start it with `make run`, then try again")
    words = shlex.split(os.environ.get("ARGS", "help"))
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    os.execve(sys.executable, command, {**env, **running["env"]})


if __name__ == "__main__":
    main()
