"""Who hears of a transition: one waiting row per channel, in the same transaction as the transition."""

from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.models import AlertChannel, AlertDelivery, Incident
from core.queue import jobs

# The cause of the incident "this channel does not work", before the channel's id.
CHANNEL_CAUSE: Final = "alert_channel:"


def channel_cause(channel: AlertChannel) -> str:
    return f"{CHANNEL_CAUSE}{channel.pk}"


@transaction.atomic
def deliver(incident: Incident, transition: str) -> list[AlertDelivery]:
    """Put one row in the outbox for each channel that is to hear of this; sending starts after the commit.

    `transition` is opened, worsened or closed. The end is told to those alone who were told of the beginning.
    """
    now = timezone.now()
    rows = [
        AlertDelivery(channel=channel, incident=incident, transition=transition, next_attempt_at=now)
        for channel in _listeners(incident, transition)
    ]
    # Conflicts are ignored: a transition already told to a channel is not told again.
    AlertDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        jobs.after_commit("core.send_alerts")
    return rows


def _listeners(incident: Incident, transition: str) -> QuerySet[AlertChannel]:
    """Enabled channels of the installation and of the incident's organization, but never the channel it is about."""
    scope = Q(organization_id=None)
    if incident.organization_id:
        scope |= Q(organization_id=incident.organization_id)
    channels = AlertChannel.objects.filter(scope, is_enabled=True)
    if incident.severity != Incident.Severity.CRITICAL:
        channels = channels.filter(minimum_severity=Incident.Severity.WARNING)
    if incident.cause.startswith(CHANNEL_CAUSE):
        channels = channels.exclude(pk=incident.cause.removeprefix(CHANNEL_CAUSE))
    if transition == "closed":
        channels = channels.filter(deliveries__incident=incident).distinct()
    return channels
