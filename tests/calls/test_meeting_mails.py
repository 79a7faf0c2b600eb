"""Mails to leads about their meetings: the same calendar entry all along,
none lost and none sent twice.
"""

import re
import smtplib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage

from calls import sending
from calls.models import GuestInvitation, MeetingMail
from calls.services import InvitationGone, mail_lead, read_guest_invitation, revoke_guest_invitation
from core.models import Incident
from crm import services
from crm.models import Appointment
from tests.support.world import World

NOW = datetime(2026, 6, 16, 10, 0, tzinfo=UTC)
STARTS = datetime(2026, 6, 18, 12, 0, tzinfo=UTC)


@pytest.fixture
def world(db: None, time_machine: Any) -> World:
    time_machine.move_to(NOW, tick=False)
    return World()


@pytest.fixture
def meeting(world: World) -> Appointment:
    return world.book(STARTS, closer=world.members["CLOSER"])


def last() -> tuple[str, str]:
    """Return the text of the last mail, and of its file with lines unfolded."""
    message = mail.outbox[-1]
    ((_name, calendar, kind),) = message.attachments
    assert kind.startswith("text/calendar; method=")
    return str(message.body), str(calendar).replace("\r\n ", "")


def token_in(text: str) -> str:
    found = re.search(r"/call/key/(\S+)", text)
    assert found
    return found[1]


def test_an_invitation_has_the_time_that_was_agreed_a_link_and_a_file(
    world: World, meeting: Appointment
):
    mail_lead(meeting, actor=world.users["CEO"])
    assert sending.send_waiting() == 1
    text, calendar = last()
    assert "Thursday 18 June 2026, 14:00 – 15:00 (Amsterdam time)" in text
    assert read_guest_invitation(token_in(text)).appointment == meeting
    for line in (
        "METHOD:REQUEST",
        "SEQUENCE:0",
        "DTSTART:20260618T120000Z",
        "DTEND:20260618T130000Z",
        "STATUS:CONFIRMED",
    ):
        assert f"{line}\r\n" in calendar
    assert f"UID:{meeting.pk}@" in calendar
    raw = mail.outbox[0].message().as_string()
    assert "text/calendar; method=REQUEST" in raw.replace('"', "")
    assert all(len(line.encode()) <= 75 for line in mail.outbox[0].attachments[0][1].split("\r\n"))


def test_a_move_updates_the_entry_and_a_cancellation_takes_it_out(
    world: World, meeting: Appointment, time_machine: Any
):
    mail_lead(meeting, actor=world.users["CEO"])
    sending.send_waiting()
    first = token_in(last()[0])
    services.move_appointment(appointment=meeting, starts=STARTS + timedelta(hours=1))
    sending.send_waiting()
    text, calendar = last()
    assert "has another time" in text
    assert "SEQUENCE:1\r\n" in calendar
    assert "DTSTART:20260618T130000Z\r\n" in calendar
    assert read_guest_invitation(first).appointment == meeting, "the first link goes on working"

    services.cancel_appointment(appointment=meeting)
    assert sending.send_waiting() == 0, "who takes it back in time has written to nobody"
    time_machine.move_to(NOW + timedelta(seconds=61), tick=False)
    assert sending.send_waiting() == 1
    text, calendar = last()
    assert "is cancelled" in text
    assert "METHOD:CANCEL\r\n" in calendar
    assert "SEQUENCE:2\r\n" in calendar
    assert "STATUS:CANCELLED\r\n" in calendar
    with pytest.raises(InvitationGone):
        read_guest_invitation(first)

    services.reopen_appointment(appointment=meeting)
    sending.send_waiting()
    text, calendar = last()
    assert "you have a meeting with" in text
    assert "SEQUENCE:3\r\n" in calendar
    assert read_guest_invitation(first).appointment == meeting


def test_a_cancellation_that_is_taken_back_in_time_is_never_sent(
    world: World, meeting: Appointment, time_machine: Any
):
    mail_lead(meeting, actor=world.users["CEO"])
    sending.send_waiting()
    services.cancel_appointment(appointment=meeting)
    services.reopen_appointment(appointment=meeting)
    time_machine.move_to(NOW + timedelta(hours=1), tick=False)
    assert sending.send_waiting() == 0
    assert len(mail.outbox) == 1


def test_a_lead_who_was_never_written_to_hears_nothing(meeting: Appointment):
    services.move_appointment(appointment=meeting, starts=STARTS + timedelta(hours=1))
    services.cancel_appointment(appointment=meeting)
    assert not MeetingMail.objects.exists()


