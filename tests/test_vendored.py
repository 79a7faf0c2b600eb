"""What others made is as they made it, and nothing of theirs is here without
a line in VENDORED.md.
"""

import hashlib
import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parent.parent
LINES = re.findall(
    r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$",
    (HOUSE / "static/vendor/VENDORED.md").read_text(),
    re.MULTILINE,
)


@pytest.mark.parametrize(("path", "digest"), LINES)
def test_a_vendored_file_is_as_it_was_published(path: str, digest: str):
    assert hashlib.sha256((HOUSE / path).read_bytes()).hexdigest() == digest


def test_every_vendored_file_has_its_line():
    folders = [HOUSE / "static/vendor", HOUSE / "tests/browser/vendor"]
    found = {
        str(p.relative_to(HOUSE)) for folder in folders for p in folder.rglob("*") if p.is_file()
    }
    licences = {path for path in found if path.endswith("LICENSE")}
    assert found - licences - {"static/vendor/VENDORED.md"} == {path for path, _ in LINES}


def test_every_icon_in_use_is_in_the_sprite_and_no_other():
    sprite = set(
        re.findall(r'<symbol id="([^"]+)"', (HOUSE / "static/vendor/lucide.svg").read_text())
    )
    sources = [
        *(HOUSE / "templates").rglob("*.html"),
        *(HOUSE / "dashboard").rglob("*.py"),
        *(HOUSE / "core").rglob("*.py"),
    ]
    text = "\n".join(path.read_text() for path in sources)
    asked = set(re.findall(r"""(?:\bicon|\bicon_address|icon=)\s*["']([a-z0-9-]+)["']""", text))
    assert asked - sprite == set()
    assert {name for name in sprite if not re.search(rf"""["']{name}["']""", text)} == set()
