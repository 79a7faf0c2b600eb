"""Writing events down, in the transaction of the change that they tell of: kept or lost with it.

An organization without an endpoint has nobody to tell, and nothing is written.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from integrations.events import endpoints, hints
from integrations.events.catalogue import BY_NAME, Kind
from integrations.events.shapes import moment
from integrations.models import Delivery, Event, Integration

# What is told beside a row, by the name that JSON has for it.
FACTS: Final[Mapping[str, str]] = {
    "changed": "changed",
    "before": "previousStatus",
    "starts_at": "previousStartsAt",
    "ends_at": "previousEndsAt",
    "cause": "cause",
    "other": "otherId",
}
# Names of columns in `changed` are given as JSON has them.
COLUMNS: Final[Mapping[str, str]] = {
    "qualified_by": "qualifiedById",
    "team": "teamId",
    "lead": "leadId",
}
_UNTOLD: Final = frozenset({"external_ids"})


def emit(organization_id: UUID, name: str, *data: Mapping[str, Any]) -> int:
    """Write down that this happened, once for each of these;
    return how many deliveries are owed of it.

    Call it in the transaction of the change.
    """
    found = list(endpoints.of_organization(organization_id).select_related("account"))
    if not found or not data:
        return 0
    now = timezone.now()
    with transaction.atomic():
        events = Event.objects.bulk_create(
            Event(organization_id=organization_id, name=name, data=dict(each), created_at=now)
            for each in data
        )
        return owe(events, _subscribed(found, name))


def owe(events: Sequence[Event], integrations: Sequence[Integration]) -> int:
    """Owe each of these events to each of these endpoints, from now on;
    return how many deliveries that is.
    """
    now = timezone.now()
    rows = [
        Delivery(
            integration=integration, event=event, next_attempt_at=now, created_at=event.created_at
        )
        for integration in integrations
        for event in events
    ]
    if not rows:
        return 0
    endpoints.know([integration.pk for integration in integrations])
    Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
    hints.after_commit()
    return len(rows)


def hear(*, name: str, rows: Iterable[Model], facts: Mapping[str, Any], **_signal: Any) -> None:
    """Write events down for whatever the house tells of; called within
    the transaction of the change.
    """
    kind = BY_NAME.get(name)
    if kind is None or not _somebody_listens(rows):
        return
    by_organization: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_organization[_organization_of(row)].append(_written(kind, row, facts))
    for organization_id, data in by_organization.items():
        emit(organization_id, name, *data)


def hear_of_account(
    *, name: str, rows: Iterable[Model], facts: Mapping[str, Any], **_signal: Any
) -> None:
    """Tell of an integration whose account works now, or does not."""
    known = {"account.connected": "integration.connected", "account.failed": "integration.failed"}
    if name not in known:
        return
    accounts = [row.pk for row in rows]
    found = Integration.objects.filter(account__in=accounts).exclude(provider=endpoints.PROVIDER)
    hear(name=known[name], rows=found, facts=facts)


def _somebody_listens(rows: Iterable[Model]) -> bool:
    """Tell whether rows that are not read yet are worth reading."""
    if isinstance(rows, list):
        return True
    return Integration.objects.filter(provider=endpoints.PROVIDER).exists()


def _subscribed(integrations: Sequence[Integration], name: str) -> list[Integration]:
    """Return the endpoints that want it. Whether their owners may hear of it, the next round looks:
    and says so.
    """
    return [row for row in integrations if row.is_active and endpoints.wants(row, name)]


def _organization_of(row: Any) -> UUID:
    if hasattr(row, "organization_id"):
        return UUID(str(row.organization_id))
    return UUID(str(row.call.organization_id))


def _written(kind: Kind, row: Model, facts: Mapping[str, Any]) -> dict[str, Any]:
    beside = {FACTS[name]: value for name, value in facts.items() if FACTS.get(name) in kind.facts}
    return {**kind.data(row), **{name: _value(value) for name, value in beside.items()}}


def _value(value: Any) -> Any:
    if isinstance(value, list):
        return [COLUMNS.get(name, name) for name in value if name not in _UNTOLD]
    if hasattr(value, "isoformat"):
        return moment(value)
    return str(value)