def test_what_waits_says_how_things_are_when_it_is_written(world: World, meeting: Appointment):
    mail_lead(meeting, actor=world.users["CEO"])
    services.move_appointment(appointment=meeting, starts=STARTS + timedelta(hours=1))
    assert sending.send_waiting() == 1
    assert "15:00 – 16:00" in last()[0]


def test_an_invitation_to_a_meeting_that_was_cancelled_first_is_not_sent(
    world: World, meeting: Appointment
):
    mail_lead(meeting, actor=world.users["CEO"])
    services.cancel_appointment(appointment=meeting)
    assert sending.send_waiting() == 0
    assert MeetingMail.objects.get().state == "failed"
    services.reopen_appointment(appointment=meeting)
    assert sending.send_waiting() == 1


def test_it_is_owed_once_and_a_killed_worker_loses_nothing(
    world: World, meeting: Appointment, time_machine: Any
):
    for _turn in range(2):
        mail_lead(meeting, actor=world.users["CEO"])
    owed = MeetingMail.objects.get()
    assert sending.OUTBOX.claim(owed.pk), "a worker took it, and was killed"
    assert sending.send_waiting() == 0, "nobody else has it as long as that worker may be at it"
    time_machine.move_to(NOW + sending.OUTBOX.lease + timedelta(seconds=1), tick=False)
    assert sending.send_waiting() == 1
    assert sending.send_waiting() == 0
    assert len(mail.outbox) == 1
    assert mail.outbox[0].extra_headers["Message-ID"].startswith(f"<{owed.pk}@")


def test_a_mail_server_that_fails_is_tried_again_with_a_new_link(
    world: World, meeting: Appointment, time_machine: Any, monkeypatch: pytest.MonkeyPatch
):
    mail_lead(meeting, actor=world.users["CEO"])
    with monkeypatch.context() as broken:
        broken.setattr(EmailMessage, "send", _raises(ConnectionRefusedError("no")))
        assert sending.send_waiting() == 0
    assert Incident.objects.filter(cause="calls.meeting_mail").exists()
    time_machine.move_to(NOW + timedelta(minutes=2), tick=False)
    assert sending.send_waiting() == 1
    works = GuestInvitation.objects.filter(appointment=meeting, revoked_at=None)
    assert works.get() == read_guest_invitation(token_in(last()[0]))
    assert not Incident.objects.filter(cause="calls.meeting_mail", closed_at=None).exists()


def test_an_address_that_is_refused_is_given_up(
    world: World, meeting: Appointment, monkeypatch: pytest.MonkeyPatch
):
    mail_lead(meeting, actor=world.users["CEO"])
    refused = smtplib.SMTPRecipientsRefused({"x": (550, b"unknown")})
    monkeypatch.setattr(EmailMessage, "send", _raises(refused))
    sending.send_waiting()
    assert MeetingMail.objects.get().state == "failed"
    assert not Incident.objects.exists()


def test_words_of_people_break_no_line_of_the_file(world: World):
    services.update_lead(lead=world.lead, name="Ada\u2028; Byron, \\n")
    made = world.book(STARTS)
    services.update_appointment(appointment=made, title='Très "long"; ' + "é" * 120)
    mail_lead(made, actor=None)
    sending.send_waiting()
    _text, calendar = last()
    assert f'SUMMARY:Très "long"\\; {"é" * 120}\r\n' in calendar
    assert all(":" in line or line.startswith(" ") for line in calendar.split("\r\n") if line)


def _raises(error: Exception) -> Any:
    def send(*_arguments: Any, **_named: Any) -> None:
        raise error

    return send


