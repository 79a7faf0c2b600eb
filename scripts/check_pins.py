"""What is installed is what the requirements pin, with hashes and all that it needs;
what production imports is pinned; what is pinned is used.

requirements*.in name what we use; `make pins` writes requirements*.txt from them.
"""

import ast
import re
import sys
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
PRODUCTION = ("config", "core", "crm", "calls", "fathom_sync", "bison", "integrations", "dashboard")
# Used without being named in our code.
UNNAMED = {
    "psycopg": "Django's PostgreSQL backend imports it",
    "httptools": "uvicorn parses requests with it",
    "uvloop": "uvicorn runs on it",
    "redis": "Django's cache and Celery's transport import it",
}
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)")
HASH = "--hash=sha256:"
# Where packages come from is the business of whoever installs them.
PLACE = re.compile(r"://|--(?:extra-)?index|--find-links|--trusted-host")


def main() -> int:
    faults = [
        fault for file in sorted(ROOT.glob("requirements*.in")) for fault in not_as_wanted(file)
    ]
    faults += [
        fault for file in sorted(ROOT.glob("requirements*.txt")) for fault in not_as_pinned(file)
    ]
    pinned = set(pins(ROOT / "requirements.in"))
    imported, mentioned = used()
    faults += [
        f"{name} is imported in production but not in requirements.in"
        for name in sorted(imported - pinned)
    ]
    unused = pinned - imported - mentioned - UNNAMED.keys()
    faults += [f"{name} is in requirements.in but nothing uses it" for name in sorted(unused)]
    faults += [
        f"{name} is excused in check_pins.py but not pinned"
        for name in sorted(UNNAMED.keys() - pinned)
    ]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def pins(file: Path) -> dict[str, str]:
    """Map each distribution of one requirements file to its version."""
    found = {}
    for line in _lines(file):
        if match := PIN.match(line):
            found[_plain(match[1])] = match[2]
    return found


def not_as_wanted(file: Path) -> list[str]:
    """Return what the file names without a version, or otherwise than the file that `make pins`
    wrote from it.
    """
    faults = [
        f"{file.name}: {line!r} is not pinned with =="
        for line in _lines(file)
        if not PIN.match(line) and line[:2] != "-r"
    ]
    written = pins(file.with_suffix(".txt"))
    return faults + [
        f"{file.name}: {name}=={version} is not what {file.stem}.txt has: run `make pins`"
        for name, version in pins(file).items()
        if written.get(name) != version
    ]


def not_as_pinned(file: Path) -> list[str]:
    """Return what is not as it is pinned.

    That is what the file has without a hash or with a place to get it from, and what is installed
    otherwise.
    """
    faults = [f"{file.name}: {line!r} has no hash" for line in _lines(file) if HASH not in line]
    faults += [
        f"{file.name}: {line!r} names a place" for line in _lines(file) if PLACE.search(line)
    ]
    for line in filter(PIN.match, _lines(file)):
        wanted = Requirement(line.split("--hash")[0].strip())
        if wanted.marker is None or wanted.marker.evaluate():
            faults += _not_installed(file.name, wanted)
    return faults


def _not_installed(file: str, wanted: Requirement) -> list[str]:
    try:
        installed = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        installed = "not installed"
    if f"=={installed}" == str(wanted.specifier):
        return []
    return [f"{file}: {wanted} is pinned, but {installed} is here"]


def used() -> tuple[set[str], set[str]]:
    """Return the distributions that production imports, and those that the settings or the Procfile
    name.
    """
    belongs = metadata.packages_distributions()
    own = (
        {path.name for path in ROOT.iterdir() if path.is_dir()}
        | sys.stdlib_module_names
        | {"__future__"}
    )
    imported = {name for path in _sources() for name in _imports(path)} - own
    texts = (ROOT / "Procfile").read_text() + (ROOT / "config" / "settings.py").read_text()
    mentioned = {name for name in belongs if re.search(rf"\b{re.escape(name)}\b", texts)}
    unknown = {name for name in imported if name not in belongs}
    return (
        {_plain(dist) for name in imported for dist in belongs.get(name, [])} | unknown,
        {_plain(dist) for name in mentioned for dist in belongs[name]},
    )


def _sources() -> list[Path]:
    return [path for app in PRODUCTION for path in (ROOT / app).rglob("*.py")]


def _imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "import_module":
            # What is loaded where it is first used.
            names |= {
                str(name.value).split(".")[0]
                for name in node.args
                if isinstance(name, ast.Constant)
            }
    return names


def _lines(file: Path) -> list[str]:
    """Return its requirements, each with its hashes in one line."""
    whole = file.read_text().replace("\\\n", " ")
    lines = (line.split("#")[0].strip() for line in whole.splitlines())
    return [line for line in lines if line]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
