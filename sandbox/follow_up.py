"""What a trial gets beside its site once that is ready: the parts of its data that take longer
than a start may.

`make run` starts it; it ends by itself, and goes on at the next start where it was ended.
"""

import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Final

import django

from sandbox.processes import follow_parent

if TYPE_CHECKING:
    from core.models import Run

PATIENCE: Final = 900
BETWEEN_LOOKS: Final = 0.5


def main() -> int:
    follow_parent()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    # Models can be imported only now.
    from sandbox import demo_bison  # noqa: PLC0415

    demo_bison.go_on(_until_over)
    return 0


def _until_over(run: "Run") -> None:
    """Wait until a worker is done with this run, or for PATIENCE seconds."""
    end = time.monotonic() + PATIENCE
    while run.state in run.OPEN and time.monotonic() < end:
        time.sleep(BETWEEN_LOOKS)
        run.refresh_from_db(fields=["state"])


if __name__ == "__main__":
    sys.exit(main())
