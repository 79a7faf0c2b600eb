"""`make manage ARGS="…"`: manage.py with the addresses and keys of the site that runs here.

What it logs goes to a file, so that the screen shows the command's own words alone. Its exit code
is the command's; make turns every code but 0 into its own 2, so a script that needs it calls
`sh scripts/start manage …` itself.
"""

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
    words = sys.argv[2:] or shlex.split(os.environ.get("ARGS", "help"))
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    log = {"LOG_FILE": str(home.folder("log") / "manage.log")}
    os.execve(sys.executable, command, {**log, **env, **running["env"]})


if __name__ == "__main__":
    main()
