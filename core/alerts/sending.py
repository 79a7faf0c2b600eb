"""Working the outbox off: each message once, tried again with growing pauses,
a broken channel told in the app.

How a row is claimed, put off and given up: core.outbox.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit, incidents
from core.alerts.channels import CannotSendError, send
from core.alerts.messages import compose, trial
from core.alerts.outbox import channel_cause
from core.connections import State, Step, TestResult
from core.models import AlertChannel, AlertDelivery
from core.outbox import Outbox, Pauses
from core.words.sayings import Saying

OUTBOX: Final = Outbox(
    AlertDelivery, Pauses.growing(timedelta(minutes=1), times=5), lease=timedelta(minutes=10)
)
BATCH: Final = 500
# So many messages a minute go out one by one; what comes on top of them waits a minute
# and goes as one digest.
SINGLES_A_MINUTE: Final = 5

_TITLE: Final = gettext_lazy("Alerts do not reach “%(name)s”")
_ADVICE: Final = gettext_lazy("%(error)s Correct the channel and press Test on it.")


def send_waiting() -> int:
    """Send what is due, channel by channel; how many rows were sent."""
    OUTBOX.give_up_on_the_lost(_("The last attempt was cut off."))
    by_channel: defaultdict[Any, list[Any]] = defaultdict(list)
    due = OUTBOX.due().filter(channel__isnull=False).order_by("created_at", "id")
    for pk, channel_id in due.values_list("pk", "channel_id")[:BATCH]:
        by_channel[channel_id].append(pk)
    channels = AlertChannel.objects.in_bulk(by_channel)
    return sum(_work_off(channels[pk], rows) for pk, rows in by_channel.items() if pk in channels)


def send_again(deliveries: Sequence[AlertDelivery]) -> int:
    """Put failed rows back in the outbox; how many."""
    return OUTBOX.put_back([row.pk for row in deliveries])


def test(channel: AlertChannel, actor: Any, request: Any = None) -> TestResult:  # noqa: PT028 - no test case
    """Send a trial message now and say, step by step, how it went;
    the result also moves the channel's incident.
    """
    with transaction.atomic():
        audit.record("channel.tested", actor=actor, target=channel, request=request)
    try:
        send(channel, trial())
    except CannotSendError as error:
        _channel_failed(channel, error, open_after=1)
        return TestResult([Step(_("Send a message"), State.FAILED, error.message)])
    _channel_works(channel)
    return TestResult(
        [
            Step(
                _("Send a message"),
                State.PASSED,
                _("The message was handed over. See whether it arrived."),
            )
        ]
    )


def _work_off(channel: AlertChannel, rows: list[Any]) -> int:
    room = SINGLES_A_MINUTE - _messages_of_the_last_minute(channel)
    if not channel.is_enabled:
        OUTBOX.give_up(rows, _("The channel was switched off before this was sent."))
        return 0
    if len(rows) <= room:
        return sum(_send_one_message(channel, [row]) for row in rows)
    if room == SINGLES_A_MINUTE:
        return _send_one_message(channel, rows)
    return 0


def _messages_of_the_last_minute(channel: AlertChannel) -> int:
    a_minute_ago = timezone.now() - timedelta(minutes=1)
    sent = AlertDelivery.objects.filter(channel=channel, sent_at__gt=a_minute_ago)
    return sent.order_by().values("sent_at").distinct().count()


def _send_one_message(channel: AlertChannel, rows: list[Any]) -> int:
    claimed = [row for row in rows if OUTBOX.claim(row)]
    deliveries = list(
        AlertDelivery.objects.filter(pk__in=claimed)
        .select_related("incident")
        .order_by("created_at")
    )
    if not deliveries:
        return 0
    try:
        send(channel, compose(deliveries))
    except CannotSendError as error:
        for delivery in deliveries:
            OUTBOX.put_off(
                delivery, error.message, final=error.permanent, retry_after=error.retry_after
            )
        open_after = 2
        if error.permanent:
            open_after = 1
        _channel_failed(channel, error, open_after=open_after)
        return 0
    OUTBOX.done(claimed, sent_at=timezone.now())
    _channel_works(channel)
    return len(deliveries)


def _channel_failed(channel: AlertChannel, error: CannotSendError, open_after: int) -> None:
    AlertChannel.objects.filter(pk=channel.pk).update(last_error=error.message)
    incidents.observe(
        channel_cause(channel),
        ok=False,
        title=Saying(_TITLE, {"name": channel.name}),
        what_to_do=Saying(_ADVICE, {"error": error.message}),
        organization_id=channel.organization_id,
        open_after=open_after,
    )


def _channel_works(channel: AlertChannel) -> None:
    AlertChannel.objects.filter(pk=channel.pk).update(last_error="", last_success_at=timezone.now())
    incidents.observe(channel_cause(channel), ok=True, title="")
