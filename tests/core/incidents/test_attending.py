"""Acknowledged, snoozed, in maintenance: who wins, what is told and what is held back,
and what is told in the end.
"""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils import timezone

from core import incidents
from core.incidents import attending, maintenance
from core.incidents.subjects import Subject
from core.models import AlertChannel, AlertDelivery, Incident, IncidentNote, MaintenanceWindow
from core.signin import roles
from tests.core.incidents.test_race import at_once
from tests.support.people import member, organization, person

ALL = Subject("installation", "", "Everything", ())


def see(cause="cause", *, ok=False, **more):
    return incidents.observe(cause, ok=ok, title="It is broken", **more)


def transitions():
    return list(
        AlertDelivery.objects.order_by("created_at", "id").values_list("transition", flat=True)
    )


def receivers():
    return {
        row.channel or row.person
        for row in AlertDelivery.objects.select_related("channel", "person")
    }


def window_of(subject=ALL, *, hours=1, begins=timedelta(), **more):
    now = timezone.now() + begins
    values = {
        "organization_id": None,
        "starts": now,
        "ends": now + timedelta(hours=hours),
        "reason": "Moves",
    }
    return maintenance.plan(subject, **{"actor": person(is_staff=True), **values, **more})


@pytest.fixture
def channel():
    return AlertChannel.objects.create(name="On duty", kind="email", target="duty@example.org")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_acknowledge_at_once_one_wins_and_the_other_reads_who_did():
    incident = see()
    people = [person("ada"), person("grace")]

    def act(number):
        try:
            attending.acknowledge(Incident.objects.get(pk=incident.pk), actor=people[number])
        except attending.IsTaken as error:
            return error.messages[0]
        return ""

    answers = at_once(act, 2)
    assert sorted(map(bool, answers)) == [False, True]
    incident.refresh_from_db()
    assert f"{incident.acknowledged_by.username} acknowledged this" in max(answers)
    assert IncidentNote.objects.filter(kind="acknowledged").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_workers_that_settle_a_window_at_once_one_tells(channel):
    window = window_of()
    see()
    assert transitions() == []
    MaintenanceWindow.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert sorted(at_once(lambda _number: maintenance.settle(window.pk), 5)) == [False] * 4 + [True]
    assert transitions() == ["opened"]


@pytest.mark.django_db(transaction=True)
def test_what_opens_while_its_window_ends_is_told_once_whoever_is_first(channel):
    for number in range(4):
        window = window_of()
        acts = [lambda: maintenance.end(window, actor=person()), lambda n=number: see(f"cause {n}")]  # noqa: B023
        at_once(lambda which, acts=acts: acts[which](), 2)
    assert transitions() == ["opened"] * 4


@pytest.mark.django_db
def test_what_is_attended_is_told_again_only_when_it_becomes_critical_and_when_it_ends(channel):
    incident = see()
    attending.acknowledge(incident, actor=person(), text="On it")
    attending.snooze(incident, timezone.now() + timedelta(hours=1), actor=person())
    see()
    assert (transitions(), incident.state) == (["opened"], "snoozed")
    worse = see(severity="critical")
    assert (transitions(), worse.state, worse.note) == (["opened", "worsened"], "open", "")
    attending.acknowledge(worse, actor=person())
    see(ok=True)
    assert transitions() == ["opened", "worsened", "closed"]
    assert [note.kind for note in incident.notes.all()] == [
        "acknowledged",
        "snoozed",
        "worsened",
        "acknowledged",
    ]


@pytest.mark.django_db
def test_what_is_over_takes_no_hand_and_a_snooze_lies_ahead():
    incident = see()
    for until in (timezone.now(), timezone.now() + timedelta(days=31)):
        with pytest.raises(ValidationError):
            attending.snooze(incident, until, actor=person())
    see(ok=True)
    for act in (
        lambda: attending.acknowledge(incident, actor=person()),
        lambda: attending.snooze(incident, timezone.now() + timedelta(hours=1), actor=person()),
    ):
        with pytest.raises(attending.IsOver):
            act()


@pytest.mark.django_db
def test_a_snooze_that_somebody_moved_meanwhile_is_not_overwritten():
    incident = see()
    stale = Incident.objects.get(pk=incident.pk)
    attending.snooze(incident, timezone.now() + timedelta(hours=4), actor=person())
    with pytest.raises(attending.IsTaken):
        attending.snooze(stale, timezone.now() + timedelta(hours=1), actor=person())


