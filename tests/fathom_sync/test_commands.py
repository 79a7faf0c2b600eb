"""The commands of the link: what they change, what they say, and how they end."""

import io

import pytest
from django.core.management import CommandError, call_command

from core import settings_store
from core.models import AuditEvent
from fathom_sync import accounts
from sandbox.vendors.fathom import DEMO_KEYS
from tests.support.world import World

pytestmark = pytest.mark.django_db

KEY, OTHER = DEMO_KEYS[0], DEMO_KEYS[1]
SECRET = "whsec_bWFkZS11cC1zZWNyZXQtbm90LXJlYWwh"


@pytest.fixture(autouse=True)
def environment(sandbox, settings, monkeypatch):
    settings.FATHOM_API_BASE_URL = sandbox.url("fathom", "/external/v1")
    monkeypatch.delenv("FATHOM_API_KEY", raising=False)
    monkeypatch.delenv("FATHOM_WEBHOOK_SECRET", raising=False)
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
    found = (settings_store.get_own(f"fathom_{name}", None) for name in ("api_key", "webhook_secret"))
    return [value.reveal() if value else None for value in found]


def test_credentials_go_into_the_database_once_and_are_shown_nowhere(environment):
    environment.setenv("FATHOM_API_KEY", KEY)
    environment.setenv("FATHOM_WEBHOOK_SECRET", SECRET)
    code, said = run("migrate_fathom_credentials")
    assert code == 0
    assert stored() == [KEY, SECRET]
    assert "koppel-..._0001 is now stored" in said
    assert KEY not in said
    assert SECRET not in said
    rows = AuditEvent.objects.count()
    code, said = run("migrate_fathom_credentials")
    assert (code, said.count("is stored already")) == (0, 2)
    assert AuditEvent.objects.count() == rows


def test_without_them_it_says_that_there_is_nothing_to_copy():
    code, said = run("migrate_fathom_credentials")
    assert (code, said.count("nothing to copy")) == (0, 2)
    assert stored() == [None, None]


def test_another_stored_value_stays_unless_it_is_to_be_replaced(environment):
    accounts.save(accounts.installation(), api_key=OTHER, actor="a test")
    environment.setenv("FATHOM_API_KEY", KEY)
    code, said = run("migrate_fathom_credentials")
    assert (code, stored()[0]) == (1, OTHER)
    assert "another value is stored" in said
    assert run("migrate_fathom_credentials", "--replace", "--dry-run")[0] == 0
    assert stored()[0] == OTHER
    assert run("migrate_fathom_credentials", "--replace")[0] == 0
    assert stored()[0] == KEY


def test_what_cannot_be_a_key_is_not_copied_and_the_good_one_beside_it_is(environment):
    environment.setenv("FATHOM_API_KEY", "short")
    environment.setenv("FATHOM_WEBHOOK_SECRET", SECRET)
    code, said = run("migrate_fathom_credentials")
    assert code == 1
    assert "at least 20 characters" in said
    assert stored() == [None, SECRET]


def test_test_fathom_tries_every_account_and_ends_with_zero_only_when_all_work():
    assert run("test_fathom")[0] == 2
    world = World()
    accounts.save(accounts.installation(), api_key=KEY, actor="a test")
    own = accounts.account_for(world.rep)
    accounts.save(own, api_key=OTHER, actor="a test")
    code, said = run("test_fathom")
    assert code == 0
    assert "Team: Sales Antwerp" in said
    assert "2 of 2 connections work" in said
    accounts.save(own, api_key="a-key-that-fathom-never-gave", actor="a test")
    code, said = run("test_fathom")
    assert (code, "1 of 2 connections do not work" in said) == (1, True)
    assert [str(accounts.status(one)) for one in accounts.configured()] == ["connected", "error"]
    assert run("test_fathom", "--account", str(accounts.installation().pk))[0] == 0
    assert run("test_fathom", "--account", str(world.organization.pk))[0] == 2
