"""From a bare Python to the virtual environment with everything in it,
then on to the task that was asked for.

Runs with the system's Python and its standard library alone. A stamp (the hash of the requirements)
lets the second start skip all of it.
"""

import configparser
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

from sandbox.home import ROOT, Home, LaunchError, environment
from sandbox.processes import follow_parent
from sandbox.screen import Screen

# pip takes half a minute for what uv does in seconds; so pip only fetches uv.
INSTALLER = ROOT / "requirements-installer.txt"
# Nothing is installed whose file is not the very one that was pinned.
HASHES = "--require-hashes"
TASKS = {
    "run": ("run", "sandbox.up"),
    "stop": ("", "sandbox.down"),
    "reset": ("", "sandbox.down"),
    "manage": ("run", "sandbox.manage"),
    "test": ("dev", "tests.run"),
    "prove": ("dev", "tests.run"),
    "check": ("dev", "scripts.check"),
    "fix": ("dev", "scripts.fix"),
    "pins": ("dev", "scripts.pin"),
}


def main() -> NoReturn:
    task, *words = sys.argv[1:] or [""]
    # A command of manage.py may be named behind `manage`, as it is behind manage.py itself.
    has_too_many = bool(words) and task != "manage"
    if has_too_many or task not in TASKS:
        sys.exit(f"One of: {', '.join(TASKS)}")
    packages, module = TASKS[task]
    began, env = time.time(), environment()
    if os.environ.pop("MAKELEVEL", ""):
        follow_parent()  # a make that is killed must not leave us behind
    for name in ("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES"):
        os.environ.pop(name, None)
    try:
        home = Home.of(env)
        _keep_bytecode(home)
        python = Path(sys.executable)
        if packages:
            python = Environment(home.make(), Screen(began)).ready(packages, env)
    except LaunchError as error:
        sys.exit(str(error))
    os.environ["KOPPEL_BEGAN"] = str(began)
    os.execv(python, [str(python), "-m", module, task, *words])


