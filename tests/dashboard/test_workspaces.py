"""The pages of Email Bison's workspaces: who gets in, what they find,
and what it costs at any number.
"""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bison import instances
from bison.models import Instance, Workspace
from core import incidents
from core.models import User
from core.signin import roles
from tests.support import people

KEYS = "/client-management/api-webhooks"
WEBHOOKS = f"{KEYS}/webhooks"
LOGS = (f"{KEYS}/calls", f"{KEYS}/events")
TABS = (KEYS, WEBHOOKS, f"{KEYS}/runway", f"{KEYS}/suppressions", f"{KEYS}/health")
SECRET = "12|a-key-of-no-value-0123456789abcdef"


@pytest.fixture
def maverick(db) -> Instance:
    return instances.create("maverick", "Maverick")


def workspace(of: Instance, number: int, name: str = "", **columns) -> Workspace:
    name = name or f"Client {number:05}"
    return Workspace.objects.create(
        instance=of, bison_workspace_id=number, workspace_name=name, **columns
    )


def with_key(of: Instance, number: int, **columns) -> Workspace:
    known = {
        "bison_api_key": SECRET,
        "bison_api_key_type": "workspace",
        "bison_api_key_status": "active",
    }
    return workspace(of, number, **{**known, **columns})


@pytest.fixture
def ops(client, db):
    client.force_login(people.staff(), backend="core.signin.Backend")
    return client


def names(response) -> list[str]:
    return re.findall(r'data-drawer="workspace">([^<]+)</a>', response.content.decode())


@pytest.mark.parametrize("address", TABS)
def test_members_do_not_know_of_it_and_auditors_may_not(client, maverick, address):
    found = workspace(maverick, 1)
    for user in people.everybody(people.organization()).values():
        client.force_login(user, backend="core.signin.Backend")
        assert client.get(address).status_code == 404
        assert client.get(f"/client-management/workspaces/{found.pk}").status_code == 404
    client.force_login(people.staff(roles.AUDITOR), backend="core.signin.Backend")
    assert client.get(address).status_code == 403
    assert client.get(f"/client-management/workspaces/{found.pk}").status_code == 403


@pytest.mark.parametrize("address", LOGS)
def test_auditors_read_the_logs_and_members_do_not_know_of_them(client, maverick, address):
    for user in people.everybody(people.organization()).values():
        client.force_login(user, backend="core.signin.Backend")
        assert client.get(address).status_code == 404
    client.force_login(people.staff(roles.AUDITOR), backend="core.signin.Backend")
    page = client.get(address)
    assert page.status_code == 200
    assert re.findall(r'class="tab" href="([^"]+)"', page.content.decode()) == [LOGS[1], LOGS[0]]
    assert client.post(f"{KEYS}/calls/export").status_code == 403


ACTS = (
    "test",
    "key",
    "key/next",
    "key/make",
    "key/revoke",
    "key/leaked",
    "webhook",
    "webhook/act",
    "sync",
    "change",
)


@pytest.mark.parametrize("act", ACTS)
def test_only_staff_who_may_change_press_a_workspaces_buttons(client, maverick, act):
    found = with_key(maverick, 1)
    address = f"/client-management/workspaces/{found.pk}/{act}"
    before = Workspace.objects.values().get(pk=found.pk)
    people.member("CEO", people.organization(), "ceo")
    for user, status in (
        (User.objects.get(username="ceo"), 404),
        (people.staff(roles.AUDITOR), 403),
        (people.staff(roles.OPERATIONS_VIEWER), 403),
    ):
        client.force_login(user, backend="core.signin.Backend")
        assert client.post(address, {"what": "check"}).status_code == status
    after = Workspace.objects.values().get(pk=found.pk)
    assert {name: str(value) for name, value in after.items()} == {
        name: str(value) for name, value in before.items()
    }


def test_a_viewer_looks_and_has_no_button_that_changes(client, maverick):
    found = with_key(maverick, 1)
    client.force_login(people.staff(roles.OPERATIONS_VIEWER), backend="core.signin.Backend")
    page = client.get(KEYS).content.decode()
    whole = client.get(f"/client-management/workspaces/{found.pk}").content.decode()
    assert "****...89abcdef" in page
    for text in (page, whole):
        assert SECRET not in text
        assert 'action="/client-management' not in text


def test_the_list_costs_the_same_at_any_number(ops, maverick):
    costs = []
    for count in (60, 120):
        for number in range(count):
            with_key(maverick, count * 1000 + number)
        for address in (KEYS, f"{KEYS}?view=table", WEBHOOKS):
            with CaptureQueriesContext(connection) as queries:
                assert ops.get(address).status_code == 200
            costs.append(len(queries))
    assert costs[:3] == costs[3:]


