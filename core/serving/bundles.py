"""What every page loads, as one style sheet and one script:
the files that `index.css` and `index.js` name, in order.

The room of a call is one script in the same way, and the admin a style sheet and a few scripts,
made of what Django and Unfold bring along too. There is no build:
each is put together when it is looked for, and again once a part has changed.
"""

import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

STYLE: Final = re.compile(r'^@import "([\w/.-]+)";$', re.MULTILINE)
SCRIPT: Final = re.compile(r'^import "\./([\w/.-]+)";$', re.MULTILINE)
# Of the admin: by their places among all static files, where packages have some too.
CLASSIC: Final = re.compile(r'^import "([\w/.-]+)";$', re.MULTILINE)
# What one module takes from another, and what it gives.
TAKEN: Final = re.compile(
    r'^import (?:\* as (\w+)|(\{ [\w, ]+ \})) from "\./([\w.-]+)";$', re.MULTILINE
)
GIVEN: Final = re.compile(r"^export (?:async )?(?:function|class|const) (\w+)", re.MULTILINE)


def style(index: Path) -> str:
    """Return the style sheets that the index imports, one after another."""
    return "\n".join(part.read_text() for part in parts(index, STYLE))


def script(index: Path) -> str:
    """Return the scripts that the index imports, each in a block, as modules know nothing
    of each other's names.
    """
    return "\n".join(f"{{\n{part.read_text()}\n}}" for part in parts(index, SCRIPT))


def modules(index: Path) -> str:
    """Return the modules that the index imports, each in a block that takes from those before
    it and gives to the next.

    What a module gives it names with `export` at the beginning of a line, and never changes.
    """
    blocks = []
    for part in parts(index, SCRIPT):
        text = part.read_text()
        gives = ", ".join(GIVEN.findall(text))
        body = re.sub(r"^export ", "", TAKEN.sub(_taken, text), flags=re.MULTILINE)
        blocks.append(f'{{\n{body}\nmodules["{part.name}"] = {{ {gives} }};\n}}')
    return "\n".join(["const modules = {};", *blocks])


def classic(index: Path) -> str:
    """Return the scripts that the index imports, one after another: they speak to each other by
    global names. The semicolons keep each apart from the next, and a "use strict" to its file.
    """
    return "".join(f";\n{part.read_text()}\n" for part in parts(index, CLASSIC))


def _taken(line: re.Match[str]) -> str:
    whole, some, name = line.groups()
    return f'const {whole or some} = modules["{name}"];'


def parts(index: Path, pattern: re.Pattern[str]) -> list[Path]:
    """Return the files that an index names."""
    return [_part(index, name) for name in pattern.findall(index.read_text())]


def _part(index: Path, name: str) -> Path:
    """Return the file where the index says it is, or the one that a package brings along for
    that place.
    """
    own = index.parent / name
    if own.is_file():
        return own
    return Path(finders.find(_place(index, name)) or own)


def _place(index: Path, name: str) -> str:
    return os.path.relpath(index.parent / name, settings.STATICFILES_DIRS[0])


@cache
def names(path: str) -> frozenset[str]:
    """Return what a bundle is made of, as static files are named."""
    source, pattern, _join = BUNDLES[path]
    index = Path(settings.STATICFILES_DIRS[0], source)
    return frozenset(_place(index, name) for name in pattern.findall(index.read_text()))


# What is served, made of what, and how.
BUNDLES: Final[dict[str, tuple[str, re.Pattern[str], Callable[[Path], str]]]] = {
    "css/koppel.css": ("css/index.css", STYLE, style),
    "js/koppel.js": ("js/index.js", SCRIPT, script),
    "js/room.js": ("js/call/index.js", SCRIPT, modules),
    "admin_koppel/pages.css": ("admin_koppel/index.css", STYLE, style),
    "admin_koppel/pages.js": ("admin_koppel/index.js", CLASSIC, classic),
    "admin_koppel/forms.js": ("admin_koppel/forms/index.js", CLASSIC, classic),
    "admin_koppel/fields.js": ("admin_koppel/fields/index.js", CLASSIC, classic),
}


PREFIX: Final = "koppel-static-"
# One folder for each folder of sources, as long as the process lives:
# finders are made anew by threads that come first.
_folders: dict[Path, TemporaryDirectory[str]] = {}
_writing: Final = threading.Lock()


class BundleFinder(BaseFinder):
    """Finds the files that are made of others; they lie in a folder of this process."""

    def check(self, **_options: Any) -> list[Any]:
        """Report nothing: there is nothing to configure."""
        return []

    def find(self, path: str, find_all: bool = False, **_options: Any) -> Any:
        """Return where the file is; [] where it is none of these."""
        if path not in BUNDLES:
            return []
        found = str(made(path))
        if find_all:
            return [found]
        return found

    def list(self, _ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        """Yield each with the storage that it lies in."""
        for path in BUNDLES:
            folder = made(path).parent.parent
            yield path, FileSystemStorage(location=folder)


def made(path: str) -> Path:
    """Return the file, made anew where one of its parts is younger;
    two that ask at once make it one by one.
    """
    sources = Path(settings.STATICFILES_DIRS[0])
    with _writing:
        if sources not in _folders:
            _sweep()
            _folders[sources] = TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-")
        return _up_to_date(path, sources, Path(_folders[sources].name, path))


def _sweep() -> None:
    """Remove the folders of processes that were killed: whoever ends in order removes its own."""
    for folder in Path(gettempdir()).glob(f"{PREFIX}*-*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if not owner.isdecimal() or not _is_gone(int(owner)):
            continue
        with suppress(FileNotFoundError):  # another that begins was quicker
            if folder.stat().st_uid == os.getuid():
                shutil.rmtree(folder, ignore_errors=True)


def _is_gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _up_to_date(path: str, sources: Path, target: Path) -> Path:
    source, pattern, join = BUNDLES[path]
    index = sources / source
    newest = max(each.stat().st_mtime for each in (index, *parts(index, pattern)))
    if not target.exists() or target.stat().st_mtime <= newest:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_suffix(".new")
        beside.write_text(join(index))
        beside.replace(target)
    return target
