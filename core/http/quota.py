"""A vendor's quota, kept together by all processes: Redis remembers when calls were granted,
one Lua script decides.

A quota of 60 per minute is a window that slides: no 60 seconds ever hold more than 60 grants. (A
bucket that refills by one a second would let 119 through in its first minute, and vendors count.)
One call may need several quotas; it gets all of them or none. The clock is the server's.

Redis forgets (a flush, a restart): the count starts again, and the vendor's own 429 is heeded.
Redis is away: each process keeps a window of its own, a quarter of the quota, until it is back.
Neither ever stops a call or raises.
"""

import hashlib
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import redis
import structlog
from django.conf import settings

from core.redis import connection

logger = structlog.get_logger(__name__)

# The share of a quota that one process takes when it cannot ask the others.
LOCAL_SHARE: Final = 4
# After a failure Redis is not asked again for so long: a dead server must not cost every
# call its time-out.
_RETRY_REDIS_AFTER: Final = 5.0
# Two calls granted a whole window apart may arrive a little closer.
_SLACK: Final = 1.02

# KEYS: the list of grant times of each quota. ARGV: for each its limit, window in microseconds
# and cost. Gives {1, 0} and notes the grants, or {0, microseconds to wait} and notes nothing.
_TAKE: Final = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local free = now
for i, key in ipairs(KEYS) do
  local limit, window, cost = tonumber(ARGV[i*3-2]), tonumber(ARGV[i*3-1]), tonumber(ARGV[i*3])
  local blocked = redis.call('GET', key .. ':blocked')
  if blocked and tonumber(blocked) > free then free = tonumber(blocked) end
  local oldest = redis.call('LINDEX', key, limit - cost)
  if oldest and oldest + window > free then free = oldest + window end
end
if free > now then return {0, string.format('%.0f', free - now)} end
for i, key in ipairs(KEYS) do
  local limit, window, cost = tonumber(ARGV[i*3-2]), tonumber(ARGV[i*3-1]), tonumber(ARGV[i*3])
  for _ = 1, cost do redis.call('LPUSH', key, string.format('%.0f', now)) end
  redis.call('LTRIM', key, 0, limit - 1)
  redis.call('PEXPIRE', key, math.ceil(window / 1000))
end
return {1, '0'}
"""
# ARGV[1]: microseconds for which nothing is granted. A longer pause that is already noted stays.
_DRAIN: Final = """
local clock = redis.call('TIME')
local till = clock[1] * 1000000 + clock[2] + tonumber(ARGV[1])
for _, key in ipairs(KEYS) do
  local blocked = redis.call('GET', key .. ':blocked')
  if not blocked or tonumber(blocked) < till then
    local pause = math.ceil(ARGV[1] / 1000)
    redis.call('SET', key .. ':blocked', string.format('%.0f', till), 'PX', pause)
  end
end
return 1
"""


@dataclass(frozen=True)
class Quota:
    """`limit` calls per `seconds`; a call costs `cost` of it unless the call says otherwise."""

    name: str
    limit: int
    seconds: float
    cost: int = 1


# The quotas themselves, or what gives them: it is asked before each call,
# for limits that change meanwhile.
Quotas = Sequence[Quota] | Callable[[], Sequence[Quota]]
Costs = Mapping[str, int] | None


class Exhausted(Exception):
    """No grant within the time that the caller would wait. `retry_after` seconds are needed."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


@dataclass(frozen=True)
class _Need:
    """What one call takes of one quota."""

    key: str
    limit: int
    seconds: float
    cost: int


