"""The nightly count, and the three sides of the e-mail accounts."""

import csv
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from bison import tasks
from bison.models import EmailAccount, Workspace
from core import runs
from core.models import Incident, Run
from tests.bison import cast
from tests.bison.finished import evidence, in_koppel, sync

pytestmark = pytest.mark.django_db(transaction=True)
ASPEN, COBALT, DELTA, OUTPOST = 3, 6, 7, 2


@pytest.fixture
def maverick(bison_vendor):
    return cast.instance(bison_vendor)


@pytest.fixture
def two(maverick, bison_vendor):
    """One with a key of its own and one without."""
    return cast.workspace(maverick, COBALT, bison_vendor), cast.workspace(maverick, OUTPOST)


def counted():
    tasks.count_email_accounts()
    run = Run.objects.filter(kind="bison.counts").latest("created_at")
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


def test_where_all_counts_are_equal_there_is_no_incident(two, bison_vendor):
    sync()
    before = len(bison_vendor.calls("maverick", "/sender-emails"))
    run = counted()
    assert run.state == Run.State.SUCCEEDED
    assert evidence(run, two[0]) == {"at_vendor": 15, "here": 15, "state": "complete"}
    assert not Incident.objects.exists()
    # One page of each.
    assert len(bison_vendor.calls("maverick", "/sender-emails")) - before == 2


def test_workspaces_that_differ_are_one_incident_of_their_instance_until_they_do_not(two):
    sync()
    EmailAccount.objects.filter(workspace=two[0]).first().delete()
    EmailAccount.objects.filter(workspace=two[1]).first().delete()
    for _night in range(2):
        run = counted()
        assert run.state == Run.State.INCOMPLETE
        assert evidence(run, two[0])["state"] == "incomplete"
        assert (evidence(run, two[0])["at_vendor"], evidence(run, two[0])["here"]) == (15, 14)
    incident = Incident.objects.get()
    assert (incident.cause, incident.closed_at) == ("bison_counts:maverick", None)
    assert incident.affected == ["Cobalt Dental", "Outpost Team"]
    two[0].refresh_from_db()
    assert (two[0].accounts_state, two[0].accounts_at_vendor, two[0].accounts_in_koppel) == (
        "incomplete",
        15,
        14,
    )
    sync()
    assert counted().state == Run.State.SUCCEEDED
    assert Incident.objects.get().closed_at is not None


def test_what_could_not_be_counted_closes_nothing(two):
    sync()
    EmailAccount.objects.filter(workspace=two[0]).first().delete()
    counted()
    sync()
    Workspace.objects.filter(pk=two[1].pk).update(requires_workspace_key=True)
    assert evidence(counted(), two[1])["state"] == "refused"
    assert Incident.objects.get().closed_at is None


def test_the_clock_starts_nothing_where_there_is_no_workspace(db):
    for task in (
        tasks.sync_email_accounts,
        tasks.sync_pipeline,
        tasks.sync_analytics,
        tasks.sync_volume,
        tasks.count_email_accounts,
    ):
        task()
    assert not Run.objects.exists()


def run_command(name, *words):
    """What it writes, and its exit code."""
    out = StringIO()
    try:
        call_command(name, *words, stdout=out)
    except CommandError as error:
        return out.getvalue() + str(error), error.returncode
    return out.getvalue(), 0


def exported(tmp_path, workspaces, leave_out=(), delimiter=","):
    path = tmp_path / "export.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(["Email", "Workspace", "Status"])
        for account in EmailAccount.objects.filter(workspace__in=workspaces).exclude(
            email__in=leave_out
        ):
            writer.writerow(
                [account.email.upper(), account.workspace.workspace_name, account.status]
            )
    return str(path)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_three_sides_that_are_equal(two, tmp_path, delimiter):
    sync()
    text, code = run_command(
        "reconcile_email_accounts", "--csv", exported(tmp_path, two, delimiter=delimiter)
    )
    assert code == 0, text
    lines = [line.split() for line in text.splitlines()]
    assert lines[1] == ["Cobalt", "Dental", "15", "15", "15", "equal"]
    assert lines[2] == ["Outpost", "Team", "21", "21", "21", "equal"]


