"""`make pins`: every requirements*.in, with all that its packages need,
to a requirements*.txt with hashes.

One answer for every platform and every Python from 3.11 on.
Where packages come from is never written down.
"""

import subprocess
import sys

from sandbox.bootstrap import indexes
from sandbox.home import ROOT

# Each after those that it has to agree with.
FILES = {
    "requirements": (),
    "requirements-embedded": ("requirements",),
    "requirements-dev": ("requirements", "requirements-embedded"),
    "requirements-installer": (),
}
OPTIONS = (
    "--universal",
    "--python-version",
    "3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
)
SILENCE = ("--quiet", "--no-header", "--no-annotate")


def main() -> int:
    for name, agrees_with in FILES.items():
        constraints = [word for other in agrees_with for word in ("--constraint", f"{other}.txt")]
        files = [f"{name}.in", *constraints, "--output-file", f"{name}.txt"]
        command = [
            sys.executable,
            "-m",
            "uv",
            "pip",
            "compile",
            *OPTIONS,
            *SILENCE,
            *indexes(),
            *files,
        ]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