def test_a_page_follows_the_other_by_name_and_leads_back(ops, maverick):
    for number in range(120):
        workspace(maverick, number + 1)
    seen, address, page = [], KEYS, ""
    while address:
        page = ops.get(address).content.decode()
        seen += re.findall(r'data-drawer="workspace">(Client [0-9]+)</a>', page)
        following = re.search(r'href="([^"]+)"[^>]*rel="next"', page)
        address = f"{KEYS}{following[1]}".replace("&amp;", "&") if following else ""
    assert seen == [f"Client {number + 1:05}" for number in range(120)]
    back = re.search(r'href="([^"]+)"[^>]*rel="prev"', page)
    assert back is not None
    assert names(ops.get(f"{KEYS}{back[1]}".replace("&amp;", "&")))[0] == "Client 00061"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Fallback", "Own", "Stopped"]),
        ("?search=own", ["Own"]),
        ("?key=own", ["Own"]),
        ("?key=shared", ["Fallback"]),
        ("?key=missing", ["Stopped"]),
        ("?health=failing", ["Stopped"]),
        ("?key_status=active", ["Own"]),
        ("?instance=nowhere", ["Fallback", "Own", "Stopped"]),
        ("?search=gone", ["Gone"]),
        ("?before=x&after=y", ["Fallback", "Own", "Stopped"]),
    ],
)
def test_filters_cut_the_list(ops, maverick, query, expected):
    with_key(maverick, 1, name="Own")
    workspace(maverick, 2, "Fallback")
    workspace(maverick, 3, "Stopped", requires_workspace_key=True, api_health_status="failing")
    workspace(maverick, 4, "Gone", gone_at="2026-01-01T00:00:00Z")
    assert names(ops.get(KEYS + query)) == expected


def test_success_is_never_rounded_up_and_counts_for_its_own_day_alone(ops, maverick):
    today = timezone.now().date()
    workspace(
        maverick, 1, api_total_calls_today=10_000, api_total_errors_today=1, api_counted_on=today
    )
    workspace(
        maverick,
        2,
        api_total_calls_today=500,
        api_total_errors_today=500,
        api_counted_on="2026-01-01",
    )
    page = ops.get(KEYS).content.decode()
    assert "10,000 (99.9 % success)" in page
    assert "None yet" in page


def test_a_workspace_says_when_it_worked_last_and_how_often_it_failed_since(ops, maverick):
    found = with_key(
        maverick, 1, api_last_successful_call_at=timezone.now(), api_consecutive_failures=3
    )
    text = " ".join(ops.get(f"/client-management/workspaces/{found.pk}").content.decode().split())
    assert re.search(r"<dt>Last worked</dt> <dd>\s*<time", text)
    assert "<dt>Failures in a row</dt> <dd>3</dd>" in text


def test_an_instance_is_added_and_its_address_and_keys_come_next(ops):
    answer = ops.post("/client-management/instances", {"name": "Long Run", "slug": "long-run"})
    assert answer["Location"] == "/client-management/instances/long-run"
    assert Instance.objects.get().name == "Long Run"
    again = ops.post("/client-management/instances", {"name": "Another", "slug": "long-run"})
    assert "There is an instance with this slug already." in again.content.decode()
    assert Instance.objects.count() == 1


@pytest.mark.parametrize(
    ("cause", "leads_to"),
    [
        ("bison_instance:maverick", "/client-management/instances/maverick"),
        ("bison_workspace:{workspace}", "/client-management/workspaces/{workspace}"),
        ("bison_key_expiry:{workspace}", "/client-management/workspaces/{workspace}"),
        ("bison_key_expiries:maverick", KEYS),
        ("bison_runway:{workspace}", "/client-management/workspaces/{workspace}"),
        ("bison_runways:maverick", f"{KEYS}/runway"),
        ("bison_webhooks:maverick", WEBHOOKS),
        ("bison_replies:maverick", WEBHOOKS),
        ("bison_suppressions_undone:maverick", f"{KEYS}/suppressions"),
        ("bison_counts:maverick", KEYS),
    ],
)
def test_an_incident_of_email_bison_leads_to_the_page_that_helps(ops, maverick, cause, leads_to):
    found = workspace(maverick, 1)
    incidents.observe(cause.format(workspace=found.pk), ok=False, title="Something is wrong")
    address = leads_to.format(workspace=found.pk)
    assert f'href="{address}"' in ops.get("/").content.decode()
    assert ops.get(address).status_code == 200
