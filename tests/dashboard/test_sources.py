"""Sources: who sees which, how each is said to be, and that nothing is said
to be proven that is not.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from bison import instances
from bison.models import Workspace
from core.models import SourceDay, VendorAccount
from core.sync import UNDATED
from crm.models import Organization
from dashboard.sources import pages
from fathom_sync import accounts
from fathom_sync.models import FathomAccount, LedgerDay, ListedDay
from integrations.models import Integration
from tests.dashboard.conftest import make_run, signed_in
from tests.fathom_sync.cast import installation, own_account
from tests.support import people
from tests.support.people import client_of

pytestmark = pytest.mark.django_db
FATHOM, BISON, TOYS = "Fathom", "Maverick", "HubSpot of ours"


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def account(northwind: Organization) -> FathomAccount:
    """Give Fathom an account whose last thirty days were all walked just now."""
    found = installation()
    now = timezone.now()
    accounts.say_status(found, "connected")
    FathomAccount.objects.filter(pk=found.pk).update(watermark=now, last_synced_at=now)
    today = now.date()
    days = [today - timedelta(days=ago) for ago in range(31)]
    ListedDay.objects.bulk_create(
        ListedDay(account=found, day=day, key="k", names=[], walked_at=now) for day in days
    )
    LedgerDay.objects.create(
        organization=northwind,
        day=today,
        at_vendor=200,
        here=157,
        skipped={"no_rep": 43},
        checked_at=now,
    )
    return found


@pytest.fixture
def shared(northwind: Organization) -> Integration:
    """Share an integration in Northwind, whose contacts were all counted just now."""
    values = VendorAccount.objects.create(
        vendor="hubspot", organization_id=northwind.pk, label="x", state="connected"
    )
    integration = Integration.objects.create(
        organization=northwind,
        name=TOYS,
        type="CRM",
        provider="HUBSPOT",
        account=values,
        is_shared=True,
    )
    SourceDay.objects.create(
        source="integrations.contacts", subject_id=integration.pk, day=UNDATED, at_vendor=12,
        in_koppel=12, checked_at=timezone.now(),
    )  # fmt: skip
    return integration


@pytest.fixture
def workspace() -> Workspace:
    return Workspace.objects.create(
        instance=instances.create("maverick", BISON), bison_workspace_id=7,
        workspace_name="Client one", accounts_in_koppel=403, accounts_at_vendor=403,
        accounts_checked_at=timezone.now(), accounts_state="complete",
    )  # fmt: skip


# --- Who sees which -------------------------------------------------------------------------------
SEEN = {
    "CEO": {FATHOM, TOYS},
    "MANAGER": {FATHOM, TOYS},
    "CLOSER": {TOYS},
    "SETTER": {TOYS},
    "Operations admin": {FATHOM, BISON, TOYS},
    "Operations viewer": {FATHOM, BISON, TOYS},
}


@pytest.mark.parametrize("who", SEEN)
def test_everybody_sees_the_sources_that_concern_them(
    who: str, northwind: Organization, account: Any, shared: Integration, workspace: Workspace
):
    user = people.staff(who) if who.startswith("Op") else people.member(who, northwind, "visitor")
    page = signed_in(user).get("/sources")
    assert {row.name for row in page.context["summary"].rows} == SEEN[who]
    assert {row["name"] for row in client_of(user).get("/api/sources").json()} == SEEN[who]
    paths = {
        FATHOM: "/sources/fathom",
        BISON: "/sources/bison/maverick",
        TOYS: f"/sources/integrations/{shared.pk}",
    }
    for name, path in paths.items():
        assert signed_in(user).get(path).status_code == (200 if name in SEEN[who] else 404), name
    link = 'href="/sources"'
    assert (link in text(signed_in(user).get("/settings/profile"))) is (
        who not in ("CLOSER", "SETTER")
    )


def test_each_account_of_fathom_has_a_row_where_there_are_several(
    northwind: Organization, account: FathomAccount, ceo: Client
):
    def listed() -> list[tuple[str, str]]:
        table = ceo.get("/sources").context["table"]
        return [(row.name, row.state) for row in table.rows]

    assert len(listed()) == 1
    accounts.say_status(own_account(northwind), "error")
    rows = listed()
    assert [name for name, _state in rows] == [
        FATHOM,
        "Shared by all organizations",
        "Northwind Sales",
    ]
    assert dict(rows)["Northwind Sales"] == "error"
    assert (
        pages.summary(people.member("CEO", northwind, "other"), northwind.pk).rows[0].name == FATHOM
    )


def test_another_organization_sees_none_of_it(
    outsider: Client, account: Any, shared: Integration, workspace: Any
):
    page = text(outsider.get("/sources"))
    assert TOYS not in page
    assert "157" not in page
    assert outsider.get(f"/sources/integrations/{shared.pk}").status_code == 404
    for path in (
        "/sources/bison",
        "/sources/bison/maverick",
        "/sources/nothing",
        "/sources/integrations/x",
    ):
        assert outsider.get(path).status_code == 404
    assert signed_in(people.person("nobody")).get("/sources").status_code == 404


# --- What is said of them -------------------------------------------------------------------------
def test_all_are_proven_only_while_each_is(
    ops: Client,
    ceo: Client,
    northwind: Organization,
    account: FathomAccount,
    shared: Integration,
    workspace: Workspace,
):
    for client in (ops, ceo):
        page = text(client.get("/sources"))
        assert "All sources proven" in page
        assert "200 at Fathom" in page
        assert "43 left out" in page
    workspace.accounts_state = "incomplete"
    workspace.accounts_in_koppel = 282
    workspace.save()
    page = text(ops.get("/sources"))
    assert "All sources proven" not in page
    assert "1 source is not proven" in page
    assert "121 missing" in page
    assert "All sources proven" in text(ceo.get("/sources"))


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"checked_at": -timedelta(days=5)}, "old"),
        ({"missing": 3, "here": 154}, "gap"),
        ({"failing_since": -timedelta(hours=1)}, "failing"),
        ({"watermark": None}, "partial"),
        ({"state": "error"}, "error"),
    ],
)
def test_doubt_is_never_shown_as_fine(
    change: dict[str, Any], state: str, northwind: Any, account: Any, ceo: Client
):
    user = people.member("CEO", northwind, "second")
    now = timezone.now()
    if "missing" in change:
        LedgerDay.objects.update(**change)
    elif "checked_at" in change:
        ListedDay.objects.update(walked_at=now + change["checked_at"])
    elif "watermark" in change:
        ListedDay.objects.filter(day__lt=now.date() - timedelta(days=3)).delete()
    elif "state" in change:
        VendorAccount.objects.update(**change)
    else:
        FathomAccount.objects.update(failing_since=now + change["failing_since"])
    [row] = pages.summary(user, northwind.pk).rows
    assert (row.state, row.is_proven) == (state, False)
    page = text(ceo.get("/sources"))
    # What nobody got to yet is no fault.
    doubt = "1 source is not proven"
    if state == "partial":
        doubt = "1 source is not fully checked yet"
    assert doubt in page
    assert "All sources proven" not in page
    if state == "failing":
        assert "checks failing since" in page
        assert "157 in Koppel" in page


def test_a_source_that_nobody_checked_says_so(northwind: Organization, ceo: Client):
    installation()
    page = text(ceo.get("/sources"))
    assert "Not checked yet" in page
    assert "All sources proven" not in page


def test_where_nothing_is_connected_the_page_says_what_to_do(ceo: Client, closer: Client):
    page = text(ceo.get("/sources"))
    assert "No sources yet" in page
    assert 'href="/settings/fathom"' in page
    page = text(closer.get("/sources"))
    assert "No sources yet" in page
    assert "Link Fathom" not in page


def test_a_running_sync_shows_its_bar(northwind: Organization, account: FathomAccount, ceo: Client):
    make_run(northwind, kind="fathom.sync", state="running", progress_done=40, progress_total=100)
    page = text(ceo.get("/sources"))
    assert "Syncing now" in page
    assert 'value="40"' in page


def test_workspaces_are_found_by_what_is_not_proven(ops: Client, workspace: Workspace):
    other = Workspace.objects.create(
        instance=workspace.instance,
        bison_workspace_id=8,
        workspace_name="Client two",
        accounts_state="failed",
    )
    page = text(ops.get("/sources/bison/maverick?state=open"))
    assert other.workspace_name in page
    assert workspace.workspace_name not in page
    assert "Client one" in text(ops.get("/sources/bison?search=one"))
    assert ops.get("/sources/bison?state=%00x&before=x").status_code in (200, 400)
    assert ops.get("/sources/bison/nothing").status_code == 404


# --- The API, and what it costs -------------------------------------------------------------------
def test_the_api_says_the_same(
    northwind: Organization, account: FathomAccount, ceo: Client, contoso: Organization
):
    client = client_of(people.member("CEO", northwind, "second"))
    [row] = client.get("/api/sources").json()
    proof = row["proof"]
    assert (row["slug"], row["kind"], row["state"], row["waiting"]) == (
        "fathom",
        "fathom",
        "whole",
        0,
    )
    assert (proof["atVendor"], proof["here"], proof["leftOut"], proof["missing"]) == (
        200,
        157,
        43,
        0,
    )
    assert proof["failingSince"] is None
    assert proof["checkedAt"]
    assert row["lastSuccessAt"]
    assert client.get(f"/api/sources?organization={contoso.pk}").status_code == 404
    for entered in ("", "x", "%00"):
        assert client.get(f"/api/sources?organization={entered}").status_code == 400
    staff = client_of(people.staff())
    assert [row["slug"] for row in staff.get(f"/api/sources?organization={contoso.pk}").json()] == [
        "fathom"
    ]


@pytest.mark.parametrize(
    "path", ["/sources", "/sources/bison/maverick", "/sources/integrations/{}"]
)
def test_the_pages_cost_a_fixed_number_of_queries(
    path: str,
    northwind: Any,
    account: Any,
    shared: Any,
    workspace: Any,
    ops: Client,
    django_assert_max_num_queries: Any,
):
    most = {"/sources": 20, "/sources/bison/maverick": 12, "/sources/integrations/{}": 12}[path]
    for number in range(3):
        Workspace.objects.create(
            instance=instances.create(f"i-{number}", f"I {number}"),
            bison_workspace_id=number,
            workspace_name=str(number),
        )
        values = VendorAccount.objects.create(
            vendor="hubspot", organization_id=northwind.pk, label=str(number)
        )
        Integration.objects.create(
            organization=northwind,
            name=str(number),
            type="CRM",
            provider="HUBSPOT",
            account=values,
            is_shared=True,
        )
    ops.get(path.format(shared.pk))
    with django_assert_max_num_queries(most):
        ops.get(path.format(shared.pk))
