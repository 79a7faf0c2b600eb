"""The commands of the link: what they change, what they say, and how they end."""

import io
from datetime import UTC, datetime

import pytest
from django.core.management import BaseCommand, CommandError, call_command

from core import vendors
from core.models import AuditEvent, Run
from core.runs import terminal
from fathom_sync import accounts
from fathom_sync.ledger import reconciling
from fathom_sync.syncs import sync
from sandbox.vendors.fathom import DEMO_KEYS
from tests.fathom_sync.cast import free_the_quota
from tests.support.world import World

pytestmark = pytest.mark.django_db

KEY, OTHER = DEMO_KEYS[0], DEMO_KEYS[1]
SECRET = "whsec_bWFkZS11cC1zZWNyZXQtbm90LXJlYWwh"


@pytest.fixture(autouse=True)
def environment(sandbox, settings, monkeypatch):
    settings.FATHOM_API_BASE_URL = sandbox.url("fathom", "/external/v1")
    monkeypatch.delenv("FATHOM_API_KEY", raising=False)
    monkeypatch.delenv("FATHOM_WEBHOOK_SECRET", raising=False)
    free_the_quota()
    return monkeypatch


def run(*arguments):
    """The exit code and what was said."""
    out = io.StringIO()
    try:
        call_command(*arguments, stdout=out, no_color=True)
    except CommandError as error:
        return error.returncode, out.getvalue() + str(error)
    return 0, out.getvalue()


def stored():
    values = vendors.stored(accounts.link_of(accounts.installation()))
    found = (values.get(f"fathom_{name}") for name in ("api_key", "webhook_secret"))
    return [value.reveal() if value else None for value in found]


def test_credentials_go_into_the_database_once_and_are_shown_nowhere(environment):
    environment.setenv("FATHOM_API_KEY", KEY)
    environment.setenv("FATHOM_WEBHOOK_SECRET", SECRET)
    code, output = run("migrate_fathom_credentials")
    assert code == 0
    assert stored() == [KEY, SECRET]
    assert "koppel-..._0001 is now stored" in output
    assert KEY not in output
    assert SECRET not in output
    rows = AuditEvent.objects.count()
    code, output = run("migrate_fathom_credentials")
    assert (code, output.count("is stored already")) == (0, 2)
    assert AuditEvent.objects.count() == rows


def test_without_them_it_says_that_there_is_nothing_to_copy():
    code, output = run("migrate_fathom_credentials")
    assert (code, output.count("nothing to copy")) == (0, 2)
    assert stored() == [None, None]


def test_another_stored_value_stays_unless_it_is_to_be_replaced(environment):
    accounts.save(accounts.installation(), api_key=OTHER, actor="a test")
    environment.setenv("FATHOM_API_KEY", KEY)
    code, output = run("migrate_fathom_credentials")
    assert (code, stored()[0]) == (1, OTHER)
    assert "another value is stored" in output
    assert run("migrate_fathom_credentials", "--replace", "--dry-run")[0] == 0
    assert stored()[0] == OTHER
    assert run("migrate_fathom_credentials", "--replace")[0] == 0
    assert stored()[0] == KEY


def test_what_cannot_be_a_key_is_not_copied_and_the_good_one_beside_it_is(environment):
    environment.setenv("FATHOM_API_KEY", "short")
    environment.setenv("FATHOM_WEBHOOK_SECRET", SECRET)
    code, output = run("migrate_fathom_credentials")
    assert code == 1
    assert "at least 20 characters" in output
    assert stored() == [None, SECRET]


@pytest.mark.parametrize(
    ("under_way", "asked", "wanted"),
    [
        ({"hours": 24}, ["--reset"], {"hours": None, "reset": True}),
        ({"hours": 24}, ["--hours", "720"], {"hours": 720, "reset": False}),
        ({"hours": 24}, [], {"hours": None, "reset": False}),
        ({"hours": 720}, ["--hours", "24"], None),
        ({"reset": True}, ["--reset"], None),
        ({"reset": True}, ["--hours", "24"], None),
        ({"reset": True, "hours": 24}, ["--reset"], {"hours": None, "reset": True}),
        ({}, [], None),
    ],
)
def test_a_sync_that_is_under_way_is_joined_and_followed_by_the_wanted_one_where_it_does_less(
    sandbox, under_way, asked, wanted
):
    sandbox.turn("fathom", meetings=12)
    accounts.save(accounts.installation(), api_key=KEY, actor="a test")
    first, _new = sync.start_sync(accounts.installation(), trigger="test", **under_way)
    code, output = run("sync_fathom", *asked)
    others = [other.parameters for other in Run.objects.exclude(pk=first.pk)]
    assert code == 0
    assert "Installation: one was under way already" in output
    assert ("the wanted one starts after it" in output) is (wanted is not None)
    assert [{name: parameters[name] for name in ("hours", "reset")} for parameters in others] == (
        [wanted] if wanted else []
    )
    assert set(Run.objects.values_list("state", flat=True)) == {"succeeded"}


