"""What of an account is tried, when, by whom, and what a test gives beside words."""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError

from core import vendors
from core.connections import Connection, State
from core.errors import Incomplete
from core.masking import Secret
from core.models import AuditEvent, Incident, VendorSecret
from core.vendors import Field, Found, Probe, declarations
from tests.support import people
from tests.toy.cast import KEY, OTHER
from tests.toy.vendor import TOY, who_am_i

WRONG = "toy-key-of-no-value-9999"


def declared(monkeypatch: pytest.MonkeyPatch, **changes: object) -> None:
    monkeypatch.setitem(declarations._declared, "toy", replace(TOY, **changes))


@pytest.fixture
def signing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that no test of the connection says anything of."""
    declared(
        monkeypatch,
        fields=(
            *TOY.fields,
            Field("signing", "Signing secret", secret=True, required=False, tried=False),
        ),
    )


def test_what_no_test_speaks_of_is_in_use_at_once_and_leaves_the_state(account, service, signing):
    service.asked.clear()
    saved = vendors.save(account, {"signing": "a secret"}, actor="test")
    assert (saved.message, saved.result, saved.waits) == ("Saved.", None, False)
    assert vendors.current(account).secret("signing").reveal() == "a secret"
    assert vendors.state_of(account).state is Connection.CONNECTED
    assert service.asked == []


def test_beside_a_key_that_waits_it_is_in_use_at_once(account, signing):
    saved = vendors.save(account, {"signing": "a secret", "api_key": WRONG}, actor="test")
    assert saved.waits
    values = vendors.current(account)
    assert (values.secret("signing").reveal(), values.secret("api_key").reveal()) == (
        "a secret",
        KEY,
    )
    assert vendors.discard_next(account, actor="test")
    assert vendors.current(account).secret("signing").reveal() == "a secret"


def test_what_is_stored_for_others_to_try_is_asked_of_nobody(account, service):
    service.asked.clear()
    stored = vendors.store(account, {"api_key": WRONG}, actor="test")
    assert (stored.names, stored.is_to_be_tried, stored.waits) == ({"api_key"}, True, True)
    stored = vendors.store(account, {"api_key": WRONG}, actor="test", insist=True)
    assert (stored.is_to_be_tried, stored.waits) == (True, False)
    assert vendors.state_of(account).state is Connection.NOT_CONFIGURED
    assert not vendors.has_next(account)
    assert not vendors.store(account, {"api_key": WRONG}, actor="test").names
    assert service.asked == []


def test_a_test_is_told_from_what_work_learns(account):
    tested = vendors.state_of(account).last_tested
    assert tested is not None
    vendors.report(account, vendors.current(account), None)
    assert vendors.state_of(account).last_tested == tested
    vendors.store(account, {"api_key": OTHER}, actor="test", insist=True)
    assert vendors.state_of(account).last_tested is None
    vendors.report(account, vendors.current(account), None)
    status = vendors.state_of(account)
    assert (status.state, status.last_tested) == (Connection.CONNECTED, None)


def test_what_was_entered_and_cannot_be_one_is_not_sent(account, service):
    service.asked.clear()
    result = vendors.check(account, actor="test", others={"address": "ftp://toys"})
    assert [step.state for step in result.steps] == [State.FAILED, State.SKIPPED]
    assert isinstance(result.failure, ValidationError)
    assert service.asked == []
    assert AuditEvent.objects.filter(action="connection.tested", facts__success=False).count() == 1


def test_the_log_says_by_hash_which_key_was_tried(account):
    entered = AuditEvent.objects.get(action="key.changed").new_value
    vendors.check(account, actor="test")
    vendors.check(account, actor="test", others={"api_key": Secret(OTHER)})
    own, other = AuditEvent.objects.filter(action="connection.tested").order_by("-sequence")[:2][
        ::-1
    ]
    assert own.new_value == entered
    assert other.new_value not in ("", entered)


def test_a_test_of_what_is_not_whole_says_so_in_the_vendors_words(db, monkeypatch):
    declared(monkeypatch, incomplete="There is no key for Toy.")
    empty = vendors.account_of(TOY, people.organization().pk)
    result = vendors.check(empty, actor="test")
    assert (result.message, type(result.failure)) == ("There is no key for Toy.", Incomplete)
    assert vendors.state_of(empty).state is Connection.NOT_CONFIGURED


def test_steps_give_facts_and_know_who_tries(account, monkeypatch):
    def count(_account, values):
        return Found("Three toys", {"toys": 3, "by": values.tried_by})

    declared(monkeypatch, probes=(Probe("Who", who_am_i), Probe("Toys", count)))
    result = vendors.check(account, actor="ops")
    assert (result.message, result.facts) == ("Three toys", {"toys": 3, "by": "ops"})


def test_a_key_that_is_taken_away_is_kept_as_removed(account):
    vendors.save(account, {"api_key": ""}, actor="test")
    event = AuditEvent.objects.get(action="key.removed")
    assert (event.facts["key"], event.old_value != "", event.new_value) == ("api_key", True, "")
    assert not VendorSecret.objects.exists()


def test_an_incident_has_the_name_and_the_cause_that_the_vendor_gives_it(
    account, service, monkeypatch
):
    declared(monkeypatch, cause="toy_account")
    monkeypatch.setitem(declarations.NAMES, "toy", lambda _account: "Ada")
    service.keys.clear()
    vendors.check(account, actor="test")
    incident = Incident.objects.get()
    assert (incident.cause, incident.headline) == (
        f"toy_account:{account.pk}",
        "Toy cannot be reached with the key of Ada",
    )
