"""What every home has: who sees which, what to do first, what is wrong with its
remedy, and what ran.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from bison import instances
from core.models import AlertChannel, User
from crm.models import Member, Organization
from fathom_sync import accounts
from fathom_sync.accounts.vendor import FOR_EVERYBODY
from tests.dashboard.conftest import make_incident, make_run, signed_in
from tests.fathom_sync.cast import installation, own_account
from tests.support import people

# A Tuesday: 11:00 in Amsterdam.
NOW = datetime(2026, 6, 16, 9, 0, tzinfo=UTC)


def titles(answer: Any) -> list[str]:
    return [str(need.title) for need in answer.context["needs"].rows]


def test_whoever_is_not_signed_in_is_asked_to(client: Client, db: None):
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in?next=/"


@pytest.mark.parametrize("role", ["CLOSER", "SETTER", "MANAGER", "CEO", "ADMIN"])
def test_each_role_has_its_home(role: str, northwind: Organization):
    kinds = {"ADMIN": "ceo"}
    assert signed_in(people.member(role, northwind)).get("/").context["kind"] == kinds.get(
        role, role.lower()
    )


@pytest.mark.parametrize(
    ("group", "kind"),
    [
        ("Operations admin", "operations"),
        ("Operations viewer", "operations"),
        ("Auditor", "auditor"),
    ],
)
def test_each_kind_of_staff_has_its_home(group: str, kind: str, db: None):
    assert signed_in(people.staff(group)).get("/").context["kind"] == kind


def test_the_organization_that_is_looked_at_decides_whose_home_it_is(
    northwind: Organization, contoso: Organization
):
    person = people.member("CEO", contoso)
    Member.objects.create(organization=northwind, user=person, role="CLOSER")
    make_incident("Northwind is slow", northwind)
    make_incident("Contoso is slow", contoso)
    client = signed_in(person)
    for organization, kind, shown in (
        (contoso, "ceo", ["Contoso is slow"]),
        (northwind, "closer", []),
    ):
        client.post("/preferences/organization", {"organization": str(organization.pk)})
        answer = client.get("/")
        assert answer.context["kind"] == kind
        assert titles(answer) == shown


def test_whoever_belongs_nowhere_reads_why_and_the_one_thing_to_do(db: None):
    page = signed_in(people.person()).get("/")
    assert page.context["kind"] == "newcomer"
    assert "Nothing to show you yet" in page.content.decode()
    assert 'href="/settings/profile"' in page.content.decode()


@pytest.mark.parametrize(
    ("zone", "language", "words"),
    [
        ("Europe/Amsterdam", "en", "Good morning, Ada · Tuesday 16 June"),
        ("Asia/Tokyo", "en", "Good evening, Ada · Tuesday 16 June"),
        ("Pacific/Kiritimati", "en", "Good evening, Ada · Tuesday 16 June"),
        ("America/New_York", "nl", "dinsdag 16 juni"),
    ],
)
def test_the_greeting_is_of_the_persons_clock_and_language(
    zone: str, language: str, words: str, northwind: Organization, time_machine: Any
):
    time_machine.move_to(NOW, tick=False)
    user = people.member("CLOSER", northwind)
    User.objects.filter(pk=user.pk).update(first_name="Ada", time_zone=zone, language=language)
    assert words in signed_in(user).get("/").content.decode()


def test_a_ceo_sees_the_incidents_of_the_own_organization_alone(
    ceo: Client, northwind: Organization, contoso: Organization
):
    make_incident("Our key expires", northwind)
    make_incident("Their key expires", contoso)
    make_incident("The whole house is slow")
    assert titles(ceo.get("/")) == ["Our key expires"]


def test_staff_see_all_of_them_the_critical_ones_first_and_five_at_most(
    ops: Client, contoso: Organization
):
    for number in range(5):
        make_incident(f"Number {number}", contoso)
    make_incident("The house burns", severity="critical")
    page = ops.get("/")
    assert titles(page)[0] == "The house burns"
    assert len(titles(page)) == 5
    assert page.context["needs"].has_more


@pytest.mark.parametrize("role", ["CLOSER", "SETTER"])
def test_whoever_runs_nothing_sees_no_incident_no_run_and_no_link_to_them(
    role: str, northwind: Organization
):
    run = make_run(northwind)
    make_incident("Our key expires", northwind)
    page = signed_in(people.member(role, northwind)).get("/").content.decode()
    for hidden in (
        str(run.pk),
        "Our key expires",
        'href="/runs"',
        "Koppel itself",
        'href="/admin/"',
    ):
        assert hidden not in page


def test_a_snoozed_incident_needs_nobody_until_it_wakes(ops: Client, time_machine: Any):
    time_machine.move_to(NOW, tick=False)
    make_incident("It waits", snoozed_until=NOW + timedelta(hours=1))
    make_incident("It is awake", snoozed_until=NOW - timedelta(hours=1))
    assert titles(ops.get("/")) == ["It is awake"]


def test_a_closed_incident_is_not_shown(ops: Client, db: None):
    incident = make_incident("It was slow")
    incident.closed_at = incident.opened_at
    incident.save()
    page = ops.get("/").content.decode()
    assert "It was slow" not in page
    assert "Nothing needs you now." in page


def test_what_is_wrong_has_its_remedy_beside_it_for_whoever_may_press_it(
    ops: Client, ceo: Client, northwind: Organization
):
    make_incident("The key is refused", northwind, cause="fathom_account:1")
    make_incident("Addresses wait", cause=f"crm.waiting_addresses:{northwind.pk}")
    make_incident(
        "Everybody is hit",
        northwind,
        cause="fathom_account:2",
        for_everybody="Your agency is told.",
    )
    make_incident("Nobody knows what helps", northwind, cause="something.new")
    staff, chief = ops.get("/").content.decode(), ceo.get("/").content.decode()
    assert staff.count("<span>Test the connection</span>") == 2
    assert f'href="/admin/crm/organization/{northwind.pk}/change/"' in staff
    # What hits everybody is put right by the agency.
    assert chief.count("<span>Test the connection</span>") == 1
    assert "Grant the address" not in chief


def test_a_viewer_has_the_home_of_operations_without_a_button(northwind: Organization):
    make_incident("The key is refused", northwind, cause="fathom_account:1")
    page = signed_in(people.staff("Operations viewer")).get("/")
    assert titles(page) == ["The key is refused"]
    assert [need.act for need in page.context["needs"].rows] == [""]
    assert "home-row-act" not in page.content.decode()


def steps(client: Client) -> list[Any]:
    found = client.get("/").context["checklist"]
    if found is None:
        return []
    return list(found.steps)


def test_the_first_steps_shrink_as_they_are_done_and_go_when_all_are(northwind: Organization):
    user = people.member("CLOSER", northwind)
    fresh = signed_in(user).get("/").content.decode()
    assert "Do these first." in fresh
    User.objects.filter(pk=user.pk).update(first_name="Ada")
    begun = signed_in(user).get("/").content.decode()
    assert "1 of 2 done" in begun
    assert "Do these first." not in begun
    assert "Complete your profile" not in begun
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=user, type="totp", data={})
    assert "First steps" not in signed_in(user).get("/").content.decode()


def test_staff_are_told_to_add_an_organization_email_bison_an_alert_channel_and_fathom(ops: Client):
    assert [step.done for step in steps(ops)] == [False] * 6
    people.organization()
    AlertChannel.objects.create(name="Ops", kind="email", target="ops@example.com")
    installation()
    instances.create("maverick", "Maverick")
    assert [step.done for step in steps(ops)] == [False, False, True, True, True, True]


def test_a_viewer_is_not_told_to_do_what_a_viewer_may_not(db: None):
    assert len(steps(signed_in(people.staff("Operations viewer")))) == 2


def test_whoever_says_what_key_stands_there_is_told_to_link_fathom_until_a_key_brings_their_calls(
    northwind: Organization, contoso: Organization, ceo: Client, closer: Client, outsider: Client
):
    def link(client: Client) -> list[bool]:
        return [step.done for step in steps(client) if step.url == "/settings/fathom"]

    assert (link(ceo), link(closer), link(outsider)) == ([False], [], [False])
    own_account(northwind)
    assert (link(ceo), link(outsider)) == ([True], [False])
    installation()
    assert link(outsider) == [True]


def test_a_connection_that_fails_needs_attention_and_is_not_done(
    northwind: Organization, ceo: Client, outsider: Client, ops: Client
):
    def link(client: Client) -> tuple[bool, bool, str]:
        return next(
            (s.done, s.needs_attention, str(s.text))
            for s in steps(client)
            if s.url == "/settings/fathom"
        )

    accounts.say_status(own_account(northwind), "connected", tested=True)
    assert link(ceo)[:2] == (True, False)
    accounts.say_status(accounts.account_for(northwind), "error")
    done, attention, text = link(ceo)
    assert (done, attention, "enter another key" in text) == (False, True, True)
    accounts.say_status(installation(), "error")
    done, attention, text = link(outsider)
    assert (done, attention, text) == (False, True, str(FOR_EVERYBODY))
    assert link(ops)[:2] == (False, True)


def test_only_staff_get_a_link_to_the_administration(ops: Client, ceo: Client):
    assert 'href="/admin/"' in ops.get("/").content.decode()
    assert 'href="/admin/"' not in ceo.get("/").content.decode()


def test_the_state_of_koppel_itself_is_for_staff_and_loaded_apart(ops: Client, ceo: Client):
    parts = ops.get("/health").context["parts"]
    assert [part["ok"] for part in parts][:2] == [True, True]
    assert ceo.get("/health").status_code == 404
    assert '<noscript><a href="/health">' in ops.get("/").content.decode()
    assert "<h1>Koppel itself</h1>" in ops.get("/health").content.decode()
    assert "<h1>" not in ops.get("/health", headers={"HX-Request": "true"}).content.decode()


def test_the_home_does_not_wait_for_a_part_that_hangs(ops: Client, monkeypatch: pytest.MonkeyPatch):
    def hang() -> None:
        raise AssertionError("The home asked how Koppel's parts are")

    monkeypatch.setattr("core.health.readiness.check", hang)
    assert ops.get("/").status_code == 200


def test_each_hour_of_the_last_day_is_as_bad_as_the_worst_run_that_began_in_it(
    ops: Client, northwind: Organization
):
    for state in ("succeeded", "failed", "succeeded", "running"):
        make_run(northwind, state=state)
    page = ops.get("/")
    squares = page.context["squares"]
    assert len(squares) == 24
    assert (squares[-1].tone, squares[-1].href) == ("bad", "/runs?state=failed")
    assert "2 × Complete" in squares[-1].text
    assert {square.tone for square in squares[:-1]} == {""}
    assert [(str(look.word), count) for look, count in page.context["ended"]] == [
        ("Running", 1),
        ("Complete", 2),
        ("Failed", 1),
    ]


def test_what_ran_yesterday_is_not_of_the_last_day(ops: Client, time_machine: Any):
    time_machine.move_to(NOW - timedelta(days=2), tick=False)
    make_run(state="failed")
    time_machine.move_to(NOW, tick=False)
    assert ops.get("/").context["ended"] == []
