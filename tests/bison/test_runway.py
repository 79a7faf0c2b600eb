"""The runway: read from the vendor, forecast day by day, and told some days ahead."""

from datetime import date, timedelta

import pytest
from django.utils import timezone, translation
from django.utils.formats import date_format

from bison.models import DomainDay, Runway, WorkspaceResult
from bison.runway import computing, incidents
from bison.runway.domains import Sums, tired
from bison.runway.forecasting import Campaign, forecast
from core import runs, settings_store
from core.models import Incident
from core.words.sayings import say
from tests.bison import cast

pytestmark = pytest.mark.usefixtures("no_calls_stay")
MONDAY = date(2026, 11, 30)


def dry(*campaigns: Campaign, capacity: float = 100, first: date = MONDAY):
    return forecast(campaigns, lambda _day: capacity, first).dry_on


# --- The forecast ---------------------------------------------------------------------------------


def test_leads_without_a_sequence_go_at_the_senders_pace():
    assert dry(Campaign(450)) == MONDAY + timedelta(days=5)
    made = forecast([Campaign(450)], lambda _day: 100, MONDAY)
    assert [day.sent for day in made.days] == [100, 100, 100, 100, 50]
    assert made.new_leads_until == MONDAY + timedelta(days=4)


def test_nothing_is_sent_on_the_days_that_the_schedule_leaves_out():
    assert dry(Campaign(550)) == date(2026, 12, 8)
    assert dry(Campaign(200, weekdays=frozenset({0}))) == date(2026, 12, 8)


def test_a_sequence_goes_on_after_the_last_first_mail():
    made = forecast([Campaign(50, waits=[3, 4])], lambda _day: 100, MONDAY)
    assert [(day.day.day, day.sent) for day in made.days if day.sent] == [
        (30, 50),
        (3, 50),
        (7, 50),
    ]
    assert made.dry_on == date(2026, 12, 8)


def test_those_who_wait_for_their_next_mail_are_spread_over_the_days_that_they_may_wait():
    made = forecast([Campaign(0, in_sequence=[90], waits=[3])], lambda _day: 100, MONDAY)
    assert [day.sent for day in made.days] == [30, 30, 30]


def test_once_nobody_is_begun_with_no_lead_waits_longer_than_the_last():
    made = forecast(
        [Campaign(0, in_sequence=[90], waits=[3], begun_ago=3)], lambda _day: 100, MONDAY
    )
    assert [day.sent for day in made.days] == [90]


def test_leads_who_reply_or_bounce_get_no_further_mail():
    made = forecast([Campaign(100, waits=[1], leaving=0.1)], lambda _day: 200, MONDAY)
    assert [day.sent for day in made.days] == [100, 90]


def test_campaigns_share_the_senders_and_keep_to_their_own_limits():
    limited = Campaign(100, most_a_day=20)
    made = forecast([limited, Campaign(100)], lambda _day: 60, MONDAY)
    assert made.days[0].sent == 60
    assert dry(Campaign(100, most_new_a_day=10), capacity=60) == MONDAY + timedelta(days=12)


def test_follow_ups_go_first_unless_the_campaign_says_otherwise():
    waits = Campaign(100, in_sequence=[100], waits=[1])
    first = forecast([waits], lambda _day: 100, MONDAY).days[0]
    assert (first.sent, first.new) == (100, 0)
    new = Campaign(100, in_sequence=[100], waits=[1], new_first=True)
    assert forecast([new], lambda _day: 100, MONDAY).days[0].new == 100


def test_without_senders_no_end_is_in_sight_and_without_leads_it_is_dry_today():
    assert dry(Campaign(100), capacity=0) is None
    assert dry(Campaign(0)) == MONDAY
    assert dry(Campaign(1_000_000)) is None


# --- Tired domains --------------------------------------------------------------------------------


def test_a_domain_whose_mail_comes_back_or_is_no_longer_answered_is_tired():
    before = {
        name: Sums(2, 0, 0, 0) for name in ("a.example", "b.example", "c.example", "d.example")
    }
    then = {name: Sums(2, 1000, 10, 40) for name in before}
    now = {
        "a.example": Sums(2, 2000, 50, 80),
        "b.example": Sums(2, 2000, 20, 50),
        "c.example": Sums(2, 2000, 20, 75),
        "d.example": Sums(2, 1150, 60, 40),
        "e.example": Sums(2, 2000, 900, 0),
    }
    found = {
        each["domain"]: (each["why"], each["bounced_percent"]) for each in tired(now, then, before)
    }
    assert found == {"a.example": (["bounces"], 4.0), "b.example": (["replies"], 1.0)}


# --- The run --------------------------------------------------------------------------------------


@pytest.fixture
def aspen(db, bison_vendor):
    return cast.workspace(cast.instance(bison_vendor), 3, bison_vendor)


def computed(*workspaces):
    started = computing.start(list(workspaces) or None, trigger="test")
    runs.execute(started.run.pk)
    started.run.refresh_from_db()
    return started.run


