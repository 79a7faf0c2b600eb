"""An account whose fields are declared: stored, tried, staged, shown masked, audited,
and an incident when it fails.
"""

import threading
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections

from core import vendors
from core.connections import Connection, State
from core.models import AuditEvent, Incident, VendorAccount, VendorSecret
from core.vendors import Field, declarations
from tests.support import people
from tests.toy.cast import KEY, OTHER
from tests.toy.vendor import TOY

WRONG = "toy-key-of-no-value-9999"


def key_in_use(account: VendorAccount) -> str:
    return vendors.current(account).secret("api_key").reveal()


def actions(account: VendorAccount) -> list[str]:
    return list(
        AuditEvent.objects.filter(target_id=str(account.pk))
        .order_by("sequence")
        .values_list("action", flat=True)
    )


def test_what_is_entered_is_tried_and_shown_masked(account):
    assert vendors.state_of(account).state is Connection.CONNECTED
    assert vendors.masked(account)["api_key"] == "toy-key...-0001"
    assert key_in_use(account) == KEY
    assert actions(account) == ["setting.changed", "key.changed", "connection.tested"]
    assert KEY not in str(list(AuditEvent.objects.values()))


def test_a_test_says_each_step_and_skips_what_stands_on_one_that_failed(account, service):
    good = vendors.check(account, actor="test")
    assert [(str(step.name), step.state) for step in good.steps] == [
        ("Everything is filled in", State.PASSED),
        ("The key is taken", State.PASSED),
    ]
    assert good.message == "Signed in as Ada's toys"
    service.keys.clear()
    bad = vendors.check(account, actor="test")
    assert bad.steps[-1].state is State.FAILED
    assert "does not accept the key" in bad.message


def test_a_mask_keeps_what_is_stored_and_a_field_that_cannot_be_one_stores_nothing(account):
    with pytest.raises(ValidationError) as refused:
        vendors.save(account, {"address": "ftp://toys", "api_key": OTHER}, actor="test")
    assert list(refused.value.error_dict) == ["address"]
    assert (
        vendors.save(account, {"api_key": "toy-key...-0001"}, actor="test").message
        == "Nothing was changed."
    )
    assert key_in_use(account) == KEY
    with pytest.raises(ValidationError):
        vendors.save(account, {"api_key": "with\x00null"}, actor="test")


def test_a_mask_where_nothing_is_stored_is_refused(db, service):
    empty = vendors.account_of(TOY, people.organization().pk)
    with pytest.raises(ValidationError) as refused:
        vendors.save(empty, {"api_key": "toy-key...-0001"}, actor="test")
    assert "none is stored here" in str(refused.value)


def test_a_new_key_takes_a_working_ones_place_only_once_it_worked(account):
    saved = vendors.save(account, {"api_key": WRONG}, actor="test")
    assert (saved.waits, key_in_use(account)) == (True, KEY)
    assert vendors.state_of(account).state is Connection.CONNECTED
    assert vendors.has_next(account)
    assert not Incident.objects.exists()

    saved = vendors.save(account, {"api_key": OTHER}, actor="test")
    assert (saved.waits, key_in_use(account)) == (False, OTHER)
    assert not vendors.has_next(account)
    assert VendorSecret.objects.count() == 1
    assert "key.promoted" in actions(account)


def test_whoever_insists_has_the_new_key_used_at_once(account):
    vendors.save(account, {"api_key": WRONG}, actor="test", insist=True)
    assert key_in_use(account) == WRONG
    assert vendors.state_of(account).state is Connection.ERROR
    assert Incident.objects.get().closed_at is None


def test_what_waits_is_used_or_discarded(account):
    vendors.save(account, {"api_key": WRONG}, actor="test")
    assert vendors.discard_next(account, actor="test")
    assert not vendors.discard_next(account, actor="test")
    assert (vendors.has_next(account), key_in_use(account)) == (False, KEY)
    vendors.save(account, {"api_key": WRONG}, actor="test")
    vendors.use_next(account, actor="test")
    assert key_in_use(account) == WRONG


