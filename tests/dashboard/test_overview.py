"""The overview: what is wrong, what is running, what to do first, for each person what is theirs."""

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


def test_whoever_is_not_signed_in_is_asked_to(client: Client, db: None):
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer["Location"] == "/sign-in?next=/"


def test_a_ceo_sees_the_runs_and_incidents_of_the_own_organization_alone(
    ceo: Client, northwind: Organization, contoso: Organization
):
    own, theirs, agency = make_run(northwind), make_run(contoso), make_run()
    make_incident("Our key expires", northwind)
    make_incident("Their key expires", contoso)
    make_incident("The whole house is slow")
    page = ceo.get("/").content.decode()
    assert f"/runs/{own.pk}" in page
    assert "Our key expires" in page
    for hidden in (str(theirs.pk), str(agency.pk), "Their key expires", "The whole house is slow"):
        assert hidden not in page


def test_staff_see_all_of_them(ops: Client, northwind: Organization, contoso: Organization):
    runs = [make_run(northwind), make_run(contoso), make_run()]
    make_incident("Their key expires", contoso)
    page = ops.get("/").content.decode()
    assert all(f"/runs/{run.pk}" in page for run in runs)
    assert "Their key expires" in page


def test_a_closer_sees_no_run_no_incident_and_no_link_to_them(closer: Client, northwind: Organization):
    run = make_run(northwind)
    make_incident("Our key expires", northwind)
    page = closer.get("/").content.decode()
    assert str(run.pk) not in page
    assert "Our key expires" not in page
    assert 'href="/runs"' not in page
    assert "Nothing to show you yet" in page


def test_a_closed_incident_is_not_shown_as_open(ops: Client, db: None):
    incident = make_incident("It was slow")
    incident.closed_at = incident.opened_at
    incident.save()
    page = ops.get("/").content.decode()
    assert "It was slow" not in page
    assert "No open incidents." in page


def test_the_figures_count_what_is_running_and_how_the_last_day_ended(ceo: Client, northwind: Organization):
    for state in ("queued", "running", "succeeded", "succeeded", "succeeded", "incomplete", "failed", "cancelled"):
        make_run(northwind, state=state)
    figures = ceo.get("/").context["figures"]
    assert figures == {"running": 2, "complete": 3, "incomplete": 1, "failed": 1}


def test_first_steps_are_shown_until_all_are_done(northwind: Organization):
    user = people.member("CEO", northwind)
    page = signed_in(user).get("/")
    assert [step.done for step in page.context["steps"]] == [False, False, False]
    User.objects.filter(pk=user.pk).update(first_name="Ada")
    page = signed_in(user).get("/")
    assert [step.done for step in page.context["steps"]] == [True, False, False]


def test_staff_are_told_to_add_an_organization_email_bison_an_alert_channel_and_fathom(ops: Client):
    assert [step.done for step in ops.get("/").context["steps"]] == [False] * 6
    people.organization()
    AlertChannel.objects.create(name="Ops", kind="email", target="ops@example.com")
    installation()
    instances.create("maverick", "Maverick")
    assert [step.done for step in ops.get("/").context["steps"]] == [False, False, True, True, True, True]


def test_whoever_says_what_key_stands_there_is_told_to_link_fathom_until_a_key_brings_their_calls(
    northwind: Organization, contoso: Organization, ceo: Client, closer: Client, outsider: Client
):
    def link(client: Client) -> list[bool]:
        return [step.done for step in client.get("/").context["steps"] if step.url == "/settings/fathom"]

    assert (link(ceo), link(closer), link(outsider)) == ([False], [], [False])
    own_account(northwind)
    assert (link(ceo), link(outsider)) == ([True], [False])
    installation()
    assert link(outsider) == [True]


def test_a_connection_that_fails_needs_attention_and_is_not_done(
    northwind: Organization, ceo: Client, outsider: Client, ops: Client
):
    def link(client: Client) -> tuple[bool, bool, str]:
        steps = client.get("/").context["steps"]
        return next((s.done, s.needs_attention, str(s.text)) for s in steps if s.url == "/settings/fathom")

    accounts.say_status(own_account(northwind), "connected", tested=True)
    assert link(ceo)[:2] == (True, False)
    accounts.say_status(accounts.account_for(northwind), "error")
    done, attention, text = link(ceo)
    assert (done, attention, "enter another key" in text) == (False, True, True)
    assert "step-attention" in ceo.get("/").content.decode()
    accounts.say_status(installation(), "error")
    done, attention, text = link(outsider)
    assert (done, attention, text) == (False, True, str(FOR_EVERYBODY))
    assert link(ops)[:2] == (False, True)


