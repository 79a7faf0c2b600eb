"""Statistics of calls, the list of reps, and Settings → Calls."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from calls.models import CallParticipant, Recording
from core.models import AuditEvent, User
from crm import services
from crm.models import OrganizationSettings
from tests.calls.cast import fathom_call, native_call
from tests.dashboard.conftest import signed_in
from tests.support import people
from tests.support.world import World


@pytest.fixture
def world(db: None) -> World:
    return World()


@pytest.fixture
def chief(world: World) -> Client:
    return signed_in(world.users["CEO"])


def test_the_figures_and_pictures_of_a_period(world: World, chief: Client):
    now = timezone.now()
    for days, minutes in ((0, 5), (1, 15), (1, 45), (20, 90), (60, 30)):
        began = now - timedelta(days=days, hours=2)
        fathom_call(world, started_at=began, ended_at=began + timedelta(minutes=minutes))
    week = chief.get("/calls/statistics?period=week").context
    assert (week["figures"].total_calls, week["figures"].average_duration_seconds) == (3, 1300)
    assert sum(week["per_day"].series[1].values) == 3
    assert len(week["per_day"].labels) == 7
    assert week["lengths"].series[0].values == [1, 1, 1, 0]
    assert [(group.name, group.calls) for group in week["tables"][0].rows] == [(world.rep.name, 3)]
    totals = {
        period: sum(
            chief.get(f"/calls/statistics?period={period}").context["per_day"].series[1].values
        )
        for period in ("month", "quarter", "year")
    }
    assert totals == {"month": 4, "quarter": 5, "year": 5}


def test_a_call_that_was_just_held_counts_at_once(world: World, chief: Client):
    def figures() -> tuple[int, Any, int]:
        shown = chief.get("/calls/statistics").context["figures"]
        return shown.total_calls, shown.participation_rate, shown.recordings_available

    room_not_reached = native_call(world, world.book())
    assert room_not_reached.started_at is None
    assert figures() == (0, None, 0)
    assert "No calls in this time" in chief.get("/calls/statistics").content.decode()
    now = timezone.now()
    meeting = world.book(starts=now - timedelta(hours=2))
    call = native_call(
        world,
        meeting,
        started_at=now - timedelta(hours=2),
        status="COMPLETED",
        duration_seconds=600,
    )
    for number, kind in enumerate(("person", "guest")):
        CallParticipant.objects.create(
            call=call, kind=kind, identity=kind, sid=str(number), joined_at=now
        )
    Recording.objects.create(call=call, state="available")
    assert figures() == (1, 1.0, 1)
    assert "100 %" in chief.get("/calls/statistics").content.decode()


def test_a_day_of_the_picture_is_a_day_of_the_reader(world: World):
    user = world.users["CEO"]
    client = signed_in(user)
    fathom_call(world, started_at=datetime(2026, 11, 9, 23, 30, tzinfo=UTC), ended_at=None)
    days = {}
    with time_machine.travel(datetime(2026, 11, 12, 12, tzinfo=UTC)):
        for zone in ("Europe/Amsterdam", "America/New_York"):
            User.objects.filter(pk=user.pk).update(time_zone=zone)
            bars = signed_in(user).get("/calls/statistics?period=week").context["per_day"]
            days[zone] = dict(zip(bars.labels, bars.series[1].values, strict=True))
    assert client
    assert (days["Europe/Amsterdam"]["10 Nov."], days["Europe/Amsterdam"]["9 Nov."]) == (1, 0)
    assert (days["America/New_York"]["10 Nov."], days["America/New_York"]["9 Nov."]) == (0, 1)


def test_statistics_ask_the_database_as_often_for_many_calls_as_for_one(
    world: World, chief: Client, django_assert_num_queries: Any
):
    for _turn in range(2):
        fathom_call(world, started_at=timezone.now() - timedelta(hours=1), ended_at=None)
        # Who asks: 3; whom the filters offer: 2; calls, meetings, and meetings before:
        # 3; the picture of the days: 1; the tables: 5.
        with django_assert_num_queries(11):
            chief.get("/calls/statistics")
        for _call in range(20):
            fathom_call(world, started_at=timezone.now() - timedelta(days=1), ended_at=None)


def test_reps_are_shown_to_whoever_may_see_them_with_what_they_had(world: World):
    fathom_call(world)
    services.create_rep(organization=world.organization, name="Alone", email="alone@example.com")
    World("Contoso", prefix="other-")
    seen = {
        role: [rep.name for rep in signed_in(user).get("/calls/reps").context["table"].rows]
        for role, user in world.users.items()
    }
    assert seen == {
        "CEO": ["Alone", "Rep"],
        "MANAGER": ["Rep"],
        "CLOSER": ["Rep"],
        "SETTER": [],
        "ADMIN": ["Alone", "Rep"],
    }
    page = signed_in(world.users["CLOSER"]).get(f"/calls/reps/{world.rep.pk}").content.decode()
    assert "rep@example.com" in page
    assert "alias@example.com" in page
    assert "Team" in page
    assert "Discovery" in page
    assert signed_in(world.users["SETTER"]).get(f"/calls/reps/{world.rep.pk}").status_code == 404


def test_a_rep_is_found_by_name_and_by_any_address(world: World, chief: Client):
    services.create_rep(organization=world.organization, name="Alone", email="alone@example.com")
    for words, found in (("rep", ["Rep"]), ("ALIAS@", ["Rep"]), ("alone", ["Alone"]), ("zz", [])):
        assert [
            rep.name for rep in chief.get(f"/calls/reps?search={words}").context["table"].rows
        ] == found


def test_whoever_has_left_stands_last_and_is_marked(world: World, chief: Client):
    services.archive_rep(
        rep=services.create_rep(
            organization=world.organization, name="Ago", email="ago@example.com"
        )
    )
    assert [rep.name for rep in chief.get("/calls/reps").context["table"].rows] == ["Rep", "Ago"]
    assert "Archived" in chief.get("/calls/reps").content.decode()


@pytest.mark.parametrize("role", ["CEO", "ADMIN"])
def test_the_chief_turns_recording_off_and_on(world: World, role: str):
    client = signed_in(world.users[role])
    for enabled, days in ((False, 30), (True, 90)):
        form = {"retention_days": str(days)} | ({"call_recording_enabled": "on"} if enabled else {})
        assert client.post("/settings/calls", form)["Location"] == "/settings/calls"
        chosen = OrganizationSettings.objects.get(organization=world.organization)
        assert (chosen.call_recording_enabled, chosen.retention_days) == (enabled, days)
    assert (
        AuditEvent.objects.filter(
            action="setting.changed", organization_id=world.organization.pk
        ).count()
        == 2
    )


@pytest.mark.parametrize("days", ["0", "3651", "", "x", "-1", "1e3", "9" * 30])
def test_a_time_that_cannot_be_is_refused_and_nothing_changes(
    world: World, chief: Client, days: str
):
    answer = chief.post("/settings/calls", {"retention_days": days})
    assert answer.status_code == 200
    assert 'aria-invalid="true"' in answer.content.decode()
    assert not OrganizationSettings.objects.filter(call_recording_enabled=False).exists()
    assert not AuditEvent.objects.filter(action="setting.changed").exists()


@pytest.mark.parametrize("role", ["MANAGER", "CLOSER", "SETTER"])
def test_nobody_else_opens_or_changes_the_settings_of_calls(world: World, role: str):
    client = signed_in(world.users[role])
    assert client.get("/settings/calls").status_code == 403
    assert client.post("/settings/calls", {"retention_days": "1"}).status_code == 403
    assert not OrganizationSettings.objects.filter(retention_days=1).exists()
    assert 'href="/settings/calls"' not in client.get("/settings/profile").content.decode()
    assert signed_in(people.person()).get("/settings/calls").status_code == 404


def test_the_chief_chooses_to_have_calls_written_down_and_reads_who_gets_them(
    world: World, settings
):
    client = signed_in(world.users["CEO"])
    assert "Write down what was said" not in client.get("/settings/calls").content.decode()
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = (
        "sk-of-no-value-0123456789",
        "https://words.example.com/v1",
    )
    page = client.get("/settings/calls").content.decode()
    assert "is sent to words.example.com, which writes down what was said" in page
    assert "sk-of-no-value" not in page
    client.post("/settings/calls", {"retention_days": "90", "call_transcription_enabled": "on"})
    assert (
        OrganizationSettings.objects.get(organization=world.organization).call_transcription_enabled
        is True
    )
    settings.OPENAI_API_KEY = ""
    client.post("/settings/calls", {"retention_days": "30"})
    assert (
        OrganizationSettings.objects.get(organization=world.organization).call_transcription_enabled
        is True
    )
