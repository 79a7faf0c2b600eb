"""`python -m benchmarks [name …]` runs those named, or all;
`python -m benchmarks.<name> --help` shows one's options.

Every ratio is against a named reference in the same run on the same machine; figures of different
runs do not compare. Needs the settings of a site in the environment (docs/operations.md says how).
Each makes what it needs beside the site's own data and takes it away again.
"""

import subprocess
import sys
from pathlib import Path

FRAME = {
    "__init__",
    "__main__",
    "bison_vendor",
    "database",
    "fathom_sides",
    "health_peers",
    "health_vendor",
    "load",
    "plain",
    "reference",
    "report",
    "settings",
}


def names() -> list[str]:
    return sorted(
        path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in FRAME
    )


def main() -> int:
    wished = sys.argv[1:] or names()
    if unknown := set(wished) - set(names()):
        sys.exit(
            f"No benchmark named {', '.join(sorted(unknown))}; there are: {', '.join(names())}"
        )
    # A process each: one's settings and connections are not another's.
    return max(
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
        for name in wished
    )


if __name__ == "__main__":
    sys.exit(main())