def _keep_bytecode(home: Home) -> None:
    """Have every process that we start keep what it compiles in the home.

    Containers and build machines often switch that off, and then each process compiles Django
    and all packages anew.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(home.path / "bytecode"))


class Environment:
    """The virtual environment under the home."""

    def __init__(self, home: Home, screen: Screen) -> None:
        self.home = home
        self.screen = screen
        self.folder = home.path / "venv"
        self.python = self.folder / "bin" / "python"
        self.stamp = self.folder / "koppel.json"

    def ready(self, which: str, env: dict[str, str]) -> Path:
        """Make it what the requirements say, unless it is; return the path of its Python."""
        files = _requirements(which, env)
        wanted = _digest(files)
        with (self.home.path / "venv.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self._works():
                self.screen.doing("Making a virtual environment")
                self._make()
                self.screen.done(
                    f"Virtual environment, Python {'.'.join(map(str, sys.version_info[:3]))}"
                )
            stamps = json.loads(self.stamp.read_text()) if self.stamp.exists() else {}
            # What tests need includes what runs.
            if not {wanted, _digest(_requirements("dev", env))} & set(stamps.values()):
                self.screen.doing("Installing the Python packages")
                self._install(files)
                self.stamp.write_text(json.dumps({**stamps, which: wanted}))
                self.screen.done("Python packages")
        self.screen.close()
        return self.python

    def _works(self) -> bool:
        check = [str(self.python), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
        return (
            self.python.exists()
            and subprocess.run(check, capture_output=True, check=False).returncode == 0
        )

    def _make(self) -> None:
        if not importlib.util.find_spec("ensurepip"):
            self._get_ensurepip()
        shutil.rmtree(self.folder, ignore_errors=True)
        made = subprocess.run(
            [sys.executable, "-m", "venv", str(self.folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise LaunchError(
                f"The virtual environment could not be made:\n{made.stdout}{made.stderr}"
            )

    def _get_ensurepip(self) -> None:
        """Install ensurepip where that is plainly allowed, else say how.

        Debian and Ubuntu ship Python without it.
        """
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        if os.environ.get("CI") and os.geteuid() == 0 and shutil.which("apt-get"):
            self.screen.doing(f"Installing {package}")
            subprocess.run(["apt-get", "update", "-qq"], stdout=subprocess.DEVNULL, check=False)
            subprocess.run(
                ["apt-get", "install", "-y", "-qq", package], stdout=subprocess.DEVNULL, check=False
            )
            # A fresh process: this one has already looked.
            if (
                subprocess.run([sys.executable, "-c", "import ensurepip"], check=False).returncode
                == 0
            ):
                return
        raise LaunchError(
            f"{sys.executable} cannot make virtual environments: its `ensurepip` is missing.\n"
            f"Debian and Ubuntu: apt-get install {package}. Or name another Python: make "
            "run KOPPEL_PYTHON=…"
        )

    def _install(self, files: list[Path]) -> None:
        words = [word for file in files for word in ("-r", str(file))]
        pip = [
            str(self.python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            HASHES,
        ]
        # Also where there is one: it may be an older one than the pinned.
        self._run(*pip, "-r", str(INSTALLER))
        uv = self.folder / "bin" / "uv"
        if uv.exists():
            options = [
                "pip",
                "install",
                "--quiet",
                "--python",
                str(self.python),
                "--link-mode",
                "copy",
                HASHES,
            ]
            if self._run(str(uv), *options, *indexes(), *words) == "":
                return
        complaint = self._run(*pip, *words)
        if complaint:
            raise LaunchError(f"The packages could not be installed:\n{complaint[-3000:]}")

    def _run(self, *words: str) -> str:
        """Run a command; return '' when it went well, else its output."""
        result = subprocess.run(words, capture_output=True, text=True, check=False, cwd=ROOT)
        return (
            ""
            if result.returncode == 0
            else (result.stderr or result.stdout or f"{words[0]} failed")
        )


def _requirements(which: str, env: dict[str, str]) -> list[Path]:
    if which == "dev":
        return [ROOT / "requirements-dev.txt"]
    own_servers = not (env.get("DATABASE_URL") and env.get("REDIS_URL"))
    return [
        ROOT / "requirements.txt",
        *([ROOT / "requirements-embedded.txt"] if own_servers else []),
    ]


def _digest(files: list[Path]) -> str:
    """Digest the files, and what they include, by taking all of them."""
    names = sorted(str(file) for file in files)
    texts = [path.read_text() for path in sorted(ROOT.glob("requirements*.txt"))]
    return hashlib.sha256("\0".join([sys.version, *names, *texts]).encode()).hexdigest()


def indexes() -> list[str]:
    """Return pip's own package sources as uv's options: uv reads neither pip.conf nor PIP_
    variables.
    """
    places = [
        "/etc/pip.conf",
        "~/.pip/pip.conf",
        "~/.config/pip/pip.conf",
        os.environ.get("PIP_CONFIG_FILE", ""),
    ]
    found = configparser.RawConfigParser()
    found.read([Path(place).expanduser() for place in places if place])
    sections = [dict(found[name]) for name in ("global", "install") if found.has_section(name)]
    options: dict[str, str] = {}
    for section in sections:
        options |= {name.replace("_", "-"): value for name, value in section.items()}
    options |= {
        k[4:].lower().replace("_", "-"): v for k, v in os.environ.items() if k.startswith("PIP_")
    }
    words = []
    for name, option in (
        ("index-url", "--default-index"),
        ("extra-index-url", "--index"),
        ("find-links", "--find-links"),
        ("trusted-host", "--allow-insecure-host"),
    ):
        words += [word for value in options.get(name, "").split() for word in (option, value)]
    if "extra-index-url" in options:
        words += ["--index-strategy", "unsafe-best-match"]  # what pip does
    if options.get("cert"):
        os.environ.setdefault("SSL_CERT_FILE", options["cert"])
    return words


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
