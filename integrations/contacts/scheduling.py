"""When contacts are synced: every so many minutes, and soon after a vendor's webhook says
that something changed.
"""

import logging
from datetime import timedelta
from typing import Final

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from core.models import Run
from integrations.contacts.syncing import KIND, start_sync
from integrations.models import Integration
from integrations.standing_in import worker_for

logger = logging.getLogger(__name__)

# What comes in a burst is fetched together.
SOON: Final = timedelta(seconds=30)
AT_ONCE: Final = 200


def nudge(integration: Integration) -> None:
    """Have contacts synced soon; of many nudges in a row one sync comes."""
    soon = timezone.now() + SOON
    later = Q(next_sync_at=None) | Q(next_sync_at__gt=soon)
    Integration.objects.filter(later, pk=integration.pk, is_active=True).update(next_sync_at=soon)


def start_due() -> int:
    """Start every sync whose time has come, and tell how many;
    one that is under way is waited for.
    """
    under_way = Run.objects.filter(subject_id=OuterRef("pk"), kind=KIND.key, state__in=Run.OPEN)
    due = Integration.objects.filter(
        ~Exists(under_way), is_active=True, next_sync_at__lte=timezone.now()
    )
    due = due.select_related("account", "fallback__account").order_by("next_sync_at")
    return sum(_start(integration) for integration in due[:AT_ONCE])


def _start(integration: Integration) -> bool:
    """Claim a due sync by one conditional update, and start it: of two beats one does.

    While the integration has failed, its stand-in is synced instead.
    """
    following = None
    if integration.sync_every:
        following = timezone.now() + timedelta(minutes=integration.sync_every)
    claimed = Integration.objects.filter(
        pk=integration.pk,
        is_active=True,
        next_sync_at=integration.next_sync_at,
        sync_every=integration.sync_every,
    )
    if not claimed.update(next_sync_at=following):
        return False
    try:
        start_sync(worker_for(integration), trigger="schedule")
    except ValidationError:
        logger.info("Integration %s has no contacts to sync", integration.pk)
        return False
    return True
