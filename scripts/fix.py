"""`make fix`: what a machine can put right: lint, formatting, compiled translations."""

import subprocess
import sys

from sandbox.home import ROOT
from scripts import check_messages


def main() -> int:
    for command in (["ruff", "check", "--fix", "."], ["ruff", "format", "."]):
        subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False)
    for name in check_messages.compile_all():
        print(f"compiled {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