def test_a_workspaces_runway_is_what_the_vendor_counts(aspen, bison_vendor):
    facts = bison_vendor.act("facts", workspace=3)
    connected = bison_vendor.vendor.instances["maverick"].workspace(3).contents.accounts.all()
    capacity = sum(row["daily_limit"] for row in connected if row["status"] == "Connected")
    bison_vendor.act("add_leads", workspace=3, campaign=facts["campaigns"][0], count=120)
    run = computed(aspen)
    assert (run.state, run.why) == ("succeeded", "")
    found = Runway.objects.get()
    assert (found.senders_connected, found.facts["capacity"]) == (facts["connected"], capacity)
    assert found.senders_down == sum(row["status"] == "Not connected" for row in connected)
    assert found.leads_left >= 120 + 60
    assert found.dry_on > timezone.now().date()
    assert found.facts["days"][0]["left"] <= found.leads_left
    assert found.tired_domains == []
    assert DomainDay.objects.get().sent == sum(row["emails_sent_count"] for row in connected)
    assert run.evidence["workspaces"]["Aspen Labs"]["leads_left"] == found.leads_left


def test_a_shared_key_that_is_moved_meanwhile_gives_the_same(aspen, bison_vendor):
    shared = cast.workspace(aspen.instance, 6)
    computed(shared)
    calm = Runway.objects.get(workspace=shared)
    bison_vendor.turn(person_every=11)
    computed(shared)
    bison_vendor.turn(person_every=0)
    moved = Runway.objects.get(workspace=shared)
    assert (moved.leads_left, moved.dry_on, moved.senders_connected) == (
        calm.leads_left,
        calm.dry_on,
        calm.senders_connected,
    )


def test_leads_that_do_not_add_up_are_not_guessed(aspen, bison_vendor):
    bison_vendor.act("add_leads", workspace=3, count=5, status="something_new")
    run = computed(aspen)
    found = Runway.objects.get()
    assert (run.state, found.leads_left, found.dry_on) == ("incomplete", None, None)
    assert "could not be counted" in found.facts["unknown"]
    assert found.senders_connected > 0


@pytest.mark.django_db(transaction=True)
def test_a_workspace_without_a_key_is_refused_and_said(aspen, bison_vendor):
    cast.workspace(aspen.instance, 11, requires_workspace_key=True)
    run = computed()
    assert run.why == "1 of the workspaces could not be computed. Each says why."
    assert {
        each.workspace.workspace_name: each.state for each in WorkspaceResult.objects.all()
    } == {
        "Aspen Labs": "complete",
        "IRONCLAD": "refused",
    }


def test_tired_domains_are_told_by_the_sums_of_two_days(aspen, bison_vendor):
    computed(aspen)
    now = DomainDay.objects.get()
    DomainDay.objects.create(
        workspace=aspen, domain=now.domain, day=now.day - timedelta(days=15), senders=now.senders,
        sent=now.sent - 1000, bounced=now.bounced - 45, replied=now.replied - 10,
    )  # fmt: skip
    computed(aspen)
    found = Runway.objects.get().tired_domains
    assert [(each["domain"], each["why"], each["bounced_percent"]) for each in found] == [
        (now.domain, ["bounces"], 4.5)
    ]


def test_the_day_of_the_last_first_mail_is_remembered(aspen, bison_vendor):
    campaign = bison_vendor.act("facts", workspace=3)["campaigns"][0]
    ids = bison_vendor.act("add_leads", workspace=3, campaign=campaign, count=5)
    computed(aspen)
    today = timezone.now().date()
    assert Runway.objects.get().facts["begun"] == {str(campaign): today.isoformat()}
    Runway.objects.update(
        facts={"begun": {str(campaign): (today - timedelta(days=30)).isoformat()}}
    )
    for number in ids:
        bison_vendor.act("unsubscribe", workspace=3, lead=number, quiet=True)
    leads = bison_vendor.vendor.instances["maverick"].workspace(3).contents.leads
    for number in ids:
        leads.get(number)["lead_campaign_data"][0]["status"] = "sequence_stopped"
    computed(aspen)
    found = Runway.objects.get()
    assert found.facts["begun"] == {str(campaign): (today - timedelta(days=30)).isoformat()}
    assert found.facts["days"][0]["day"] == today.isoformat()


# --- Told ahead -----------------------------------------------------------------------------------


def runway_of(workspace, days: int | None):
    day = None if days is None else timezone.now().date() + timedelta(days=days)
    Runway.objects.update_or_create(
        workspace=workspace,
        defaults={"dry_on": day, "leads_left": 10, "computed_at": timezone.now()},
    )


def open_causes() -> set[str]:
    return set(Incident.objects.filter(closed_at=None).values_list("cause", flat=True))


def test_people_are_told_so_many_days_ahead_of_each_or_of_many_at_once(aspen):
    others = [cast.workspace(aspen.instance, number) for number in (4, 5, 6)]
    runway_of(aspen, 5)
    runway_of(others[0], 6)
    incidents.observe()
    assert open_causes() == {f"bison_runway:{aspen.pk}"}
    dry_on = timezone.now().date() + timedelta(days=5)
    only = Incident.objects.get()
    assert only.title == f"Aspen Labs has nothing left to send from {date_format(dry_on, 'j F Y')}"
    with translation.override("nl"):
        assert date_format(dry_on, "j F Y") in say(only.sentences["title"], only.title)
    for workspace in others:
        runway_of(workspace, 2)
    incidents.observe()
    assert open_causes() == {"bison_runways:maverick"}
    assert len(Incident.objects.get(closed_at=None).affected) == 4
    for workspace in (aspen, *others):
        runway_of(workspace, None)
    incidents.observe()
    assert open_causes() == set()


def test_how_many_days_ahead_is_a_setting(aspen):
    settings_store.put("bison_runway_days_ahead", "9", actor="test")
    runway_of(aspen, 8)
    incidents.observe()
    assert open_causes() == {f"bison_runway:{aspen.pk}"}
