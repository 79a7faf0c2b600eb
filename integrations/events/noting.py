"""What came of attempts, and what that says of the endpoint: fine, failing, paused, gone."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Min, Q, Value
from django.db.models.functions import Coalesce, Least
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import incidents
from core.bulk import packed, recordset
from core.models import Incident
from core.words.sayings import Saying
from integrations.events import endpoints
from integrations.events.owing import OUTBOX, PAUSES, give_up, let_go
from integrations.events.recovering import owe_since
from integrations.events.sending import Result
from integrations.models import Delivery, EventEndpoint, Integration
from integrations.services.writing import record

# An incident opens where nothing was taken for so long; later Koppel stops trying.
TOLD_AFTER: Final = timedelta(hours=1)
PAUSED_AFTER: Final = timedelta(days=5)
WHO: Final = "events out"

CUT_OFF: Final = _("The last attempt was cut off.")
TITLE: Final = _("Events do not reach “%(name)s”")
ADVICE: Final = _(
    "%(why)s Events are kept and tried again; repair the endpoint, and press Send a sample."
)
PAUSED: Final = _("“%(name)s” is switched off: it took no event for five days")
PAUSED_ADVICE: Final = _(
    "%(why)s Repair the endpoint and switch the integration on again: what happened "
    "meanwhile is sent then."
)
GONE: Final = _("“%(name)s” is switched off: the endpoint wants no more events")
GONE_ADVICE: Final = _(
    "It answered 410. Enter another address and switch the integration on again, or delete it."
)
NO_SIGHT: Final = _("“%(name)s” is switched off: its owner no longer sees the whole organization")
NO_SIGHT_ADVICE: Final = _(
    "Events tell of everything in the organization. Give the integration to somebody who runs the "
    "organization, and switch it on again."
)

_SENT: Final = (
    "UPDATE integrations_delivery d SET state = 'sent', error = '', "  # noqa: S608
    "sent_at = %(now)s, tries = d.tries || r.attempt"
    f" FROM {recordset({'id': 'uuid', 'attempt': 'jsonb'})} WHERE d.id = r.id AND d.state <> 'sent'"
)
_TRIED: Final = (
    "UPDATE integrations_delivery d SET tries = d.tries || r.attempt"  # noqa: S608
    f" FROM {recordset({'id': 'uuid', 'attempt': 'jsonb'})} WHERE d.id = r.id"
)


def cause(integration_id: UUID) -> str:
    return f"events_out:{integration_id}"


def note(results: Sequence[tuple[Delivery, Result]]) -> None:
    """Write down what came of some attempts; each delivery was claimed by this worker."""
    taken = [(delivery, result) for delivery, result in results if result.error is None]
    refused = [(delivery, result) for delivery, result in results if result.error is not None]
    if taken:
        _run(_SENT, taken)
    if refused:
        _run(_TRIED, refused)
    for delivery, result in refused:
        OUTBOX.put_off(
            delivery,
            result.error.plain if result.error else "",
            final=result.is_gone or delivery.event.is_sample,
            retry_after=result.retry_after,
        )


def cut_off(lost: Sequence[Delivery]) -> None:
    """Give up those whose last attempt was begun and never ended."""
    if not lost:
        return
    result = Result(timezone.now().isoformat(), 0, error=Saying(CUT_OFF))
    with transaction.atomic():
        OUTBOX.give_up([delivery.pk for delivery in lost], Saying(CUT_OFF).plain)
        _run(_TRIED, [(delivery, result) for delivery in lost])


def works(integration: Integration) -> None:
    """Note that an endpoint took an event: what waits for it is due, what was wrong is over."""
    now = timezone.now()
    off = Q(failing_since__isnull=False) | Q(paused_at__isnull=False) | Q(rest_until__isnull=False)
    with transaction.atomic():
        Integration.objects.filter(pk=integration.pk).update(last_used_at=now)
        rows = EventEndpoint.objects.filter(pk=integration.pk)
        was_off = rows.filter(off).update(failing_since=None, rest_until=None, cause={})
        rows.update(last_success_at=now)
        if was_off:
            _switch_on(integration)
            rows.update(owed_since=None)
            let_go(integration.pk)
    incidents.observe(cause(integration.pk), ok=True, title="")


def fails(integration: Integration, result: Result, event_at: datetime) -> None:
    """Note that an endpoint did not take an event of that moment:
    since when, why, and what follows of it.
    """
    now = timezone.now()
    rows = EventEndpoint.objects.filter(pk=integration.pk)
    kept = result.error.kept() if result.error else {}
    rows.filter(failing_since=None).update(failing_since=now)
    rows.update(
        cause=kept, owed_since=Least(Coalesce("owed_since", Value(event_at)), Value(event_at))
    )
    if result.retry_after:
        asked = timedelta(seconds=result.retry_after)
        rows.update(rest_until=now + min(asked, PAUSES.longest_asked or asked))
    if result.is_gone:
        pause(integration, GONE, GONE_ADVICE, result)
        return
    since = rows.values_list("failing_since", flat=True).first()
    if since is not None and now - since >= PAUSED_AFTER:
        pause(integration, PAUSED, PAUSED_ADVICE, result)
    elif since is not None and now - since >= TOLD_AFTER:
        _observe(integration, TITLE, ADVICE, result, Incident.Severity.WARNING)


def pause(integration: Integration, title: Any, advice: Any, result: Result | None = None) -> None:
    """Switch an endpoint off, and say why; what happens meanwhile is sent once it is on again."""
    with transaction.atomic():
        if not Integration.objects.filter(pk=integration.pk, is_active=True).update(
            is_active=False
        ):
            return
        _mark_paused(integration.pk)
        record("integration.paused", integration, WHO, None)
        if title is GONE:
            give_up(integration.pk, result.error.plain if result and result.error else "")
    integration.is_active = False
    _observe(integration, title, advice, result, Incident.Severity.CRITICAL)


def resume(integration: Integration) -> None:
    """Begin anew with an endpoint that a person has switched on again:
    what happened meanwhile is owed.
    """
    rows = EventEndpoint.objects.filter(pk=integration.pk, paused_at__isnull=False)
    with transaction.atomic():
        endpoint = rows.select_for_update().first()
        if endpoint is None:
            return
        rows.update(paused_at=None, owed_since=None, failing_since=None, rest_until=None, cause={})
        _catch_up(integration, endpoint)


def _switch_on(integration: Integration) -> None:
    """Switch on what was paused and has taken an event: somebody tried it, and it works."""
    endpoint = EventEndpoint.objects.filter(pk=integration.pk, paused_at__isnull=False).first()
    if endpoint is None or not endpoints.may_hear(integration):
        return
    Integration.objects.filter(pk=integration.pk).update(is_active=True)
    EventEndpoint.objects.filter(pk=integration.pk).update(paused_at=None, owed_since=None)
    record("integration.activated", integration, WHO, None)
    _catch_up(integration, endpoint)


def _mark_paused(integration_id: UUID) -> None:
    """Write down since when it is owed what it did not take, also where that is given up."""
    now = timezone.now()
    waiting = Delivery.objects.filter(integration_id=integration_id, state=Delivery.State.WAITING)
    oldest = waiting.aggregate(oldest=Min("created_at"))["oldest"] or now
    since = Least(Coalesce("owed_since", Value(oldest)), Value(oldest))
    EventEndpoint.objects.filter(pk=integration_id).update(paused_at=now, owed_since=since)


def _catch_up(integration: Integration, endpoint: EventEndpoint) -> None:
    """Owe what it did not take before it was paused, and what happened meanwhile."""
    since = endpoint.owed_since or endpoint.paused_at
    if since is not None:
        owe_since(integration, since, again=False)
    let_go(integration.pk)


def _observe(
    integration: Integration, title: Any, advice: Any, result: Result | None, severity: str
) -> None:
    why = result.error.plain if result and result.error else ""
    facts = {"name": integration.name}
    incidents.observe(
        cause(integration.pk),
        ok=False,
        title=Saying(title, facts),
        what_to_do=Saying(advice, {"why": why}),
        severity=severity,
        organization_id=integration.organization_id,
        facts={"integration": str(integration.pk), **facts},
    )


def _run(statement: str, results: Sequence[tuple[Delivery, Result]]) -> None:
    rows = [{"id": str(delivery.pk), "attempt": result.noted()} for delivery, result in results]
    with connection.cursor() as cursor:
        cursor.execute(statement, {"rows": packed(rows), "now": timezone.now()})
