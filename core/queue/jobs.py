"""The one way to queue work: by name, after commit. A message is a hint;
what must not be lost is a row for a sweep.
"""

import logging
import time
from functools import partial
from typing import Any

from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

# After a failure nothing is sent for a moment: ten jobs of one request must not each wait
# for a broker that is down.
QUIET_SECONDS = 5.0
_quiet_until = 0.0


def after_commit(task: str, *args: Any, queue: str | None = None) -> None:
    """Queue the task once the open transaction is committed (at once when none is open).
    Never raises.
    """
    transaction.on_commit(partial(send, task, *args, queue=queue))


def send(task: str, *args: Any, queue: str | None = None) -> bool:
    """Queue the task now, and tell whether the broker took it. Arguments are JSON:
    ids and names, never a secret.

    Without a `queue` the task goes where the configuration sends it.
    """
    global _quiet_until  # noqa: PLW0603 - what this process knows of the broker
    if time.monotonic() < _quiet_until:
        return False
    try:
        current_app.send_task(task, args=args, queue=queue, retry=False)
    except (KombuError, RedisError, OSError) as error:
        _quiet_until = time.monotonic() + QUIET_SECONDS
        logger.warning("%s was not queued, the sweep will find it: %s", task, type(error).__name__)
        return False
    return True