@pytest.mark.parametrize(
    ("asked", "others"), [(["--days", "90"], 1), (["--days", "5"], 0), ([], 1)]
)
def test_a_check_that_is_under_way_is_joined_likewise(sandbox, asked, others):
    sandbox.turn("fathom", meetings=12)
    accounts.save(accounts.installation(), api_key=KEY, actor="a test")
    first, _new = reconciling.start_reconcile(accounts.installation(), trigger="test", days=7)
    code, output = run("reconcile_fathom", *asked)
    assert code == 0
    assert "Installation: one was under way already" in output
    assert Run.objects.exclude(pk=first.pk).count() == others


def test_a_sync_that_nobody_else_runs_joins_nothing(sandbox):
    sandbox.turn("fathom", meetings=12)
    accounts.save(accounts.installation(), api_key=KEY, actor="a test")
    code, output = run("sync_fathom", "--reset")
    assert (code, "under way" in output) == (0, False)


def test_what_came_and_stayed_as_it_was_is_not_called_skipped(sandbox):
    sandbox.turn("fathom", meetings=12)
    accounts.save(accounts.installation(), api_key=KEY, actor="a test")
    first = run("sync_fathom", "--reset")[1]
    again = run("sync_fathom", "--hours", "8760")[1]
    outcomes = [done.outcomes for done in Run.objects.order_by("created_at")]
    unchanged = outcomes[1].get("duplicate", 0)
    left_out = 12 - unchanged
    assert (
        f"12 processed, {12 - left_out} imported, 0 updated, 0 unchanged, {left_out} "
        "skipped, 0 errors"
    ) in first
    assert (
        f"12 processed, 0 imported, 0 updated, {unchanged} unchanged, {left_out} skipped, 0 errors"
        in again
    )


class Terminal(io.StringIO):
    """What a person sees."""

    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        (
            ["--hours", "8760"],
            f"[{'#' * 30}] 100 %, Meetings looked at: 12, Pages read: 2, back to ",
        ),
        (["--reset"], f"[{'#' * 30}] 100 %, Meetings looked at: 12, Pages read: 2, back to "),
    ],
)
def test_at_the_end_the_bar_says_what_was_read_and_how_far_back(sandbox, asked, line):
    sandbox.turn("fathom", meetings=12)
    accounts.save(accounts.installation(), api_key=KEY, actor="a test")
    code, output = run("sync_fathom", *asked)
    assert (code, line in output, "complete\n" in output) == (0, True, True)


def test_without_a_known_end_there_is_no_bar_but_what_was_done_so_far():
    facts = {
        "counts": {"processed": 1590, "pages": 159},
        "progress_reached": datetime(2026, 3, 3, 12, tzinfo=UTC),
    }
    shown = terminal.line(Run(kind="fathom.sync", state="running", progress_done=1590, **facts))
    assert shown == "Meetings looked at: 1,590, Pages read: 159, back to 3 March 2026, running"


def test_a_failed_sync_shows_no_full_bar():
    account, screen = accounts.installation(), Terminal()

    def start(account):
        started = sync.start_sync(account, hours=24, trigger="test")
        account.delete()
        Run.objects.update(progress_done=100, progress_total=100)
        return started

    terminal.follow(BaseCommand(stdout=screen), [account], start)
    assert "#" * 30 not in screen.getvalue()
    assert screen.getvalue().startswith(terminal.AGAIN)
    assert screen.getvalue().endswith("failed\n")


def test_test_fathom_tries_every_account_and_ends_with_zero_only_when_all_work():
    assert run("test_fathom")[0] == 2
    world = World()
    accounts.save(accounts.installation(), api_key=KEY, actor="a test")
    own = accounts.account_for(world.rep)
    accounts.save(own, api_key=OTHER, actor="a test")
    code, output = run("test_fathom")
    assert code == 0
    assert "Team: Sales Antwerp" in output
    assert "2 of 2 connections work" in output
    accounts.save(own, api_key="a-key-that-fathom-never-gave", actor="a test")
    code, output = run("test_fathom")
    assert (code, "1 of 2 connections do not work" in output) == (1, True)
    assert [str(accounts.status(account)) for account in accounts.configured()] == [
        "connected",
        "error",
    ]
    assert run("test_fathom", "--account", str(accounts.installation().pk))[0] == 0
    assert run("test_fathom", "--account", str(world.organization.pk))[0] == 2
