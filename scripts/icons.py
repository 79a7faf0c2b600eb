"""Writes static/vendor/lucide.svg again: the icons it has, and those named here,
from an unpacked lucide-static.

npm pack lucide-static@<version in VENDORED.md> && tar xf lucide-static-*.tgz
python scripts/icons.py package/icons calendar phone
"""

import re
import sys
from pathlib import Path

SPRITE = Path(__file__).resolve().parent.parent / "static" / "vendor" / "lucide.svg"


def main(folder: Path, names: list[str]) -> None:
    """Write the file of icons. Names are sorted, so that the same icons always make the same
    file.
    """
    kept = re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text()) if SPRITE.exists() else []
    symbols = "".join(_symbol(folder, name) for name in sorted({*kept, *names}))
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg"><!-- lucide, ISC licence: see lucide.LICENSE -->'
    )
    SPRITE.write_text(f"{head}\n{symbols}</svg>\n")


def _symbol(folder: Path, name: str) -> str:
    drawing = re.search(r"<svg[^>]*>(.*)</svg>", (folder / f"{name}.svg").read_text(), re.DOTALL)
    if drawing is None:
        raise SystemExit(f"{name}.svg holds no drawing")
    shapes = " ".join(drawing[1].split())
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>\n'


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
