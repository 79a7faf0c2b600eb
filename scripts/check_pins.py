"""What is installed is what the requirements pin; what production imports is pinned; what is pinned is used."""

import ast
import re
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PRODUCTION = ("config", "core", "crm", "calls", "fathom_sync", "bison", "integrations", "dashboard")
# Used without being named in our code.
UNNAMED = {
    "psycopg": "Django's PostgreSQL backend imports it",
    "httptools": "uvicorn parses requests with it",
    "uvloop": "uvicorn runs on it",
    "redis": "Django's cache and Celery's transport import it",
}
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)$")


def main() -> int:
    faults = [fault for file in sorted(ROOT.glob("requirements*.txt")) for fault in not_as_pinned(file)]
    pinned = set(pins(ROOT / "requirements.txt"))
    imported, mentioned = used()
    faults += [f"{name} is imported in production but not in requirements.txt" for name in sorted(imported - pinned)]
    unused = pinned - imported - mentioned - UNNAMED.keys()
    faults += [f"{name} is in requirements.txt but nothing uses it" for name in sorted(unused)]
    faults += [f"{name} is excused in check_pins.py but not pinned" for name in sorted(UNNAMED.keys() - pinned)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


def pins(file: Path) -> dict[str, str]:
    """Distribution -> version, of one requirements file."""
    found = {}
    for line in _lines(file):
        if match := PIN.match(line):
            found[_plain(match[1])] = match[2]
    return found


def not_as_pinned(file: Path) -> list[str]:
    faults = [
        f"{file.name}: {line!r} is not pinned with =="
        for line in _lines(file)
        if not PIN.match(line) and line[:2] != "-r"
    ]
    for name, version in pins(file).items():
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed = "not installed"
        if installed != version:
            faults.append(f"{file.name}: {name}=={version} is pinned, but {installed} is here")
    return faults


def used() -> tuple[set[str], set[str]]:
    """The distributions that production imports, and those that the settings or the Procfile name."""
    belongs = metadata.packages_distributions()
    own = {path.name for path in ROOT.iterdir() if path.is_dir()} | sys.stdlib_module_names | {"__future__"}
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
    return names


def _lines(file: Path) -> list[str]:
    lines = (line.split("#")[0].strip() for line in file.read_text().splitlines())
    return [line for line in lines if line]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
