"""A workspace that is renamed keeps its calls: in the lists, the file, the charts and the use of
its key; and a name that changed hands shows nobody else's.
"""

import csv
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from bison import health, naming
from bison.instances import discovering
from bison.keys.usage import where_used
from bison.models import Instance, NameTaken, Workspace
from core import outgoing, runs
from core.http.call_log import last_8
from core.models import ApiCall, User
from core.outgoing import hours
from core.signin import roles
from dashboard.workspaces import detail
from tests.bison import cast
from tests.bison.stand_in import BisonVendor
from tests.support.people import staff
from tests.support.rows import id_at

NOW = datetime.now(UTC)
URL = "/api/bison/api-calls"
OLD, NEW = "Aspen Labs", "Aspen Works"


@pytest.fixture
def maverick(db: None, bison_vendor: BisonVendor, no_calls_stay: None) -> Instance:
    made = cast.instance(bison_vendor)
    discover(made)
    Workspace.objects.update(created_at=NOW - timedelta(days=20))
    return made


@pytest.fixture
def ops(db: None) -> APIClient:
    client = APIClient()
    client.force_authenticate(User.objects.get(pk=staff(roles.OPERATIONS_ADMIN).pk))
    return client


def discover(instance: Instance) -> None:
    run = discovering.start(instance, trigger="command").run
    runs.execute(run.pk)
    run.refresh_from_db()
    assert run.state == "succeeded"


def rename(vendor: BisonVendor, instance: Instance, **names: str) -> None:
    for number, name in names.items():
        vendor.ask(f"/workspaces/v1.1/{number[1:]}", method="PUT", body={"name": name})
    discover(instance)


def renamed_at(at: datetime) -> None:
    """Let the last renaming have been then."""
    latest = NameTaken.objects.order_by("-since").values_list("since", flat=True)[0]
    NameTaken.objects.filter(since=latest).update(since=at)


def call(name: str, at: datetime, **values: Any) -> ApiCall:
    known: dict[str, Any] = {
        "id": id_at(at), "created_at": at, "vendor": "email-bison", "workspace_name": name,
        "instance": "maverick", "endpoint": "/api/users", "method": "GET", "status_code": 200,
        "success": True, "response_time_ms": 50,
    }  # fmt: skip
    return ApiCall.objects.create(**{**known, **values})


def of(number: int) -> Workspace:
    return Workspace.objects.get(bison_workspace_id=number)


def ago(**back: float) -> datetime:
    return NOW - timedelta(**back)


def listed(client: APIClient, name: str, **query: str) -> list[str]:
    answer = client.get(URL, {"workspace": name, **query})
    assert answer.status_code == 200, answer.content
    return [row["endpoint"] for row in answer.json()["results"]]


def on_its_page(workspace: Workspace) -> int:
    return len(detail.page(workspace)["calls"].rows)


def counted(name: str, count: int = 24) -> list[int]:
    return [hour.calls for hour in health.series(count, name)]


def test_its_earlier_calls_are_in_each_list(
    maverick: Instance, bison_vendor: BisonVendor, ops: APIClient
) -> None:
    call(OLD, ago(hours=30), endpoint="/before")
    rename(bison_vendor, maverick, n3=NEW)
    renamed_at(ago(hours=2))
    call(NEW, ago(hours=1), endpoint="/after", success=False, status_code=500)
    # A job that was at work knew the old name for a while.
    call(OLD, ago(minutes=30), endpoint="/late")
    call("Birchwood Freight", ago(minutes=20))
    assert listed(ops, NEW) == ["/late", "/after", "/before"]
    assert listed(ops, NEW, status="failed") == ["/after"]
    assert on_its_page(of(3)) == 3
    file = ops.get(f"{URL}.csv", {"workspace": NEW})
    lines = list(csv.DictReader(b"".join(file).decode().splitlines()))
    assert [line["endpoint"] for line in lines] == ["/late", "/after", "/before"]
    assert sum(counted(NEW, 48)) == 3
    hours.keep(NOW)
    assert sum(counted(NEW, 48)) == 3
    # Nobody is called so now: what bears the name is shown.
    assert listed(ops, OLD) == ["/late", "/before"]


