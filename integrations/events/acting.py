"""What a person does with an endpoint: try it, send again, have everything since a moment,
exchange its secret.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import vendors
from core.errors import Conflicting
from core.http import turns
from core.models import VendorAccount
from integrations.events import endpoints, hints, noting, signing
from integrations.events.catalogue import BY_NAME
from integrations.events.owing import OUTBOX, owe_again
from integrations.events.recovering import Owed, owe_since
from integrations.events.sending import Result, send, target_of
from integrations.events.shapes import moment
from integrations.models import Delivery, Event, Integration
from integrations.services.writing import record

NO_EVENT: Final = _("There is no event of this name.")
IN_FUTURE: Final = _("Choose a moment that has passed.")
OFF: Final = _("It is switched off. Switch it on first.")
NO_SIGHT: Final = _("Its owner does not see the whole organization, so it gets no events.")


class NotNow(Conflicting):
    """Nothing may be sent to this endpoint as it is."""

    conflict = "endpoint_off"


def sample(integration: Integration, name: str, *, actor: Any, request: Any = None) -> Delivery:
    """Send the example of an event now, once, and return what came of it;
    also where it is switched off.
    """
    kind = BY_NAME.get(name)
    if kind is None:
        raise ValidationError({"event": ValidationError(NO_EVENT, code="invalid_choice")})
    turns.take()
    delivery = _claimed(integration, name, kind.example)
    with transaction.atomic():
        record("integration.sampled", integration, actor, request, event=name)
    target = target_of(integration)
    result = target if isinstance(target, Result) else send(target, delivery.event, by="sample")
    noting.note([(delivery, result)])
    if result.error is None:
        noting.works(integration)
        hints.after_commit()
    delivery.refresh_from_db()
    return delivery


def replay(
    integration: Integration, ids: Sequence[UUID], *, actor: Any, request: Any = None
) -> int:
    """Owe some deliveries again, whatever came of them; return how many."""
    _check_may_send(integration)
    with transaction.atomic():
        owed = owe_again(integration, ids)
        record("integration.replayed", integration, actor, request, deliveries=owed)
    hints.after_commit()
    return owed


def recover(integration: Integration, since: datetime, *, actor: Any, request: Any = None) -> Owed:
    """Owe everything since a moment that it subscribes to, also what it took already;
    return how many events.

    Events are kept for 30 days, also those from before the endpoint was there.
    """
    _check_may_send(integration)
    if since > timezone.now():
        raise ValidationError({"since": ValidationError(IN_FUTURE, code="invalid")})
    with transaction.atomic():
        endpoints.know([integration.pk])
        owed = owe_since(integration, since, again=True, by=actor)
        record(
            "integration.recovered",
            integration,
            actor,
            request,
            since=moment(since),
            deliveries=owed.events,
        )
    return owed


def rotate_secret(integration: Integration, *, actor: Any, request: Any = None) -> str:
    """Sign with a new secret, and for a day with the one before it too;
    return the new one, this once.
    """
    secret = signing.new_secret()
    until = timezone.now() + endpoints.ROTATES_FOR
    with transaction.atomic():
        # Two at once would else both keep the same secret as the one before.
        account = VendorAccount.objects.select_for_update().get(pk=integration.account_id)
        entered: Mapping[str, Any] = {
            endpoints.PREVIOUS: vendors.stored(account).secret(endpoints.SECRET),
            endpoints.PREVIOUS_UNTIL: until.isoformat(),
            endpoints.SECRET: secret,
        }
        vendors.store(account, entered, actor=actor, request=request)
        record("integration.secret_rotated", integration, actor, request)
    return secret


def _claimed(integration: Integration, name: str, data: Mapping[str, Any]) -> Delivery:
    """Write a sample down as one that this process has already."""
    now = timezone.now()
    with transaction.atomic():
        endpoints.know([integration.pk])
        event = Event.objects.create(
            organization_id=integration.organization_id,
            name=name,
            data=dict(data),
            is_sample=True,
            created_at=now,
        )
        return Delivery.objects.create(
            integration=integration,
            event=event,
            attempts=1,
            next_attempt_at=now + OUTBOX.lease,
            created_at=now,
        )


def _check_may_send(integration: Integration) -> None:
    if not integration.is_active:
        raise NotNow(OFF)
    if not endpoints.may_hear(integration):
        raise NotNow(NO_SIGHT)