def test_a_key_that_stops_working_is_an_incident_until_it_works_again(account, service):
    service.keys.clear()
    vendors.check(account, actor="test")
    incident = Incident.objects.get()
    assert incident.headline == "Toy cannot be reached with the key of Organization"
    assert vendors.state_of(account).state is Connection.ERROR
    service.keys.add(KEY)
    vendors.check(account, actor="test")
    assert Incident.objects.get().closed_at is not None


def test_a_vendor_that_asks_for_a_pause_says_nothing_of_the_key(account, service):
    service.status = 429
    assert not vendors.check(account, actor="test").success
    assert vendors.state_of(account).state is Connection.CONNECTED


def test_what_was_learned_of_a_key_is_not_said_of_another(account):
    tried = vendors.current(account)
    vendors.save(account, {"api_key": OTHER}, actor="test", insist=True)
    assert not vendors.report(account, tried, None)
    VendorAccount.objects.filter(pk=account.pk).update(tried_with="of-another")
    account.refresh_from_db()
    assert vendors.state_of(account).state is Connection.NOT_CONFIGURED


def test_a_removed_key_closes_its_incident_and_leaves_nothing(account, service):
    service.keys.clear()
    vendors.check(account, actor="test")
    vendors.save(account, {"api_key": ""}, actor="test")
    assert Incident.objects.get().closed_at is not None
    assert vendors.state_of(account).state is Connection.NOT_CONFIGURED
    assert not VendorSecret.objects.exists()


def test_the_environment_answers_for_the_installation_alone(db, service, monkeypatch):
    monkeypatch.setenv("TOY_API_KEY", KEY)
    monkeypatch.setenv("TOY_ADDRESS", service.url)
    installation = vendors.account_of(TOY, None)
    assert vendors.check(installation, actor="test").success
    assert vendors.state_of(installation).state is Connection.CONNECTED
    assert not dict(vendors.current(vendors.account_of(TOY, people.organization().pk)))


def test_reading_a_secret_in_full_is_kept(account):
    assert vendors.reveal(account, "api_key", actor="ops") == KEY
    assert actions(account)[-1] == "secret.revealed"


@pytest.mark.django_db(transaction=True)
def test_of_two_keys_that_are_saved_at_once_one_is_in_use_and_nothing_is_left_over(service):
    account = vendors.account_of(TOY, people.organization().pk)
    vendors.save(account, {"address": service.url, "api_key": KEY}, actor="test")
    service.keys |= {f"toy-key-of-no-value-1{number:03}" for number in range(8)}
    gate = threading.Barrier(8)

    def enter(number: int) -> None:
        gate.wait()
        own = VendorAccount.objects.get(pk=account.pk)
        vendors.save(own, {"api_key": f"toy-key-of-no-value-1{number:03}"}, actor=f"test {number}")
        connections.close_all()

    threads = [threading.Thread(target=enter, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    account.refresh_from_db()
    assert key_in_use(account) in service.keys - {KEY}
    assert VendorSecret.objects.filter(account=account).count() == 1
    assert vendors.state_of(account).state is Connection.CONNECTED


def test_nothing_is_in_clear_in_the_database(account):
    with connection.cursor() as cursor:
        cursor.execute("SELECT account::text FROM vendor_accounts account")
        rows = cursor.fetchall()
        cursor.execute("SELECT secret::text FROM vendor_secrets secret")
        rows += cursor.fetchall()
    assert KEY not in str(rows)


def test_a_new_key_that_clears_another_field_waits_with_that(account, monkeypatch):
    more = replace(TOY, fields=(*TOY.fields, Field("note", "Note", required=False)))
    monkeypatch.setitem(declarations._declared, "toy", more)
    vendors.save(account, {"note": "x"}, actor="test")
    vendors.save(account, {"note": "", "api_key": WRONG}, actor="test")
    assert (key_in_use(account), vendors.current(account).text("note")) == (KEY, "x")
    vendors.save(account, {"note": "", "api_key": OTHER}, actor="test")
    assert (key_in_use(account), dict(vendors.current(account)).get("note")) == (OTHER, None)
    assert not vendors.has_next(account)


def test_what_a_vendor_says_of_itself_has_an_end(account, service):
    service.answer = lambda _path, _key: (200, {"name": "x" * 1_000_000})
    assert len(vendors.check(account, actor="test").message) <= 300
