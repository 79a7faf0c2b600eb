"""Mails to people themselves: who gets them, one for each transition,
and what they chose is heeded.
"""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from core import incidents
from core.alerts import audience, personal, summaries
from core.models import AlertChannel, AlertDelivery, Incident, User
from core.signin import roles
from core.words.sayings import Saying
from crm.models import Member
from tests.support.people import member, organization, staff

pytestmark = pytest.mark.django_db


def see(cause="cause", *, ok=False, severity="critical", **more):
    return incidents.observe(cause, ok=ok, title="It is broken", severity=severity, **more)


def owed():
    return sorted(
        AlertDelivery.objects.filter(person__isnull=False).values_list(
            "person__username", "transition"
        )
    )


def choose(user, **choices):
    audience.choose(user, choices, actor=user)


def test_by_default_operations_hear_of_what_is_critical_and_a_ceo_of_the_own_organization():
    northwind, contoso = organization(), organization("Contoso")
    staff(username="ops")
    staff(roles.OPERATIONS_VIEWER, "viewer")
    for role in Member.Role.values:
        member(role, northwind, role.lower())
    member("CEO", contoso, "other")
    see(organization_id=northwind.pk)
    assert owed() == [("ceo", "opened"), ("ops", "opened")]
    AlertDelivery.objects.all().delete()
    see("of everybody", for_everybody="Your agency looks after it.")
    see("a warning", organization_id=northwind.pk, severity="warning")
    assert owed() == [("ops", "opened")]


def test_everybody_chooses_for_themselves_within_what_concerns_them():
    northwind = organization()
    ops, manager = staff(username="ops"), member("MANAGER", northwind, "manager")
    closer, outsider = (
        member("CLOSER", northwind, "closer"),
        member("CEO", organization("Contoso"), "outsider"),
    )
    choose(ops, incident_critical=False)
    for user in (manager, closer, outsider):
        choose(user, incident_critical=True, incident_warning=True)
    assert audience.choices_of(closer) == {}
    see(organization_id=northwind.pk, severity="warning")
    assert owed() == [("manager", "opened")]
    see("of everybody", for_everybody="Your agency looks after it.")
    assert owed() == [("manager", "opened"), ("manager", "opened"), ("outsider", "opened")]


def test_one_mail_for_each_transition_with_the_page_in_it_and_none_twice(settings):
    northwind = organization()
    user = member("CEO", northwind, "ceo")
    User.objects.filter(pk=user.pk).update(language="nl")
    incident = see(organization_id=northwind.pk)
    see(organization_id=northwind.pk)
    assert personal.send_waiting() == 1
    assert personal.send_waiting() == 0
    see(ok=True)
    personal.send_waiting()
    assert [letter.to for letter in mail.outbox] == [["ceo@example.com"]] * 2
    assert f"{settings.PUBLIC_URL}/incidents/{incident.pk}" in mail.outbox[0].body
    assert "Europe/Amsterdam" in mail.outbox[0].body
    assert owed() == [("ceo", "closed"), ("ceo", "opened")]


def test_who_reads_it_in_a_channels_mail_gets_no_second_one():
    user = staff(username="ops")
    AlertChannel.objects.create(name="On duty", kind="email", target=user.email.upper())
    see()
    assert AlertDelivery.objects.count() == 1
    assert owed() == []


@pytest.mark.parametrize("how", ["switched off", "left", "closed account"])
def test_who_wants_or_may_no_longer_is_not_written_to(how):
    northwind = organization()
    user = member("CEO", northwind, "ceo")
    see(organization_id=northwind.pk)
    if how == "switched off":
        choose(user, incident_critical=False)
    elif how == "left":
        Member.objects.all().delete()
    else:
        User.objects.update(is_active=False)
    assert personal.send_waiting() == 0
    assert (mail.outbox, AlertDelivery.objects.get().state) == ([], "failed")


def test_many_at_once_are_one_mail():
    staff(username="ops")
    for number in range(8):
        see(f"cause {number}")
    assert personal.send_waiting() == 8
    assert len(mail.outbox) == 1
    assert mail.outbox[0].body.count("It is broken") == 8


def test_mails_that_do_not_leave_wait_and_are_one_incident(settings):
    staff(username="ops")
    see()
    settings.EMAIL_BACKEND = "tests.core.alerts.test_sending.BrokenMail"
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        personal.send_waiting()
        clock.shift(timedelta(hours=1))
        personal.send_waiting()
    assert Incident.objects.filter(cause="personal_mail", closed_at=None).exists()
    assert owed() == [("ops", "opened")]
    assert AlertDelivery.objects.get().state == "waiting"


def test_the_daily_summary_is_owed_once_in_the_morning_and_only_if_there_is_news():
    northwind = organization()
    user = member("CEO", northwind, "ceo")
    choose(user, incident_critical=False, daily_summary=True)
    # Eight in the morning in Amsterdam.
    with time_machine.travel(datetime(2026, 3, 2, 7, tzinfo=UTC), tick=False) as clock:
        assert summaries.owe() == 0
        see(organization_id=northwind.pk)
        assert summaries.owe() == 1
        assert summaries.owe() == 0
        assert personal.send_waiting() == 1
        clock.shift(timedelta(hours=6))
        assert summaries.owe() == 0
        clock.shift(timedelta(hours=18))
        assert summaries.owe() == 1
    assert "It is broken" in mail.outbox[0].body
    assert "1 open incident" in mail.outbox[0].subject


def test_what_is_chosen_is_audited_and_what_does_not_exist_is_left_out(settings):
    user = member("CEO", organization(), "ceo")
    assert audience.choose(user, {"incident_warning": True, "nothing": True}, actor=user) == {
        "incident_critical": True,
        "incident_warning": True,
        "daily_summary": False,
    }


def test_a_name_of_several_lines_stops_no_mail():
    """An organization is called as its CEO likes, and no subject of a mail has
    more than one line.
    """
    northwind = organization()
    member("CEO", northwind, "ceo")
    named = Saying(
        "%(organization)s has no key", {"organization": "Acme\r\nBcc: everybody@example.com"}
    )
    incidents.observe(
        "cause", ok=False, title=named, severity="critical", organization_id=northwind.pk
    )
    assert personal.send_waiting() == 1
    assert mail.outbox[0].subject == "Critical: Acme Bcc: everybody@example.com has no key"
    assert mail.outbox[0].recipients() == ["ceo@example.com"]
