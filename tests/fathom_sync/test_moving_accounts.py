"""The accounts' values move to core.vendors and back, with rows in the tables:
none is lost, whatever can be opened.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from core import vendors
from core.connections import Connection
from core.masking import Secret
from core.models import Incident, VendorAccount, VendorSecret
from core.secrets import crypto
from core.secrets.crypto import Place
from fathom_sync import accounts
from fathom_sync.models import FathomAccount
from tests.support.people import organization, staff
from tests.support.world import World

pytestmark = [pytest.mark.django_db(transaction=True)]

KEY, OTHER, REPS = (
    "koppel-demo.fathom-key_0001",
    "koppel-demo.fathom-key_0002",
    "koppel-demo.fathom-key_0003",
)
SECRET = "whsec_bWFkZS11cC1zZWNyZXQtbm90LXJlYWwh"
LOST = f"{'ab' * 16}:{'cd' * 16}:{'ef' * 20}"
TESTED, SEEN = datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 2, 9, tzinfo=UTC)
BEFORE = [("fathom_sync", "0007_runs_know_their_account")]
Move = Callable[[list[tuple[str, str]] | None], Any]


@pytest.fixture
def move(monkeypatch: pytest.MonkeyPatch) -> Iterator[Move]:
    """Bring the tables to a state of the migrations (None: the newest), and return its models."""
    monkeypatch.delenv("FATHOM_API_KEY", raising=False)

    def to(targets: list[tuple[str, str]] | None) -> Any:
        executor = MigrationExecutor(connection)
        wanted = targets or [
            node for node in executor.loader.graph.leaf_nodes() if node[0] == "fathom_sync"
        ]
        executor.migrate(wanted)
        return MigrationExecutor(connection).loader.project_state(wanted).apps

    yield to
    VendorAccount.objects.all().delete()
    to(None)


def set_up(apps: Any, key: str, organization_id: Any = None, **more: Any) -> Any:
    return apps.get_model("core", "SystemSetting").objects.create(
        setting_key=key, organization_id=organization_id, **more
    )


def mark(key: str) -> str:
    return crypto.mac("fathom-key", key.encode())


def column(table: str, name: str, pk: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM {table} WHERE id = %s", [pk])
        return cursor.fetchone()[0]


def spoil(table: str, name: str, pk: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {name} = %s WHERE id = %s", [LOST, pk])


def a_house_of_before(move: Move, world: World) -> Any:
    """Three accounts that work or fail, and one that nobody has looked at since its key was set."""
    apps = move(BEFORE)
    old = apps.get_model("fathom_sync", "FathomAccount").objects
    person = staff()
    old.create(
        checked_key=mark(KEY), listing_key=mark(KEY), registered_key=mark(KEY), status_at=SEEN
    )
    set_up(apps, "fathom_api_key", setting_value=KEY, updated_by_id=person.pk)
    set_up(apps, "fathom_webhook_secret", setting_value=SECRET)
    set_up(apps, "fathom_connection_status", setting_value="connected")
    set_up(apps, "fathom_last_test", setting_value=TESTED.isoformat())
    set_up(apps, "fathom_tests_per_minute", setting_value="3")
    # Its state was learned with another key.
    old.create(organization_id=world.organization.pk, checked_key=mark(KEY), status_at=SEEN)
    set_up(apps, "fathom_api_key", world.organization.pk, setting_value=OTHER)
    set_up(apps, "fathom_connection_status", world.organization.pk, setting_value="connected")
    old.create(
        organization_id=world.organization.pk,
        rep_id=world.rep.pk,
        own_api_key=REPS,
        own_webhook_secret=SECRET,
        own_status="error",
        own_last_test=TESTED,
        checked_key=mark(REPS),
        status_at=SEEN,
    )
    return person


def what_is_known(account: FathomAccount) -> tuple[Any, ...]:
    status = accounts.state_of(account)
    return status.state, status.last_checked, status.last_tested


def test_keys_secrets_and_states_come_along_and_go_back_as_they_were(move: Move):
    world, quiet = World(), organization("Contoso")
    person = a_house_of_before(move, world)
    set_up(move(BEFORE), "fathom_api_key", quiet.pk, setting_value=KEY)
    move(None)

    house, theirs, reps = (
        accounts.installation(),
        *map(accounts.account_for, (world.organization, world.rep)),
    )
    assert [
        accounts.api_key(account) for account in (house, theirs, reps, accounts.account_for(quiet))
    ] == [
        Secret(KEY),
        Secret(OTHER),
        Secret(REPS),
        Secret(KEY),
    ]
    assert [accounts.webhook_secret(account) for account in (house, theirs, reps)] == [
        Secret(SECRET),
        None,
        Secret(SECRET),
    ]
    assert what_is_known(house) == (Connection.CONNECTED, SEEN, TESTED)
    assert what_is_known(theirs) == (Connection.NOT_CONFIGURED, None, None)
    assert what_is_known(reps) == (Connection.ERROR, SEEN, TESTED)
    assert (
        VendorSecret.objects.get(account_id=house.pk, field="fathom_api_key").entered_by == person
    )
    # The ledger and the webhook know their keys as before.
    assert (house.listing_key, house.registered_key) == (accounts.fingerprint(Secret(KEY)),) * 2
    assert accounts.configured()[0] == house
    assert len(accounts.configured()) == 4

    apps = move(BEFORE)
    settings = apps.get_model("core", "SystemSetting").objects
    assert {
        (row.setting_key, row.organization_id): row.setting_value.reveal() for row in settings.all()
    } == {
        ("fathom_api_key", None): KEY,
        ("fathom_webhook_secret", None): SECRET,
        ("fathom_connection_status", None): "connected",
        ("fathom_last_test", None): TESTED.isoformat(),
        ("fathom_tests_per_minute", None): "3",
        ("fathom_api_key", world.organization.pk): OTHER,
        ("fathom_api_key", quiet.pk): KEY,
    }
    old = apps.get_model("fathom_sync", "FathomAccount").objects.get(rep_id=world.rep.pk)
    assert (old.own_api_key.reveal(), old.own_webhook_secret.reveal()) == (REPS, SECRET)
    assert (old.own_status, old.own_last_test, old.checked_key, old.status_at) == (
        "error",
        TESTED,
        mark(REPS),
        SEEN,
    )
    assert (
        settings.get(setting_key="fathom_api_key", organization_id=None).updated_by_id == person.pk
    )
    assert not VendorAccount.objects.exists()

    move(None)
    assert what_is_known(accounts.installation()) == (Connection.CONNECTED, SEEN, TESTED)
    assert accounts.api_key(accounts.account_for(world.rep)) == Secret(REPS)


def test_the_state_of_the_environments_key_comes_along(move: Move, monkeypatch: pytest.MonkeyPatch):
    apps = move(BEFORE)
    apps.get_model("fathom_sync", "FathomAccount").objects.create(
        checked_key=mark(KEY), status_at=SEEN
    )
    set_up(apps, "fathom_connection_status", setting_value="connected")
    monkeypatch.setenv("FATHOM_API_KEY", KEY)
    move(None)
    assert what_is_known(accounts.installation()) == (Connection.CONNECTED, SEEN, None)
    assert not VendorSecret.objects.exists()
    apps = move(BEFORE)
    written = apps.get_model("core", "SystemSetting").objects.get(
        setting_key="fathom_connection_status"
    )
    assert written.setting_value.reveal() == "connected"


def test_an_open_incident_goes_on_and_is_read_in_every_language(move: Move):
    account = accounts.installation()
    accounts.save(account, api_key=KEY, actor="a test")
    accounts.say_status(account, Connection.ERROR)
    move(BEFORE)
    title = Incident.objects.get().sentences["title"]
    assert title["text"] == "Fathom cannot be reached with the key of %(account)s"
    Incident.objects.update(
        sentences={"title": {"text": title["text"], "facts": {"account": "Installation"}}}
    )
    move(None)
    incident = Incident.objects.get()
    assert incident.headline == "Fathom cannot be reached with the key of Installation"
    assert (
        incident.sentences["title"]["text"]
        == "%(vendor)s cannot be reached with the key of %(account)s"
    )
    accounts.say_status(accounts.installation(), Connection.CONNECTED)
    assert Incident.objects.get().closed_at is not None


def test_what_cannot_be_opened_is_named_stays_where_it_is_and_opens_once_its_key_is_back(
    move: Move, capfd: pytest.CaptureFixture[str]
):
    world = World()
    a_house_of_before(move, world)
    apps = move(BEFORE)
    setting = apps.get_model("core", "SystemSetting").objects.get(
        setting_key="fathom_api_key", organization_id=None
    )
    own = apps.get_model("fathom_sync", "FathomAccount").objects.get(rep_id=world.rep.pk)
    places = [
        ("system_settings", "setting_value", setting.pk),
        ("fathom_sync_fathomaccount", "own_api_key", own.pk),
    ]
    sealed = [column(*place) for place in places]
    for place in places:
        spoil(*place)
    move(None)

    named = capfd.readouterr().out
    for table, name, pk in places:
        assert f"{table} {pk} {name}" in named
        assert column(table, name, pk) == LOST
    for account in (accounts.installation(), accounts.account_for(world.rep)):
        assert accounts.status(account) is Connection.ERROR
        assert vendors.masked(accounts.link_of(account))["fathom_api_key"] == "•" * 18
        assert accounts.webhook_secret(account) == Secret(SECRET)

    move(BEFORE)
    assert [column(*place) for place in places] == [LOST, LOST]
    # As if the key that it is sealed with were back in the ring.
    for place, text in zip(places, sealed, strict=True):
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {place[0]} SET {place[1]} = %s WHERE id = %s", [text, place[2]])
    move(None)
    assert accounts.api_key(accounts.installation()) == Secret(KEY)
    assert accounts.api_key(accounts.account_for(world.rep)) == Secret(REPS)


def test_what_the_earlier_release_has_no_place_for_stays_on_the_way_back(
    move: Move, capfd: pytest.CaptureFixture[str]
):
    account = accounts.installation()
    accounts.save(account, api_key=KEY, actor="a test")
    accounts.say_status(account, Connection.CONNECTED)
    assert accounts.save(account, api_key=OTHER, insist=False, actor="a test").waits
    own = accounts.account_for(World().rep)
    accounts.save(own, api_key=REPS, actor="a test")
    lost = VendorSecret.objects.get(account_id=own.pk)
    spoil("vendor_secrets", "value", lost.pk)

    apps = move(BEFORE)
    named = capfd.readouterr().out
    waiting = VendorSecret.objects.get(slot=VendorSecret.Slot.NEXT)
    for secret in (waiting, lost):
        assert f"vendor_secrets {secret.pk} value" in named
    assert (
        apps.get_model("core", "SystemSetting")
        .objects.get(setting_key="fathom_api_key")
        .setting_value.reveal()
        == KEY
    )
    assert (
        crypto.open_sealed(column("vendor_secrets", "value", waiting.pk), _place(waiting)) == OTHER
    )
    assert column("vendor_secrets", "value", lost.pk) == LOST

    move(None)
    link = accounts.link_of(accounts.installation())
    assert (accounts.api_key(account), vendors.staged(link)["fathom_api_key"]) == (
        Secret(KEY),
        Secret(OTHER),
    )
    assert accounts.status(own) is Connection.ERROR


def _place(secret: VendorSecret) -> Place:
    return Place("vendor_secrets", str(secret.pk), "value")
