"""From a bare Python: what is needed is found, or named in words that help."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.home import ROOT
from sandbox.services import delete_outside, free_port
from tests.support import configuration

# A Python as Debian ships it: everything but ensurepip.
WITHOUT_ENSUREPIP = f"""#!{sys.executable}
import runpy, sys
sys.modules["ensurepip"] = None
if sys.argv[1] == "-c":
    exec(sys.argv[2])
else:
    sys.argv = sys.argv[2:]
    sys.path.insert(0, "")
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def start(task: str, home: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    hidden = configuration.names() | {"CI", "MAKELEVEL", "MAKEFLAGS"}
    env = {k: v for k, v in os.environ.items() if k not in hidden}
    env |= {"KOPPEL_HOME": str(home), "KOPPEL_ENV_FILE": os.devnull, **settings}
    return subprocess.run(
        ["sh", "scripts/start", task], cwd=ROOT, env=env, text=True, capture_output=True,
        timeout=110, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip


def test_a_python_that_is_too_old_is_refused_with_what_to_do(tmp_path: Path) -> None:
    answer = start("run", tmp_path / "home", KOPPEL_PYTHON="/bin/false")
    assert answer.returncode == 1
    assert "Koppel needs Python 3.11 or newer" in answer.stderr
    assert "make run KOPPEL_PYTHON=" in answer.stderr
    assert not (tmp_path / "home").exists()


def test_a_python_without_ensurepip_is_refused_with_the_package_to_install(tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text(WITHOUT_ENSUREPIP)
    python.chmod(0o755)
    answer = start("run", tmp_path / "home", KOPPEL_PYTHON=str(python))
    assert answer.returncode == 1
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert f"apt-get install python{version}-venv" in answer.stderr
    assert not (tmp_path / "home" / "venv").exists()


def test_stop_and_reset_say_so_where_nothing_runs(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert "does not run" in start("stop", home).stdout
    assert "nothing to delete" in start("reset", home).stdout


def test_reset_without_a_person_to_ask_deletes_nothing_unless_told_to(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "log").mkdir(parents=True)
    (home / "this-is-a-koppel-home").touch()
    refused = start("reset", home)
    assert refused.returncode == 1
    assert "make reset YES=1" in refused.stderr
    assert (home / "log").is_dir()
    assert start("reset", home, YES="1").returncode == 0
    assert not home.exists()


def test_reset_never_deletes_a_folder_that_is_not_ours(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear")
    refused = start("reset", tmp_path, YES="1")
    assert refused.returncode == 1
    assert "was not made by Koppel" in refused.stderr
    assert (tmp_path / "letters.txt").read_text() == "dear"


@pytest.mark.prove
@pytest.mark.timeout(600)
def test_from_a_clone_with_nothing_but_python_to_a_ready_site_twice(tmp_path: Path) -> None:
    """The whole first start, and a second one that finds everything made."""
    clone, home = tmp_path / "clone", tmp_path / "clone" / ".koppel"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    hidden = configuration.names() | {"KOPPEL_HOME", "MAKELEVEL", "MAKEFLAGS", "VIRTUAL_ENV"}
    env = {k: v for k, v in os.environ.items() if k not in hidden}
    env |= {"PORT": str(free_port()), "SANDBOX_PORT": str(free_port())}
    env["PATH"] = os.pathsep.join(
        p for p in env["PATH"].split(os.pathsep) if not p.startswith(str(ROOT))
    )
    seconds = []
    try:
        for _ in range(2):
            began = time.monotonic()
            with subprocess.Popen(
                ["make", "run"], cwd=clone, env=env, text=True, stdout=subprocess.PIPE
            ) as run:
                assert run.stdout is not None
                assert any(
                    line == f"Koppel is ready: http://127.0.0.1:{env['PORT']}\n"
                    for line in run.stdout
                )
                seconds.append(time.monotonic() - began)
                subprocess.run(
                    ["make", "stop"], cwd=clone, env=env, check=True, capture_output=True
                )
                run.stdout.read()
        stamps = json.loads((home / "venv" / "koppel.json").read_text())
        assert set(stamps) == {"run"}
        assert seconds[1] < seconds[0] / 2
    finally:
        delete_outside(home / "postgres")
        shutil.rmtree(clone)
