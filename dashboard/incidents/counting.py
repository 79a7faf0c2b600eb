"""How many incidents wait for somebody: one query, remembered until one changes or half a minute is over."""

import contextlib
from typing import Final
from uuid import UUID

from django.core.cache import cache
from redis.exceptions import RedisError

from core.incidents import changes
from core.models import User
from crm.models import Member
from crm.services import incidents

KEPT_SECONDS: Final = 30


def open_count(user: User, organization_id: UUID | None, members: list[Member]) -> int:
    """Return how many open ones this person sees that nobody has acknowledged or snoozed."""
    name = f"incidents:open:{user.pk}:{organization_id or ''}"
    with contextlib.suppress(RedisError, OSError):
        known = cache.get_many([changes.KEY, name])
        version = known.get(changes.KEY, "")
        kept = known.get(name)
        if kept is not None and kept[0] == version:
            return int(kept[1])
        count = incidents.needing_attention(user, organization_id, members).count()
        cache.set(name, (version, count), KEPT_SECONDS)
        return count
    return incidents.needing_attention(user, organization_id, members).count()