class Account:
    """The quotas of one account at one vendor."""

    def __init__(self, vendor: str, account: str, quotas: Quotas) -> None:
        digest = hashlib.sha256(f"{vendor}\0{account}".encode(errors="replace")).hexdigest()[:24]
        # The braces keep all quotas of an account on one node of a Redis Cluster,
        # as one script needs.
        self._prefix = f"koppel:quota:{{{vendor}:{digest}}}"
        self._quotas = quotas

    def take(self, costs: Costs, patience: float) -> None:
        """Wait for the grant of one call; Exhausted when that would take longer
        than `patience` seconds.
        """
        needs = self._needs(costs)
        give_up = time.monotonic() + patience
        while needs and (wait := _ask(needs)) > 0:
            # A little apart, so that waiting workers do not all come back in the same moment.
            wait += random.uniform(0.001, 0.02)  # noqa: S311 - not a secret
            if time.monotonic() + wait > give_up:
                raise Exhausted(wait)
            time.sleep(wait)

    def drain(self, costs: Costs, seconds: float) -> None:
        """Let nobody get a grant of these quotas for as long as the vendor said to wait."""
        keys = [need.key for need in self._needs(costs)]
        if keys and seconds > 0:
            _run(lambda server: server.drain(keys=keys, args=[int(seconds * 1e6)]))
            _local.drain(keys, seconds)

    def _needs(self, costs: Costs) -> list[_Need]:
        """Return what costs something only; more than the whole quota is never granted,
        and is asked as the whole.
        """
        quotas = self._quotas
        if callable(quotas):
            quotas = quotas()
        asked = ((quota, (costs or {}).get(quota.name, quota.cost)) for quota in quotas)
        return [
            _Need(
                f"{self._prefix}:{quota.name}",
                quota.limit,
                quota.seconds * _SLACK,
                min(cost, quota.limit),
            )
            for quota, cost in asked
            if cost > 0
        ]


def _ask(needs: list[_Need]) -> float:
    """Return 0 when granted, else the seconds to wait."""
    answer = _run(
        lambda server: server.take(keys=[need.key for need in needs], args=_arguments(needs))
    )
    if answer is None:
        return _local.ask(needs)
    if int(answer[0]):
        return 0.0
    return max(0.001, int(answer[1]) / 1e6)


def take_at_once(accounts: Sequence[Account]) -> list[bool]:
    """Take the grant of one call of each account, all in one go;
    tell which of them had it free just now.

    For many calls of many accounts, each of which would else ask by itself:
    a call that got its grant costs nothing more of the quota. Where Redis is away nobody has one.
    """
    needs = [account._needs(None) for account in accounts]
    asked = [each for each in needs if each]
    answers = _run(lambda server: server.take_at_once(asked))
    if answers is None:
        return [not each for each in needs]
    granted = iter(answers)
    return [not each or bool(int(next(granted)[0])) for each in needs]


def _arguments(needs: list[_Need]) -> list[int]:
    return [number for need in needs for number in (need.limit, int(need.seconds * 1e6), need.cost)]


class _Server:
    """Redis and the two scripts."""

    def __init__(self) -> None:
        self.take = connection().register_script(_TAKE)
        self.drain = connection().register_script(_DRAIN)
        self.away_until = 0.0

    def take_at_once(self, asked: Sequence[list[_Need]]) -> list[Any]:
        """Return the script's answer for each, of one round trip."""
        pipeline = connection().pipeline(transaction=False)
        for needs in asked:
            self.take(keys=[need.key for need in needs], args=_arguments(needs), client=pipeline)
        answers: list[Any] = pipeline.execute()
        return answers


@lru_cache(maxsize=4)
def _server(_url: str) -> _Server:
    return _Server()


def _run(act: Callable[[_Server], Any]) -> Any:
    """Return what the script gave; None when Redis is away."""
    server = _server(settings.REDIS_URL)
    if time.monotonic() < server.away_until:
        return None
    try:
        return act(server)
    except redis.RedisError as error:
        server.away_until = time.monotonic() + _RETRY_REDIS_AFTER
        logger.warning("quotas_kept_per_process", cause=type(error).__name__)
        return None


class _Local:
    """The same windows within this process, for as long as Redis is away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._grants: dict[str, deque[float]] = {}
        self._blocked: dict[str, float] = {}

    def ask(self, needs: list[_Need]) -> float:
        with self._lock:
            now = time.monotonic()
            wait = max(self._wait(need, now) for need in needs)
            if wait <= 0:
                for need in needs:
                    self._grants[need.key].extend([now] * need.cost)
            return wait

    def _wait(self, need: _Need, now: float) -> float:
        limit = max(need.cost, -(-need.limit // LOCAL_SHARE))
        grants = self._grants.setdefault(need.key, deque())
        while grants and grants[0] <= now - need.seconds:
            grants.popleft()
        wait = self._blocked.get(need.key, 0.0) - now
        excess = len(grants) + need.cost - limit
        if excess > 0:
            return max(wait, grants[excess - 1] + need.seconds - now)
        return wait

    def drain(self, keys: list[str], seconds: float) -> None:
        with self._lock:
            till = time.monotonic() + seconds
            self._blocked.update({key: max(till, self._blocked.get(key, 0.0)) for key in keys})


_local = _Local()