def test_two_that_exchange_their_names_show_none_of_the_others_calls(
    maverick: Instance, bison_vendor: BisonVendor, ops: APIClient
) -> None:
    birch = "Birchwood Freight"
    call(OLD, ago(hours=5, minutes=1), endpoint="/3 before")
    call(birch, ago(hours=5), endpoint="/4 before")
    rename(bison_vendor, maverick, n3=birch, n4=OLD)
    moment = ago(hours=3).replace(minute=30, second=0)
    renamed_at(moment)
    call(OLD, moment - timedelta(minutes=1), endpoint="/3 in the hour")
    call(birch, moment + timedelta(minutes=1), endpoint="/3 after")
    call(OLD, moment + timedelta(minutes=2), endpoint="/4 after")
    for _rolled_up in range(2):
        assert listed(ops, birch) == ["/3 after", "/3 in the hour", "/3 before"]
        assert listed(ops, OLD) == ["/4 after", "/4 before"]
        assert (sum(counted(birch)), sum(counted(OLD))) == (3, 2)
        hours.keep(NOW)


def test_a_name_that_a_new_workspace_came_with_is_its_own_from_then_on(
    maverick: Instance, bison_vendor: BisonVendor, ops: APIClient
) -> None:
    call(OLD, ago(hours=5), endpoint="/3")
    rename(bison_vendor, maverick, n3=NEW)
    bison_vendor.ask("/workspaces/v1.1", method="POST", body={"name": OLD})
    discover(maverick)
    other = Workspace.objects.get(workspace_name=OLD)
    assert other.bison_workspace_id != 3
    Workspace.objects.filter(pk=other.pk).update(created_at=ago(hours=2))
    call(OLD, ago(hours=1), endpoint="/new")
    assert listed(ops, NEW) == ["/3"]
    assert listed(ops, OLD) == ["/new"]


def test_a_name_that_it_has_again_is_its_own_at_all_times(
    maverick: Instance, bison_vendor: BisonVendor, ops: APIClient
) -> None:
    call(OLD, ago(hours=5), endpoint="/first")
    rename(bison_vendor, maverick, n3=NEW)
    renamed_at(ago(hours=4))
    call(NEW, ago(hours=3), endpoint="/second")
    rename(bison_vendor, maverick, n3=OLD)
    renamed_at(ago(hours=2))
    call(OLD, ago(hours=1), endpoint="/third")
    assert listed(ops, OLD) == ["/third", "/second", "/first"]


def test_where_its_key_was_used_names_it_as_it_is_called_now(
    maverick: Instance, bison_vendor: BisonVendor
) -> None:
    key = bison_vendor.key(3)
    workspace = of(3)
    workspace.bison_api_key = key
    workspace.save()
    used = {"api_key_used": last_8(key), "function_name": "sync"}
    call(OLD, ago(hours=5), **used)
    rename(bison_vendor, maverick, n3=NEW, n4=OLD)
    renamed_at(ago(hours=3))
    call(NEW, ago(hours=2), **used)
    call(OLD, ago(hours=1), **used, triggered_by="manual")
    found = where_used(of(3)).calls
    assert [(use.workspace_name, use.calls, use.last_call_at) for use in found] == [
        (NEW, 2, ago(hours=2)),
        (OLD, 1, ago(hours=1)),
    ]


def test_a_workspace_that_was_never_renamed_is_asked_for_by_its_name_alone(
    maverick: Instance, ops: APIClient
) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert naming.by_name(OLD) == (outgoing.Name(OLD),)
    assert len(asked) == 2
    assert not NameTaken.objects.exists()
