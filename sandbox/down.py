"""`make stop` ends what `make run` started; `make reset` deletes all that it made, after asking."""

import os
import signal
import sys

from sandbox.home import Home, LaunchError, environment
from sandbox.processes import began, end_leftover, wait_until
from sandbox.services import delete_outside, end_leftover_of


def main() -> int:
    home = Home.of(environment())
    try:
        return {"stop": stop, "reset": reset}[sys.argv[1]](home)
    except LaunchError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def stop(home: Home) -> int:
    """End the running site and wait until it is gone; end also what a killed site left behind."""
    pid = home.running().get("pid")
    if home.is_taken() and pid:
        os.kill(pid, signal.SIGTERM)
        if not wait_until(lambda: not home.is_taken() and not began(pid), 60):
            raise LaunchError(
                f"Process {pid} does not stop; `kill -9 {pid}` ends it, the next start cleans up"
            )
        print("Stopped.")
        return 0
    left = _end_leftovers(home) if home.path.exists() else False
    print("Ended what a killed start had left." if left else f"Koppel does not run in {home.path}.")
    return 0


def _end_leftovers(home: Home) -> bool:
    ended = [end_leftover(path) for path in (home.path / "pids").glob("*.pid")]
    for place in (home.path, home.path / "test"):
        ended += [end_leftover(place / name / "pid") for name in ("livekit", "valkey")]
        end_leftover_of(place / "postgres")
    home.forget()
    return any(ended)


def reset(home: Home) -> int:
    """Delete the home and what it keeps outside itself."""
    if not home.path.exists():
        print(f"{home.path} does not exist: nothing to delete.")
        return 0
    if os.environ.get("YES") != "1":
        if not sys.stdin.isatty():
            raise LaunchError(
                f"This deletes {home.path} with all its data: `make reset YES=1` does it "
                "without asking"
            )
        if (
            input(f"Delete {home.path} with its database, keys, mails and packages? [y/N] ")
            .strip()
            .lower()
            != "y"
        ):
            print("Nothing was deleted.")
            return 1
    stop(home)
    for place in (home.path, home.path / "test"):
        delete_outside(place / "postgres")
    home.delete()
    print(f"Deleted {home.path}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
