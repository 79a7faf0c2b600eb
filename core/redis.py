"""The one Redis connection pool of a process, on the queue's database (never the cache's,
which may be emptied).
"""

from functools import lru_cache

import redis
from django.conf import settings

# A Redis that is down must not hold a request up: whoever asks is told within a second.
TIMEOUT = 1.0


@lru_cache(maxsize=4)
def _pool(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        decode_responses=True,
        health_check_interval=30,
    )


def connection() -> redis.Redis:
    """Return the process's client: answers are text; safe to share between threads;
    after a fork it opens its own.
    """
    return _pool(settings.REDIS_URL)
