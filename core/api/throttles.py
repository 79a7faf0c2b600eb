"""How often one person or address may do one thing: exact over a sliding window,
counted in Redis for all.
"""

from typing import Any
from uuid import uuid4

import redis
import structlog
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core.redis import connection
from core.serving.client_ip import client_ip

log = structlog.get_logger(__name__)

# One step for Redis, so that two threads cannot both take the last place. Redis' own clock:
# one for all machines. Answers 0 when admitted, else the milliseconds until the oldest use
# leaves the window.
TAKE = """
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local window = tonumber(ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], 0, ms - window)
if redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[1]) then
  redis.call('ZADD', KEYS[1], ms, ARGV[3])
  redis.call('PEXPIRE', KEYS[1], window)
  return 0
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return math.max(1, tonumber(oldest[2]) + window - ms)
"""


def take(scope: str, who: str, allowed: int, seconds: int, use: str = "") -> float:
    """Return 0 when this use is admitted (and counted), else the seconds to wait.

    A use with a name can be given back.

    Without Redis every use is admitted: a limit is a courtesy, and the lock-out after bad
    passwords rests elsewhere.
    """
    try:
        waiting: Any = connection().eval(
            TAKE,
            1,
            f"koppel:limit:{scope}:{who}",
            str(allowed),
            str(seconds * 1000),
            use or uuid4().hex,
        )
    except redis.RedisError as error:
        log.warning("limit_not_counted", scope=scope, error=str(error))
        return 0.0
    return int(waiting) / 1000


def give_back(scope: str, who: str, use: str) -> None:
    """Uncount a use that turned out not to be one."""
    try:
        connection().zrem(f"koppel:limit:{scope}:{who}", use)
    except redis.RedisError as error:
        log.warning("limit_not_given_back", scope=scope, error=str(error))


class Limit(BaseThrottle):
    """Made by `limit()`; a view names it in `throttle_classes`."""

    scope = ""
    allowed = 0
    seconds = 0
    by_address = False

    def allow_request(self, request: Request, view: Any) -> bool:
        user = request.user
        is_signed_in = user is not None and user.is_authenticated
        who = f"ip:{client_ip(request)}"
        if is_signed_in and not self.by_address:
            who = f"user:{user.pk}"
        self.waiting = take(self.scope, who, self.allowed, self.seconds)
        return self.waiting == 0

    def wait(self) -> float | None:
        return self.waiting or None


def limit(scope: str, allowed: int, *, seconds: int = 60, by_address: bool = False) -> type[Limit]:
    """Make a limit: `throttle_classes = [limit("fathom-test", 10)]` is ten a minute and user;
    more is 429.
    """
    values = {"scope": scope, "allowed": allowed, "seconds": seconds, "by_address": by_address}
    return type("Limit", (Limit,), values)
