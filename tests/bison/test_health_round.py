"""The round: everybody is asked once, shared keys are not switched about,
and the run says what was found.
"""

from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from bison import health
from bison.client import QUOTAS, VENDOR, fingerprint
from bison.health import asking, choosing, noting
from bison.models import Instance, Workspace
from core import runs
from core.models import ApiCall, Incident, Run
from tests.bison import cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def maverick(bison_vendor: Any) -> Instance:
    return cast.instance(bison_vendor)


def round_() -> Run:
    run = health.start(trigger="test").run
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


def states() -> dict[str, str]:
    return dict(Workspace.objects.values_list("workspace_name", "api_health_status"))


def test_each_workspace_with_a_key_is_asked_once_with_it(
    maverick: Instance, bison_vendor: Any
) -> None:
    keyed = [cast.workspace(maverick, number, bison_vendor) for number in (3, 6, 8)]
    before = len(bison_vendor.calls())
    run = round_()
    assert (run.state, run.outcomes) == ("succeeded", {"healthy": 3})
    assert run.evidence == {"instances": {"maverick": "healthy"}}
    assert len(bison_vendor.calls()) - before == 4
    assert set(states().values()) == {"healthy"}
    logged = ApiCall.objects.filter(run_id=run.pk, function_name=noting.CHECK)
    assert {(call.workspace_name, call.endpoint) for call in logged} == {
        ("", "/email-bison/maverick/api/users"),
        *((workspace.workspace_name, "/email-bison/maverick/api/users") for workspace in keyed),
    }
    maverick.refresh_from_db()
    assert maverick.health_status == "healthy"


def test_for_a_shared_key_the_instance_is_asked_and_a_few_are_confirmed(
    maverick: Instance, bison_vendor: Any
) -> None:
    for number in range(2, 15):
        cast.workspace(maverick, number)
    run = round_()
    assert run.outcomes == {
        "healthy": choosing.CONFIRMED_AT_ONCE,
        "by_shared_key": 13 - choosing.CONFIRMED_AT_ONCE,
    }
    assert len(bison_vendor.calls("maverick", "/workspaces")) == choosing.CONFIRMED_AT_ONCE
    assert set(states().values()) == {"healthy"}


def test_the_next_round_confirms_others(
    maverick: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(2, 15):
        cast.workspace(maverick, number)
    (part,) = choosing.plan()
    seen: list[Any] = []
    for number in range(13):
        monkeypatch.setattr(choosing.time, "time", lambda number=number: number * choosing.EVERY)
        seen += choosing.to_confirm(part, ())
    assert {workspace.pk for workspace in seen} == {workspace.pk for workspace in part.shared}
    assert len(seen) == 13 * choosing.CONFIRMED_AT_ONCE


def test_a_workspace_without_a_key_that_may_be_used_is_counted_and_not_called(
    maverick: Instance, bison_vendor: Any
) -> None:
    cast.workspace(maverick, 3, requires_workspace_key=True)
    run = round_()
    assert run.outcomes == {"without_key": 1}
    assert states() == {"Aspen Labs": "unknown"}


def test_a_key_that_is_refused_or_anothers_is_found(maverick: Instance, bison_vendor: Any) -> None:
    revoked = cast.workspace(maverick, 3, bison_vendor)
    swapped = cast.workspace(maverick, 6, bison_vendor)
    swapped.bison_api_key = bison_vendor.key(8)
    swapped.save()
    bison_vendor.act("revoke", token=bison_vendor.key(3))
    run = round_()
    assert run.outcomes == {"bad_key": 2}
    assert states()[revoked.workspace_name] == "degraded"
    round_()
    incidents = {
        incident.cause: incident.title for incident in Incident.objects.filter(closed_at=None)
    }
    assert set(incidents) == {f"bison_workspace:{revoked.pk}", f"bison_workspace:{swapped.pk}"}
    assert (
        incidents[f"bison_workspace:{revoked.pk}"]
        == "The key of the workspace Aspen Labs is refused"
    )


def test_a_refused_super_admin_key_is_the_accounts_incident(
    maverick: Instance, bison_vendor: Any
) -> None:
    cast.workspace(maverick, 3)
    bison_vendor.act("revoke", token=bison_vendor.admin())
    run = round_()
    assert run.evidence == {"instances": {"maverick": "bad_key"}}
    assert [incident.cause for incident in Incident.objects.all()] == [
        f"account:{maverick.account_id}"
    ]
    maverick.refresh_from_db()
    assert maverick.health_status == "failing"
    assert states() == {"Aspen Labs": "degraded"}


def test_the_database_is_asked_little(
    maverick: Instance, bison_vendor: Any, django_assert_max_num_queries: Any
) -> None:
    for number in (3, 6, 8, 12):
        cast.workspace(maverick, number, bison_vendor)
    with django_assert_max_num_queries(4):
        (part,) = choosing.plan()
    assert len(part.questions) == 5


def command() -> str:
    out = StringIO()
    call_command("check_api_health", stdout=out)
    return out.getvalue()


def test_the_command_says_what_it_found_and_ends_so(maverick: Instance, bison_vendor: Any) -> None:
    with pytest.raises(CommandError) as none:
        command()
    assert none.value.returncode == 2
    cast.workspace(maverick, 3, bison_vendor)
    cast.workspace(maverick, 6)
    assert "2 workspaces, 2 well" in command()
    bison_vendor.turn(down="maverick")
    with pytest.raises(CommandError) as failed:
        command()
    assert failed.value.returncode == 1


def test_a_calls_grant_is_taken_once_and_a_spent_quota_is_no_failure(
    maverick: Instance, bison_vendor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.workspace(maverick, 3, bison_vendor)
    spent = asking.quota.Account(VENDOR, fingerprint(bison_vendor.key(3))[:24], QUOTAS)
    for _call in range(QUOTAS[0].limit - 1):
        spent.take(None, patience=0)
    assert round_().outcomes == {"healthy": 1}
    monkeypatch.setattr(asking, "LIMITS", replace(asking.LIMITS, quota_wait=0.1))
    assert round_().outcomes == {"busy": 1}
    assert states() == {"Aspen Labs": "healthy"}
    assert (
        ApiCall.objects.filter(workspace_name="Aspen Labs", success=None, status_code=None).count()
        == 1
    )


def test_an_instance_that_cannot_keep_up_is_no_reason_to_lose_the_round(
    maverick: Instance, bison_vendor: Any
) -> None:
    cast.workspace(maverick, 3, bison_vendor)
    bison_vendor.fault("malformed", "maverick", "/users", times=1)
    bison_vendor.fault("rate_limited", "maverick", "/users", after=1, times=1)
    run = round_()
    assert run.state == "succeeded"
    assert sum(run.outcomes.values()) == 1


def test_an_unexpected_error_ends_the_run_as_failed(
    maverick: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_arguments: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(asking.quota, "take_at_once", broken)
    assert round_().state == "failed"
