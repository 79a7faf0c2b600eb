"""What must not happen to an account, however it is entered, removed or tried."""

import pytest

from core import vendors
from core.connections import Connection
from core.http import turns
from core.models import Incident, VendorAccount
from tests.support import people
from tests.toy.cast import KEY, OTHER
from tests.toy.service import Service
from tests.toy.vendor import TOY

WRONG = "toy-key-of-no-value-9999"


def key_in_use(account: VendorAccount) -> str:
    return vendors.current(account).secret("api_key").reveal()


def test_a_removed_account_leaves_no_incident_open(account, service):
    service.keys.clear()
    vendors.check(account, actor="test")
    vendors.remove(account, actor="test")
    assert Incident.objects.get().closed_at is not None


def test_what_is_learned_of_an_account_that_was_removed_is_not_written(account):
    slow = VendorAccount.objects.get(pk=account.pk)
    tried = vendors.current(slow)
    vendors.remove(account, actor="test")
    assert not vendors.report(slow, tried, None)


def test_a_key_that_began_to_work_meanwhile_is_replaced_only_by_another_that_works(db, service):
    early = vendors.account_of(TOY, people.organization().pk)
    other = VendorAccount.objects.get(pk=early.pk)
    vendors.save(other, {"address": service.url, "api_key": KEY}, actor="first")
    saved = vendors.save(early, {"api_key": WRONG}, actor="second")
    assert (saved.waits, key_in_use(early)) == (True, KEY)


def test_a_new_key_is_never_sent_to_an_address_that_was_entered_before_and_waits(
    account, service, settings
):
    other = Service()
    settings.ALLOW_PRIVATE_HOSTS = [*settings.ALLOW_PRIVATE_HOSTS, other.host]
    other.keys.clear()
    vendors.save(account, {"address": other.url}, actor="test")
    other.asked.clear()
    vendors.save(account, {"address": service.url, "api_key": OTHER}, actor="test")
    other.close()
    assert other.asked == []
    assert (account.values["address"], key_in_use(account)) == (service.url, OTHER)
    assert not vendors.has_next(account)


def test_who_is_refused_a_turn_has_changed_nothing(account, settings):
    settings.WEB_THREADS = 1
    other = turns._Request()
    turns._waiting.add(id(other))
    try:
        with turns.of_one_request(), pytest.raises(turns.Busy):
            vendors.save(account, {"api_key": OTHER}, actor="test", insist=True)
    finally:
        turns._waiting.discard(id(other))
    assert key_in_use(account) == KEY


def test_a_key_that_could_not_be_tried_is_green_in_no_column(account, service):
    service.status = 429
    vendors.save(account, {"api_key": OTHER}, actor="test", insist=True)
    account.refresh_from_db()
    assert key_in_use(account) == OTHER
    assert account.state == Connection.NOT_CONFIGURED
