"""Each message once: retries with growing pauses, an end to them, two workers,
a broken channel told in the app.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from threading import Barrier

import pytest
import time_machine
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.utils import timezone

from core import incidents
from core.alerts import sending
from core.connections import State
from core.models import AlertChannel, AlertDelivery, AuditEvent, Incident
from tests.core.alerts.conftest import HOOK_SECRET
from tests.support.people import person

pytestmark = pytest.mark.django_db


def see(number=0, ok=False, **more):
    return incidents.observe(f"cause {number}", ok=ok, title=f"Thing {number} is broken", **more)


def channel_incident(channel):
    return Incident.objects.filter(cause=f"alert_channel:{channel.pk}", closed_at=None).first()


class BrokenMail(BaseEmailBackend):
    def send_messages(self, messages):
        raise SMTPServerDisconnected("duty@example.org cannot be reached")


def test_a_temporary_failure_is_tried_again_after_growing_pauses(slack, server):
    server.answers += [(503, {}), (503, {})]
    see()
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        pauses = []
        for _attempt in range(2):
            assert sending.send_waiting() == 0
            row = AlertDelivery.objects.get(channel=slack)
            pauses.append(row.next_attempt_at - timezone.now())
            assert sending.send_waiting() == 0  # not due yet: nobody is asked
            clock.move_to(row.next_attempt_at)
        assert sending.send_waiting() == 1
    row.refresh_from_db()
    assert pauses == [timedelta(minutes=1), timedelta(minutes=2)]
    assert (row.state, row.attempts, row.error) == ("sent", 3, "")
    assert len(server.taken) == 3


def test_retry_after_is_obeyed(slack, server):
    server.answers.append((429, {"Retry-After": "900"}))
    see()
    with time_machine.travel(timezone.now(), tick=False):
        sending.send_waiting()
        assert AlertDelivery.objects.get().next_attempt_at - timezone.now() == timedelta(
            seconds=900
        )


def test_it_gives_up_after_so_many_tries(slack, server):
    server.answers += [(503, {})] * 50
    see()
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        for _hour in range(30):
            sending.send_waiting()
            clock.shift(timedelta(hours=1))
    row = AlertDelivery.objects.get()
    assert (row.state, row.attempts) == ("failed", sending.OUTBOX.pauses.attempts)
    assert len(server.taken) == sending.OUTBOX.pauses.attempts


def test_a_refusal_is_not_repeated_and_is_an_incident_in_the_app_at_once(slack, server):
    server.answers.append((404, {}))
    see()
    sending.send_waiting()
    assert AlertDelivery.objects.get(channel=slack).state == "failed"
    incident = channel_incident(slack)
    assert incident.title == "Alerts do not reach “Team chat”"
    assert "press Test" in incident.what_to_do
    assert HOOK_SECRET not in f"{incident.what_to_do} {AlertDelivery.objects.get().error}"
    assert not AlertDelivery.objects.filter(incident=incident).exists()  # nobody else to tell
    assert len(server.taken) == 1


def test_one_temporary_failure_is_no_incident_but_two_in_a_row_are_and_a_success_ends_it(
    slack, server
):
    server.answers += [(503, {}), (503, {})]
    see()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sending.send_waiting()
        assert channel_incident(slack) is None
        clock.shift(timedelta(hours=1))
        sending.send_waiting()
        assert channel_incident(slack) is not None
        clock.shift(timedelta(hours=1))
        assert sending.send_waiting() == 1
    assert channel_incident(slack) is None
    slack.refresh_from_db()
    assert (slack.last_error, slack.last_success_at is not None) == ("", True)


def test_a_broken_channel_is_told_over_the_others_and_two_broken_ones_do_not_talk_for_ever(
    slack, server, settings
):
    settings.EMAIL_BACKEND = f"{__name__}.BrokenMail"
    AlertChannel.objects.create(name="Duty mail", kind="email", target="duty@example.org")
    server.answers += [(404, {})] * 100
    see()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _hour in range(48):
            sending.send_waiting()
            clock.shift(timedelta(hours=1))
    assert Incident.objects.filter(closed_at=None).count() == 3
    # Thing 0 to both, each channel's trouble to the other: four messages, then silence.
    assert AlertDelivery.objects.count() == 4
    assert AlertDelivery.objects.exclude(state="failed").count() == 0
    assert "duty@example.org" not in " ".join(AlertDelivery.objects.values_list("error", flat=True))


def test_a_worker_that_died_on_its_last_try_leaves_a_failed_row(slack):
    see()
    AlertDelivery.objects.update(
        attempts=sending.OUTBOX.pauses.attempts, next_attempt_at=timezone.now()
    )
    sending.send_waiting()
    assert AlertDelivery.objects.get().state == "failed"


def test_a_channel_switched_off_meanwhile_sends_nothing(slack, server):
    see()
    AlertChannel.objects.update(is_enabled=False)
    assert sending.send_waiting() == 0
    assert AlertDelivery.objects.get().state == "failed"
    assert server.taken == []


def test_a_flood_is_one_digest(mail, mailoutbox):
    for number in range(30):
        see(number)
    assert sending.send_waiting() == 30
    (message,) = mailoutbox
    assert message.subject == "Koppel: 30 messages"
    assert "• Warning: Thing 0 is broken" in message.body
    assert "• Warning: Thing 29 is broken" in message.body


def test_what_trickles_in_faster_than_five_a_minute_waits_and_goes_together(mail, mailoutbox):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for number in range(20):
            see(number)
            sending.send_waiting()
            clock.shift(timedelta(seconds=1))
        assert len(mailoutbox) == sending.SINGLES_A_MINUTE
        clock.shift(timedelta(minutes=1))
        sending.send_waiting()
    assert len(mailoutbox) == sending.SINGLES_A_MINUTE + 1
    assert AlertDelivery.objects.filter(state="sent").count() == 20


def test_a_test_sends_now_says_how_it_went_and_is_audited(slack, server):
    actor = person("ops-tester")
    result = sending.test(slack, actor)
    assert result.success
    assert "this alert channel works" in server.taken[0].body
    server.answers.append((404, {}))
    failed = sending.test(slack, actor)
    assert [step.state for step in failed.steps] == [State.FAILED]
    assert channel_incident(slack) is not None
    assert sending.test(slack, actor).success
    assert channel_incident(slack) is None
    rows = AuditEvent.objects.filter(action="channel.tested", target_id=str(slack.pk))
    assert [row.actor_id for row in rows] == [actor.pk] * 3


def test_failed_messages_can_be_put_back(slack, server):
    server.answers.append((404, {}))
    see()
    sending.send_waiting()
    assert sending.send_again(list(AlertDelivery.objects.all())) == 1
    assert sending.send_waiting() == 1
    assert AlertDelivery.objects.get().state == "sent"


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_each_message_once(server):
    server.delay = 0.05
    for number in range(4):
        AlertChannel.objects.create(
            name=f"c{number}", kind="slack", target=f"{server.url}/hook/{number}"
        )
    for number in range(4):
        see(number)
    barrier = Barrier(4)

    def work(_worker):
        try:
            barrier.wait(timeout=20)
            return sending.send_waiting()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        sent = sum(pool.map(work, range(4)))
    assert sent == 16
    assert len(server.taken) == 16
    assert set(AlertDelivery.objects.values_list("state", "attempts")) == {("sent", 1)}
