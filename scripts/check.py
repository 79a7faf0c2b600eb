"""`make check`: every rule that a machine can hold, each with its verdict;
what failed is shown in full at the end.
"""

import os
import secrets
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from sandbox.home import ROOT, Home, LaunchError
from sandbox.services import Postgres
from tests.support import configuration

PYTHON = sys.executable
CHECKS = {
    "ruff check": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "."],
    "mypy": ["mypy"],
    "layers (import-linter)": ["lint-imports", "--no-cache"],
    "migrations are complete": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run"],
    "deployment": [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    "static files are complete": [
        PYTHON,
        "manage.py",
        "collectstatic",
        "--noinput",
        "--clear",
        "-v0",
    ],
    "templates (djlint)": ["djlint", "templates", "--lint", "--quiet"],
    "pins": [PYTHON, "-m", "scripts.check_pins"],
    "advisories": [PYTHON, "-m", "scripts.check_advisories"],
    "packages fit together": [PYTHON, "-m", "pip", "check"],
    "translations": [PYTHON, "-m", "scripts.check_messages"],
}


def main() -> int:
    home = Home(Home.of(dict(os.environ)).path / "check").make()
    if not home.take():
        sys.exit(f"Checks already run in {home.path}: wait for them")
    own = (
        None if os.environ.get("DATABASE_URL") else Postgres(home.path / "postgres", lasting=False)
    )
    try:
        url = own.start().url if own else os.environ["DATABASE_URL"]
        env = production(url, str(home.folder("static")))
        with ThreadPoolExecutor(2) as pool:
            results = list(pool.map(lambda name: run(name, CHECKS[name], env), CHECKS))
    except LaunchError as error:
        sys.exit(str(error))
    finally:
        if own:
            own.stop()
    return summary(results)


def production(database_url: str, static: str) -> dict[str, str]:
    """Return the settings of a production site, of no value, and none of the developer's."""
    env = {k: v for k, v in os.environ.items() if k not in configuration.names()}
    path = f"{os.path.dirname(PYTHON)}{os.pathsep}{env.get('PATH', os.defpath)}"  # noqa: PTH120 - a string is wanted
    return env | {
        "PATH": path,
        "KOPPEL_ENV_FILE": os.devnull,
        "DATABASE_URL": database_url,
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "INTEGRATION_ENCRYPTION_KEY": secrets.token_hex(32),
        "CRON_SECRET": secrets.token_urlsafe(32),
        "ALLOWED_HOSTS": "koppel.example.com",
        "KOPPEL_PUBLIC_URL": "https://koppel.example.com",
        "KOPPEL_TRUSTED_PROXIES": "1",
        "STATIC_ROOT": static,
    }


def run(name: str, command: list[str], env: dict[str, str]) -> tuple[str, int, str]:
    began = time.monotonic()
    result = subprocess.run(
        command,
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    print(
        f"  {'ok    ' if result.returncode == 0 else 'FAILED'} {name}  "
        f"({time.monotonic() - began:.1f} s)",
        flush=True,
    )
    for line in result.stdout.splitlines():
        if line.startswith("Note: "):
            print(f"         {line.removeprefix('Note: ')}", flush=True)
    return name, result.returncode, f"{result.stdout}{result.stderr}".strip()


def summary(results: list[tuple[str, int, str]]) -> int:
    failed = [(name, output) for name, code, output in results if code]
    for name, output in failed:
        print(f"\n--- {name} ---\n{output}")
    print(f"\n{len(results) - len(failed)} of {len(results)} checks passed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