def test_a_viewer_is_not_told_to_do_what_a_viewer_may_not(db: None):
    page = signed_in(people.staff("Operations viewer")).get("/")
    assert len(page.context["steps"]) == 2


@pytest.mark.parametrize(("who", "has_link"), [("ops", True), ("ceo", False), ("closer", False)])
def test_only_staff_get_a_link_to_the_administration(who: str, has_link: bool, request: pytest.FixtureRequest):
    page = request.getfixturevalue(who).get("/").content.decode()
    assert ('href="/admin/"' in page) is has_link


def test_the_state_of_koppel_itself_is_for_staff(ops: Client, ceo: Client):
    parts = ops.get("/health").context["parts"]
    assert [part["ok"] for part in parts][:2] == [True, True]
    assert ceo.get("/health").status_code == 404


def test_without_a_script_the_state_of_koppel_itself_is_a_page_that_the_overview_leads_to(ops: Client):
    assert '<noscript><a href="/health">' in ops.get("/").content.decode()
    assert "<h1>Koppel itself</h1>" in ops.get("/health").content.decode()
    assert "<h1>" not in ops.get("/health", headers={"HX-Request": "true"}).content.decode()


def test_the_overview_asks_the_database_as_often_for_eight_runs_as_for_none(
    ops: Client, ceo: Client, northwind: Organization, django_assert_num_queries
):
    # What the settings say is remembered from here on.
    ops.get("/")
    ceo.get("/")
    for turn in range(2):
        # What staff may do, and whether there are workspaces.
        with django_assert_num_queries(15):
            ops.get("/")
        with django_assert_num_queries(14):
            ceo.get("/")
        for number in range(8):
            make_run(northwind)
            make_incident(f"Number {number} of {turn}", northwind)


def test_the_overview_and_the_runs_follow_the_organization_that_is_looked_at(
    northwind: Organization, contoso: Organization
):
    chief = people.member("CEO", contoso)
    Member.objects.create(organization=northwind, user=chief, role="MANAGER")
    ours, theirs = make_run(contoso), make_run(northwind)
    make_incident("Contoso is slow", contoso)
    make_incident("Northwind is slow", northwind)
    client = signed_in(chief)
    for organization, seen, unseen in ((contoso, ours, theirs), (northwind, theirs, ours)):
        client.post("/preferences/organization", {"organization": str(organization.pk)})
        for path in ("/", "/runs"):
            page = client.get(path).content.decode()
            assert f"/runs/{seen.pk}" in page
            assert f"/runs/{unseen.pk}" not in page
        page = client.get("/").content.decode()
        assert ("Contoso is slow" in page, "Northwind is slow" in page) == (seen is ours, seen is theirs)


def test_whoever_runs_one_organization_runs_nothing_in_the_other(northwind: Organization, contoso: Organization):
    chief = people.member("CEO", contoso)
    Member.objects.create(organization=northwind, user=chief, role="CLOSER")
    run = make_run(northwind)
    client = signed_in(chief)
    client.post("/preferences/organization", {"organization": str(northwind.pk)})
    assert client.get("/runs").status_code == 404
    page = client.get("/").content.decode()
    assert 'href="/runs"' not in page
    assert str(run.pk) not in page


def test_what_is_wrong_has_its_remedy_beside_it_for_whoever_may_press_it(
    ops: Client, ceo: Client, northwind: Organization
):
    make_incident("The key is refused", northwind, cause="fathom_account:1")
    make_incident("Addresses wait", cause=f"crm.waiting_addresses:{northwind.pk}")
    make_incident("Everybody is hit", northwind, cause="fathom_account:2", for_everybody="Your agency is told.")
    make_incident("Nobody knows what helps", northwind, cause="something.new")
    staff, chief = ops.get("/").content.decode(), ceo.get("/").content.decode()
    assert staff.count("Test the connection") == 2
    assert f'href="/admin/crm/organization/{northwind.pk}/change/"' in staff
    # What hits everybody is put right by the agency.
    assert chief.count("Test the connection") == 1
    assert "Grant the address" not in chief
    viewer = signed_in(people.staff("Operations viewer")).get("/").content.decode()
    assert "Addresses wait" in viewer
    assert "Grant the address" not in viewer


def test_each_hour_of_the_last_day_is_as_bad_as_the_worst_run_that_began_in_it(ceo: Client, northwind: Organization):
    for state in ("succeeded", "failed", "succeeded"):
        make_run(northwind, state=state)
    squares = ceo.get("/").context["squares"]
    assert len(squares) == 24
    assert (squares[-1].tone, squares[-1].href) == ("bad", "/runs?state=failed")
    assert "2 × Complete" in squares[-1].text
    assert {square.tone for square in squares[:-1]} == {""}