def test_what_one_side_has_and_another_has_not_is_named(two, tmp_path):
    sync()
    lost, unexported = EmailAccount.objects.filter(workspace=two[0])[:2]
    path = exported(tmp_path, two, leave_out=[unexported.email])
    EmailAccount.objects.filter(pk=lost.pk).delete()
    text, code = run_command("reconcile_email_accounts", "--csv", path)
    assert code == 1
    assert ["Cobalt", "Dental", "14", "15", "14", "different"] in [
        line.split() for line in text.splitlines()
    ]
    assert (
        f"in Email Bison, not everywhere: {', '.join(sorted([lost.email, unexported.email]))}"
        in text
    )
    assert "1 of 2 workspaces differ." in text
    # It changes nothing.
    assert len(in_koppel(two[0])) == 14


def test_a_workspace_that_cannot_be_read_is_not_equal(two):
    sync()
    Workspace.objects.filter(pk=two[1].pk).update(requires_workspace_key=True)
    text, code = run_command("reconcile_email_accounts", "--workspace", "Outpost Team")
    assert code == 1
    assert "requires a key of its own" in text
    assert ["Outpost", "Team", "21", "?", "different"] in [
        line.split() for line in text.splitlines()
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"address of it\nx@example.com\n", "no column of addresses"),
        (b"email\nx@example.com\n", "no column workspace_name"),
        (b"email\n\xff\xfe\n", "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_compared(two, tmp_path, content, words):
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    text, code = run_command("reconcile_email_accounts", "--csv", str(path))
    assert (code, words in text) == (2, True)


def test_a_name_that_is_no_workspaces_is_an_error(two):
    for command in ("reconcile_email_accounts", "sync_email_accounts", "backfill_workspaces"):
        assert run_command(command, "--workspace", "Nobody")[1] == 2


def test_the_command_syncs_and_says_what_each_workspace_proved(two):
    text, code = run_command("sync_email_accounts")
    assert code == 0
    assert "Cobalt Dental: 15 at Email Bison, 15 in Koppel, complete" in text
    assert "100 %" in text
    Workspace.objects.filter(pk=two[1].pk).update(requires_workspace_key=True)
    text, code = run_command("sync_email_accounts", "--instance", "maverick")
    assert code == 1
    assert "Outpost Team: ? at Email Bison, 0 in Koppel, refused" in text


def test_the_command_fetches_days_back(two):
    text, code = run_command(
        "backfill_workspaces",
        "--workspace",
        "Cobalt Dental",
        "--from",
        "2026-10-01",
        "--to",
        "2026-10-31",
    )
    assert code == 0, text
    [run] = Run.objects.filter(kind="bison.backfill")
    assert (run.parameters["from"], run.parameters["to"], run.trigger) == (
        "2026-10-01",
        "2026-10-31",
        "command",
    )


def test_what_is_under_way_and_does_all_of_it_is_joined(two, maverick):
    from bison.syncs.starting import start_sync

    everything = start_sync("email_accounts", instance="maverick", trigger="test")
    assert start_sync("email_accounts", instance="maverick", trigger="test") == (
        everything.run,
        False,
    )
    of_one = start_sync("email_accounts", workspaces=["Cobalt Dental"], trigger="test")
    assert of_one.is_new
    again = start_sync(
        "email_accounts", workspaces=["Cobalt Dental"], instance="maverick", trigger="test"
    )
    assert (again.run, again.is_new) == (of_one.run, False)
    days = start_sync("backfill", first=date(2026, 8, 1), last=date(2026, 8, 31), trigger="test")
    part = start_sync("backfill", first=date(2026, 8, 5), last=date(2026, 8, 9), trigger="test")
    assert part == (days.run, False)
    more = start_sync("backfill", first=date(2026, 8, 5), last=date(2026, 9, 9), trigger="test")
    assert more.waits