def test_a_mail_that_left_before_its_worker_was_killed_has_a_link_that_works(
    world: World, meeting: Appointment, time_machine: Any, monkeypatch: pytest.MonkeyPatch
):
    """Whoever gets a mail twice under one name sees one of the two, and nobody knows which."""
    mail_lead(meeting, actor=world.users["CEO"])
    with monkeypatch.context() as killed:
        killed.setattr(sending.OUTBOX.__class__, "done", _raises(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            sending.send_waiting()
    time_machine.move_to(NOW + sending.OUTBOX.lease + timedelta(seconds=1), tick=False)
    assert sending.send_waiting() == 1
    first, second = (token_in(str(message.body)) for message in mail.outbox)
    assert read_guest_invitation(first) == read_guest_invitation(second)


def test_a_link_that_was_withdrawn_is_not_mailed_again(
    world: World, meeting: Appointment, time_machine: Any
):
    mail_lead(meeting, actor=world.users["CEO"])
    sending.send_waiting()
    first = token_in(last()[0])
    revoke_guest_invitation(read_guest_invitation(first), actor=world.users["CEO"])
    MeetingMail.objects.update(state="waiting", next_attempt_at=NOW)
    sending.send_waiting()
    assert token_in(last()[0]) != first
    assert read_guest_invitation(token_in(last()[0])).appointment == meeting


def test_who_was_the_lead_before_hears_once_that_it_is_off_and_their_link_opens_nothing(
    world: World, meeting: Appointment, time_machine: Any
):
    mail_lead(meeting, actor=world.users["CEO"])
    sending.send_waiting()
    first = token_in(last()[0])
    other = services.create_lead(
        organization=world.organization, name="Grace", email="grace@example.net"
    )
    services.update_appointment(appointment=meeting, lead=other, title="Demo for Grace")
    with pytest.raises(InvitationGone):
        read_guest_invitation(first)
    assert sending.send_waiting() == 0, "it can still be taken back"
    services.move_appointment(appointment=meeting, starts=STARTS + timedelta(hours=1))
    time_machine.move_to(NOW + timedelta(minutes=2), tick=False)
    assert sending.send_waiting() == 1, "nobody wrote to Grace yet"
    text, calendar = last()
    assert f"Hello {world.lead.name}," in text
    assert "Grace" not in text + calendar + mail.outbox[-1].subject
    assert "METHOD:CANCEL\r\n" in calendar
    assert "SEQUENCE:2\r\n" in calendar
    assert f"UID:{meeting.pk}@" in calendar
    mail_lead(meeting, actor=world.users["CEO"])
    sending.send_waiting()
    services.move_appointment(appointment=meeting, starts=STARTS + timedelta(hours=2))
    sending.send_waiting()
    assert [message.to for message in mail.outbox] == [
        ["lead@example.com"],
        ["lead@example.com"],
        ["grace@example.net"],
        ["grace@example.net"],
    ]


def test_a_lead_who_is_put_back_in_time_hears_nothing_and_one_put_back_later_is_asked_anew(
    world: World, meeting: Appointment, time_machine: Any
):
    mail_lead(meeting, actor=world.users["CEO"])
    sending.send_waiting()
    other = services.create_lead(
        organization=world.organization, name="Grace", email="grace@example.net"
    )
    for lead in (other, world.lead):
        services.update_appointment(appointment=meeting, lead=lead)
    time_machine.move_to(NOW + timedelta(minutes=2), tick=False)
    assert sending.send_waiting() == 0
    services.update_appointment(appointment=meeting, lead=other)
    time_machine.move_to(NOW + timedelta(minutes=4), tick=False)
    assert sending.send_waiting() == 1
    services.update_appointment(appointment=meeting, lead=world.lead)
    services.cancel_appointment(appointment=meeting)
    time_machine.move_to(NOW + timedelta(minutes=6), tick=False)
    assert sending.send_waiting() == 0, "the last they heard was that it is off"


def test_a_lead_who_was_never_asked_in_hears_no_cancellation_when_another_takes_their_place(
    world: World, meeting: Appointment, time_machine: Any
):
    other = services.create_lead(
        organization=world.organization, name="Grace", email="grace@example.net"
    )
    services.update_appointment(appointment=meeting, lead=other)
    time_machine.move_to(NOW + timedelta(minutes=2), tick=False)
    assert sending.send_waiting() == 0


def test_a_corrected_address_is_written_to_and_the_wrong_one_keeps_no_link(
    world: World, meeting: Appointment
):
    mail_lead(meeting, actor=world.users["CEO"])
    sending.send_waiting()
    first = token_in(last()[0])
    services.update_lead(lead=world.lead, email="right@example.com")
    for _turn in range(2):
        mail_lead(meeting, actor=world.users["CEO"])
    assert sending.send_waiting() == 1
    assert mail.outbox[-1].to == ["right@example.com"]
    with pytest.raises(InvitationGone):
        read_guest_invitation(first)


def test_who_was_merged_with_the_lead_is_still_told(world: World, meeting: Appointment):
    mail_lead(meeting, actor=world.users["CEO"])
    sending.send_waiting()
    other = services.create_lead(
        organization=world.organization, name="Lea", email="lea@example.net"
    )
    services.merge_people(person=other, other=world.lead)
    meeting.refresh_from_db()
    services.move_appointment(appointment=meeting, starts=STARTS + timedelta(hours=1))
    assert sending.send_waiting() == 1
    assert mail.outbox[-1].to == ["lead@example.com"]
