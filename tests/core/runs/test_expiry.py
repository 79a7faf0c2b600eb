"""What has expired is forgotten, what is still good is kept."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from core import expiry, tasks
from core.models import ApiSession, IdempotencyKey, User

pytestmark = pytest.mark.django_db


def test_only_what_nobody_can_use_any_more_goes():
    now = timezone.now()
    user = User.objects.create_user("ops")
    for key, age in (("old", 2), ("new", 0)):
        IdempotencyKey.objects.create(user=user, key=key, fingerprint="f")
        IdempotencyKey.objects.filter(key=key).update(created_at=now - timedelta(days=age))
        Session.objects.create(
            session_key=key, session_data="", expire_date=now + timedelta(days=1 - age)
        )
        expires = now + timedelta(days=1 - 20 * age)
        ApiSession.objects.create(user=user, refresh_hash=key, rotated_at=now, expires_at=expires)

    forgotten = expiry.forget(now)

    assert (forgotten["sessions"], forgotten["api_sessions"], forgotten["idempotency_keys"]) == (
        1,
        1,
        1,
    )

    assert IdempotencyKey.objects.get().key == "new"
    assert Session.objects.get().session_key == "new"
    assert ApiSession.objects.get().refresh_hash == "new"
    tasks.forget_expired()
    assert ApiSession.objects.count() == 1
