"""Which accounts there are, whose key each takes, and what its status may still say."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection

from core import settings_store
from core.connections import Connection
from core.masking import Secret
from core.models import AuditEvent, Incident, SystemSetting, VendorAccount, VendorSecret
from crm import services
from fathom_sync import accounts
from fathom_sync.accounts import config
from fathom_sync.accounts.connection import tests_per_minute as most_tests
from fathom_sync.models import FathomAccount
from tests.support.people import client_of, organization, staff
from tests.support.world import World

pytestmark = pytest.mark.django_db

KEY = "4jmc-aeVc.fathom_key-xvKAs"
OTHER = "another.fathom-key_0123456789"
SECRET = "whsec_bWFkZS11cC1zZWNyZXQtbm90LXJlYWwh"


def stored(account, key=KEY, **more):
    accounts.save(account, api_key=key, actor="a test", **more)
    return account


def test_without_any_key_nothing_is_configured(monkeypatch):
    monkeypatch.delenv("FATHOM_API_KEY", raising=False)
    assert accounts.configured() == []
    assert accounts.api_key(accounts.installation()) is None
    assert accounts.status(accounts.installation()) == "not_configured"


def test_the_environment_is_the_installations_fallback_and_nobody_elses(monkeypatch):
    monkeypatch.setenv("FATHOM_API_KEY", KEY)
    theirs = accounts.account_for(organization())
    assert [account.organization_id for account in accounts.configured()] == [None]
    assert accounts.api_key(accounts.installation()) == Secret(KEY)
    assert accounts.api_key(theirs) is None
    stored(accounts.installation(), OTHER)
    assert accounts.api_key(accounts.installation()) == Secret(OTHER)


def test_an_organization_and_a_rep_have_their_own_and_never_take_anothers():
    world = World()
    house, theirs, reps = (
        accounts.installation(),
        *map(accounts.account_for, (world.organization, world.rep)),
    )
    stored(house)
    assert (accounts.api_key(theirs), accounts.api_key(reps)) == (None, None)
    stored(theirs, OTHER)
    stored(reps, KEY + "0", webhook_secret=SECRET)
    assert accounts.configured() == [house, theirs, reps]
    assert [accounts.api_key(account).reveal() for account in (house, theirs, reps)] == [
        KEY,
        OTHER,
        KEY + "0",
    ]
    assert accounts.webhook_secret(reps) == Secret(SECRET)
    assert accounts.webhook_secret(theirs) is None
    stored(theirs, "")
    assert accounts.configured() == [house, reps]


def test_there_is_one_account_for_each_owner_and_none_of_a_rep_of_another_organization():
    world = World()
    assert accounts.account_for(world.rep) == accounts.account_for(world.rep)
    FathomAccount.objects.create(organization=organization("Contoso"), rep=world.rep)
    with pytest.raises(IntegrityError, match="same_organization"):
        connection.check_constraints()


@pytest.mark.django_db(transaction=True)
def test_many_that_ask_for_an_account_at_once_get_the_same_one():
    theirs, found = organization(), []

    def ask():
        found.append(accounts.account_for(theirs).pk)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert len(found) == 8
    assert len(set(found)) == FathomAccount.objects.count() == 1


@pytest.mark.parametrize(
    "key",
    [
        "short.key-1",
        "a" * 19,
        "with space in the key 123",
        "kéy-with-accents-0123456",
        "x" * 501,
        "a\n" * 20,
        "\0" * 24,
    ],
)
def test_what_cannot_be_a_key_is_refused_and_nothing_changes(key):
    account = stored(accounts.installation())
    with pytest.raises(ValidationError) as refused:
        accounts.save(account, api_key=key, actor="a test")
    assert set(refused.value.error_dict) == {"api_key"}
    assert accounts.api_key(account) == Secret(KEY)


@pytest.mark.parametrize(
    "secret", ["secret", "whsec_", "whsec_not base64!", "bWFkZS11cC1zZWNyZXQ", "whsec_%%%%"]
)
def test_what_cannot_be_a_webhook_secret_is_refused_and_the_key_beside_it_is_not_stored(secret):
    account = accounts.installation()
    with pytest.raises(ValidationError) as refused:
        accounts.save(account, api_key=KEY, webhook_secret=secret, actor="a test")
    assert set(refused.value.error_dict) == {"webhook_secret"}
    assert accounts.api_key(account) is None
    assert not VendorSecret.objects.exists()


def test_a_mask_keeps_what_is_stored_and_is_refused_where_nothing_is():
    account = stored(accounts.installation(), webhook_secret=SECRET)
    accounts.save(account, api_key="4jmc-ae...xvKAs", webhook_secret="•" * 18, actor="a test")
    assert accounts.api_key(account) == Secret(KEY)
    assert accounts.webhook_secret(account) == Secret(SECRET)
    for owner in (organization(), World("Contoso", prefix="c").rep):
        with pytest.raises(ValidationError, match="Paste the key itself"):
            accounts.save(accounts.account_for(owner), api_key="4jmc-ae...xvKAs", actor="a test")


def test_the_time_of_the_last_test_goes_with_its_key():
    for account in (accounts.installation(), accounts.account_for(World().rep)):
        stored(account)
        accounts.say_status(account, "connected", key=Secret(KEY), tested=True)
        stored(account, OTHER)
        # A sync learns that the new key works; nobody has tested it.
        accounts.say_status(account, "connected", key=Secret(OTHER))
        assert (accounts.status(account), accounts.last_tested(account)) == ("connected", None)
        accounts.say_status(account, "error", key=Secret(OTHER), tested=True)
        tested = accounts.last_tested(account)
        assert tested is not None
        accounts.say_status(account, "connected", key=Secret(OTHER))
        assert accounts.last_tested(account) == tested


def test_a_limit_that_no_key_opens_is_the_usual_one():
    settings_store.put(config.TESTS_PER_MINUTE, "3", actor="a test")
    lost = f"{'ab' * 16}:{'cd' * 16}:{'ef' * 20}"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE system_settings SET setting_value = %s", [lost])
    settings_store.forget()
    assert most_tests() == config.DEFAULT_TESTS


def test_what_is_known_of_a_key_that_no_key_opens_says_nothing():
    account = stored(accounts.installation())
    accounts.say_status(account, "connected", key=Secret(KEY), tested=True)
    lost = f"{'ab' * 16}:{'cd' * 16}:{'ef' * 20}"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE vendor_secrets SET value = %s", [lost])
    assert (accounts.status(account), accounts.last_tested(account)) == ("error", None)
    assert client_of(staff()).get("/api/settings/fathom").json()["lastTested"] is None
    stored(account)
    assert accounts.say_status(account, "connected", key=Secret(KEY), tested=True)
    assert accounts.status(account) == "connected"


def test_a_status_belongs_to_the_key_that_it_was_learned_with():
    for account in (
        accounts.installation(),
        *map(accounts.account_for, ((w := World()).organization, w.rep)),
    ):
        stored(account)
        assert accounts.status(account) == "not_configured"
        assert accounts.say_status(account, "connected", key=Secret(KEY), tested=True)
        assert accounts.status(account) == "connected"
        assert accounts.last_tested(account) is not None
        stored(account, OTHER)
        assert accounts.status(account) == "not_configured"
        assert accounts.last_tested(account) is None
        assert not accounts.say_status(account, "connected", key=Secret(KEY))
        assert accounts.status(account) == "not_configured"
        assert accounts.say_status(account, "error", key=Secret(OTHER))
        assert accounts.status(account) == "error"
        stored(account, "")
        assert accounts.status(account) == "not_configured"
        assert not accounts.say_status(account, "connected")


def test_key_and_secret_stand_under_the_names_of_the_seed_beside_the_state_and_the_last_test():
    account = stored(accounts.installation(), webhook_secret=SECRET)
    accounts.say_status(account, "connected", tested=True)
    assert set(VendorSecret.objects.values_list("field", flat=True)) == {
        "fathom_api_key",
        "fathom_webhook_secret",
    }
    link = VendorAccount.objects.get()
    assert (link.vendor, link.state, link.last_tested_at is not None) == (
        "fathom",
        "connected",
        True,
    )
    assert not SystemSetting.objects.exists()


def test_what_is_stored_of_an_account_goes_with_it_and_with_its_owner():
    world = World()
    theirs, reps = (
        stored(accounts.account_for(owner)) for owner in (world.organization, world.rep)
    )
    reps.delete()
    assert list(VendorAccount.objects.values_list("pk", flat=True)) == [theirs.pk]
    services.delete_organization(organization=world.organization, actor="a test")
    assert not VendorAccount.objects.exists()
    assert not VendorSecret.objects.exists()


def test_every_change_of_a_key_is_audited_with_hashes_alone():
    world = World()
    for account in (accounts.installation(), accounts.account_for(world.rep)):
        before = AuditEvent.objects.count()
        stored(account)
        stored(account)
        stored(account, OTHER)
        stored(account, "")
        rows = list(AuditEvent.objects.order_by("-id")[: AuditEvent.objects.count() - before])
        assert len(rows) == 3
        assert all(
            KEY not in str(row.facts) and row.facts["key"] == "fathom_api_key" for row in rows
        )
        assert rows[2].new_value == rows[1].old_value != ""


def test_a_key_that_fails_is_an_incident_until_it_works_or_goes():
    account = stored(accounts.installation())
    own = stored(accounts.account_for(organization()), OTHER)
    for failing in (account, own):
        accounts.say_status(failing, Connection.ERROR)
        accounts.say_status(failing, Connection.ERROR)
    opened = Incident.objects.filter(closed_at=None)
    assert set(opened.values_list("organization_id", flat=True)) == {None, own.organization_id}
    assert Incident.objects.count() == 2
    assert {(incident.cause, incident.headline) for incident in opened.all()} == {
        (f"fathom_account:{account.pk}", "Fathom cannot be reached with the key of Installation"),
        (
            f"fathom_account:{own.pk}",
            f"Fathom cannot be reached with the key of {own.organization}",
        ),
    }
    accounts.say_status(account, Connection.CONNECTED)
    accounts.save(own, api_key="", actor="test")
    assert not opened.exists()
