"""What no statement reads: answers kept sealed, sessions, and what lies in Redis.

None of it is anybody's work: an answer that is kept for a repeated request, a person's session, a
page that was cached. So what names the person goes whole, and is made anew when it is next asked
for. An organization takes the sessions and answers of its own people alone; what is cached is
nobody's.
"""

import re
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import redis
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from core.models import IdempotencyKey
from core.privacy import places
from core.privacy.marks import Person
from core.privacy.places import Counts
from core.secrets.crypto import CannotOpen
from core.signin.sessions import SessionStore

SESSIONS, ANSWERS, REDIS = "django_session", "idempotency_keys", "redis"
_AT_ONCE: Final = 500
# What stands before a text in a pickled value: its mark, and its length,
# which may look like a letter of it.
_PICKLED_LENGTH: Final = re.compile(rb"\x8c.", re.DOTALL)
_READERS: Final[dict[Any, Any]] = {
    b"string": lambda client, key: [client.get(key) or b""],
    b"list": lambda client, key: client.lrange(key, 0, -1),
    b"set": lambda client, key: list(client.smembers(key)),
    b"zset": lambda client, key: client.zrange(key, 0, -1),
    b"hash": lambda client, key: [part for pair in client.hgetall(key).items() for part in pair],
}


def erase(person: Person, organization_id: UUID | None) -> Counts:
    """Drop the sessions, kept answers and cached values that name a person."""
    counts: Counts = {}
    by_place = (
        (SESSIONS, _sessions(person, organization_id)),
        (ANSWERS, _answers(person, organization_id)),
    )
    for place, rows in by_place:
        for row in rows:
            row.delete()
            _one_more(counts, place)
    for client, key in _in_redis(person):
        client.delete(key)
        _one_more(counts, REDIS)
    return _for(organization_id, counts)


def left(person: Person, organization_id: UUID | None) -> Counts:
    """Count what names them still."""
    counts = {
        SESSIONS: {"found": sum(1 for _row in _sessions(person, organization_id))},
        ANSWERS: {"found": sum(1 for _row in _answers(person, organization_id))},
        REDIS: {"found": sum(1 for _key in _in_redis(person))},
    }
    found = {place: count for place, count in counts.items() if count["found"]}
    return _for(organization_id, found)


def _for(organization_id: UUID | None, counts: Counts) -> Counts:
    """Return the numbers for whoever may know them: these places are everybody's."""
    if organization_id is None:
        return counts
    return {}


def _one_more(counts: Counts, place: str) -> None:
    of_place = counts.setdefault(place, {"found": 0, "erased": 0})
    of_place["found"] += 1
    of_place["erased"] += 1


def _sessions(person: Person, organization_id: UUID | None) -> Iterator[Session]:
    theirs = _members(organization_id)
    for row in Session.objects.iterator(_AT_ONCE):
        session = SessionStore(row.session_key).decode(row.session_data)
        if theirs is not None and session.get(SESSION_KEY) not in theirs:
            continue
        if person.is_in(str(session)):
            yield row


def _members(organization_id: UUID | None) -> frozenset[str] | None:
    """Return whose sessions and answers are meant, by the ids of their accounts; None: all."""
    if organization_id is None:
        return None
    return places.members_of(organization_id)


def _answers(person: Person, organization_id: UUID | None) -> Iterator[IdempotencyKey]:
    theirs = _members(organization_id)
    rows = IdempotencyKey.objects.all()
    if theirs is not None:
        rows = rows.filter(user_id__in=theirs)
    for row in rows.iterator(_AT_ONCE):
        if person.is_in(row.key) or person.is_in(_opened(row)):
            yield row


def _opened(row: IdempotencyKey) -> str:
    if not row.body:
        return ""
    try:
        return str(row.body.reveal())
    except CannotOpen:
        return ""


def _in_redis(person: Person) -> Iterator[tuple[Any, bytes]]:
    """Return the keys whose name or value names a person.
    A message of the queue holds ids alone.
    """
    for url in dict.fromkeys((settings.CACHE_URL, settings.REDIS_URL)):
        client = redis.Redis.from_url(url)
        for key in client.scan_iter(count=_AT_ONCE):
            read = _READERS.get(client.type(key))
            parts = [key, *(read(client, key) if read else [])]
            whole = b"\n".join(parts)
            if any(
                person.is_in(text.decode("utf-8", "replace"))
                for text in (whole, _PICKLED_LENGTH.sub(b"\n", whole))
            ):
                yield client, key