@pytest.mark.django_db
def test_maintenance_is_silent_keeps_the_evidence_and_tells_at_its_end_what_is_still_wrong(channel):
    before = see("before")
    window_of(Subject("x", "1", "One", ("here:", "before")))
    healed, stays, other = see("here:1"), see("here:2"), see("elsewhere")
    see("here:1", ok=True)
    see("before", severity="critical")
    assert transitions() == ["opened", "opened"]
    assert set(AlertDelivery.objects.values_list("incident", flat=True)) == {before.pk, other.pk}
    assert maintenance.settle_ended() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert maintenance.settle_ended() == 1
        assert maintenance.settle_ended() == 0
        see("here:2")
    assert sorted(transitions()) == ["opened", "opened", "opened", "worsened"]
    late = AlertDelivery.objects.filter(
        incident__in=[healed, stays, before], transition__in=["opened", "worsened"]
    )
    assert {(row.incident_id, row.transition) for row in late} == {
        (before.pk, "opened"),
        (before.pk, "worsened"),
        (stays.pk, "opened"),
    }


@pytest.mark.django_db
def test_a_worker_that_dies_while_it_settles_leaves_it_to_the_next(channel, monkeypatch):
    window_of()
    see()
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        with monkeypatch.context() as patch:
            patch.setattr(maintenance, "deliver", lambda *_given: (_ for _ in ()).throw(SystemExit))
            with pytest.raises(SystemExit):
                maintenance.settle_ended()
        assert transitions() == []
        maintenance.settle_ended()
    assert transitions() == ["opened"]


@pytest.mark.django_db
def test_what_somebody_acknowledged_during_the_window_is_told_at_its_end_only_if_it_is_critical(
    channel,
):
    window_of()
    for cause, severity in (("a", "warning"), ("b", "critical")):
        attending.acknowledge(see(cause, severity=severity), actor=person())
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        maintenance.settle_ended()
    assert list(AlertDelivery.objects.values_list("incident__cause", flat=True)) == ["b"]


@pytest.mark.django_db
def test_of_two_windows_over_one_thing_the_later_end_tells(channel):
    window_of(hours=1)
    longer = window_of(hours=3)
    see()
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        maintenance.settle_ended()
        assert transitions() == []
    with time_machine.travel(timezone.now() + timedelta(hours=4)):
        maintenance.settle_ended()
    assert transitions() == ["opened"]
    longer.refresh_from_db()
    assert longer.state == "over"


@pytest.mark.django_db
def test_a_window_over_an_organization_silences_its_incidents_alone(channel):
    own, other = person().pk, person().pk
    window_of(organization_id=own)
    see("own", organization_id=own)
    see("other", organization_id=other)
    see("house")
    assert sorted(AlertDelivery.objects.values_list("incident__cause", flat=True)) == [
        "house",
        "other",
    ]


@pytest.mark.django_db
def test_an_owners_window_silences_the_organization_and_nobody_of_the_staff(channel):
    northwind = organization()
    head, staff = member("CEO", northwind), person(is_staff=True)
    staff.groups.add(Group.objects.get(name=roles.OPERATIONS_ADMIN))
    theirs = AlertChannel.objects.create(
        name="Theirs", kind="email", target="it@example.org", organization_id=northwind.pk
    )
    window_of(organization_id=northwind.pk, actor=head)
    see(organization_id=northwind.pk, severity="critical")
    assert receivers() == {channel, staff}
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        maintenance.settle_ended()
    assert receivers() == {channel, staff, theirs, head}
    assert transitions() == ["opened"] * 4


@pytest.mark.django_db
def test_staff_hear_at_the_end_of_their_window_though_an_owners_goes_on(channel):
    northwind = organization()
    theirs = AlertChannel.objects.create(
        name="Theirs", kind="email", target="it@example.org", organization_id=northwind.pk
    )
    window_of(hours=3, organization_id=northwind.pk, actor=member("CEO", northwind))
    window_of(hours=1)
    see(organization_id=northwind.pk)
    assert receivers() == set()
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        maintenance.settle_ended()
        assert receivers() == {channel}
    with time_machine.travel(timezone.now() + timedelta(hours=4)):
        maintenance.settle_ended()
    assert receivers() == {channel, theirs}


@pytest.mark.django_db
def test_a_window_that_has_not_begun_is_silent_about_nothing_and_is_taken_back(channel):
    window = window_of(begins=timedelta(hours=1))
    see()
    assert transitions() == ["opened"]
    maintenance.end(window, actor=person())
    assert not MaintenanceWindow.objects.exists()
