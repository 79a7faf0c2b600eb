"""Who hears of a transition: one waiting row per channel and person, in the same transaction
as the transition.
"""

from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.alerts import audience
from core.models import AlertChannel, AlertDelivery, Incident, User
from core.queue import jobs

# The cause of the incident "this channel does not work", before the channel's id.
CHANNEL_CAUSE: Final = "alert_channel:"
# The cause of the incident "mails to people do not leave".
MAIL_CAUSE: Final = "personal_mail"


def channel_cause(channel: AlertChannel) -> str:
    return f"{CHANNEL_CAUSE}{channel.pk}"


@transaction.atomic
def deliver(
    incident: Incident, transition: str, *, only_staff: bool = False
) -> list[AlertDelivery]:
    """Put one row in the outbox for each channel and person that is to hear of this;
    sending starts after the commit.

    `transition` is opened, worsened or closed. The end is told to those alone who were told of the
    beginning. With `only_staff` neither the channels nor the people of organizations hear of it.
    """
    now = timezone.now()
    channels = list(_listeners(incident, transition, only_staff=only_staff))
    rows = [
        AlertDelivery(
            channel=channel, incident=incident, transition=transition, next_attempt_at=now
        )
        for channel in channels
    ]
    rows += [
        AlertDelivery(person=person, incident=incident, transition=transition, next_attempt_at=now)
        for person in _people(incident, transition, channels, only_staff=only_staff)
    ]
    # Conflicts are ignored: a transition already told to a channel or person is not told again.
    AlertDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        jobs.after_commit("core.send_alerts")
    return rows


def _people(
    incident: Incident, transition: str, channels: list[AlertChannel], *, only_staff: bool
) -> list[User]:
    """Return who gets a mail of their own: nobody who reads the same in the mail of a channel."""
    if incident.cause.startswith((CHANNEL_CAUSE, MAIL_CAUSE)):
        return []
    if transition == "closed":
        known = AlertDelivery.objects.filter(incident=incident, person__isnull=False).values(
            "person_id"
        )
        people = list(User.objects.filter(pk__in=known))
    else:
        people = audience.listeners(incident)
    if only_staff:
        people = [person for person in people if person.is_staff]
    if not people:
        return []
    reached = {
        channel.target.reveal().casefold()
        for channel in channels
        if channel.kind == AlertChannel.Kind.EMAIL
    }
    return [person for person in people if person.email.casefold() not in reached]


def _listeners(incident: Incident, transition: str, *, only_staff: bool) -> QuerySet[AlertChannel]:
    """Return enabled channels of the installation and of the incident's organization,
    never the one it is about.
    """
    scope = Q(organization_id=None)
    if incident.organization_id and not only_staff:
        scope |= Q(organization_id=incident.organization_id)
    channels = AlertChannel.objects.filter(scope, is_enabled=True)
    if incident.severity != Incident.Severity.CRITICAL:
        channels = channels.filter(minimum_severity=Incident.Severity.WARNING)
    if incident.cause.startswith(CHANNEL_CAUSE):
        channels = channels.exclude(pk=incident.cause.removeprefix(CHANNEL_CAUSE))
    if transition == "closed":
        channels = channels.filter(deliveries__incident=incident).distinct()
    return channels
