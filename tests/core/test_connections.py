"""The one answer of every "Test connection" button."""

from datetime import UTC, datetime, timedelta

from core.connections import Connection, ConnectionStatus, State, Step, TestResult

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def test_a_test_is_good_when_something_passed_and_nothing_failed() -> None:
    result = TestResult()
    assert not result.success

    result.passed("Address")
    result.passed("Credentials", "Signed in as Northwind")

    assert result.success
    assert result.message == "Signed in as Northwind"


def test_what_stood_on_a_failed_step_is_skipped_and_said() -> None:
    result = TestResult()
    result.passed("Address", "Reached")
    result.failed("Credentials", "Enter a valid key", then_skipped=("Permissions", "One record"))

    assert not result.success
    assert result.message == "Enter a valid key"
    assert result.as_json() == [
        {"name": "Address", "state": "passed", "message": "Reached"},
        {"name": "Credentials", "state": "failed", "message": "Enter a valid key"},
        {"name": "Permissions", "state": "skipped", "message": ""},
        {"name": "One record", "state": "skipped", "message": ""},
    ]


def test_a_status_keeps_since_when_until_the_state_changes() -> None:
    good = TestResult([Step("Address", State.PASSED)])
    bad = TestResult([Step("Address", State.FAILED, "Check the address")])

    first = ConnectionStatus(Connection.NOT_CONFIGURED).after(good, NOW)
    second = first.after(good, NOW + timedelta(hours=1))
    third = second.after(bad, NOW + timedelta(hours=2))

    assert (first.state, first.since, first.is_connected) == (Connection.CONNECTED, NOW, True)
    assert (second.since, second.last_good) == (NOW, NOW + timedelta(hours=1))
    assert third == ConnectionStatus(
        state=Connection.ERROR,
        since=NOW + timedelta(hours=2),
        cause="Check the address",
        last_checked=NOW + timedelta(hours=2),
        last_good=NOW + timedelta(hours=1),
        next_step="Check the address",
    )
