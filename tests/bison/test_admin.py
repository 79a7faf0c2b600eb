"""Email Bison in the management portal: keys go in and never out, acts are the services',
each with its permission.
"""

import pytest
from django.contrib.admin.utils import quote
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bison.models import Instance, Onboarding, Suppression, Workspace
from core import vendors
from core.models import AuditEvent, Run
from core.signin import roles
from tests.bison import cast
from tests.bison.stand_in import ASPEN, BIRCHWOOD, COBALT, BisonVendor
from tests.support.people import person, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(client):
    client.force_login(person(is_staff=True, is_superuser=True), backend="core.signin.Backend")
    return client


def act(client: Client, page: str, name: str, *rows):
    data = {"action": name, "_selected_action": [str(row.pk) for row in rows], "index": "0"}
    answer = client.post(f"/admin/bison/{page}/", data, follow=True)
    return [str(message) for message in answer.context["messages"]]


def recorded(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


def test_an_instance_is_added_and_gets_its_keys_on_a_page_of_their_own(
    chief: Client, bison_vendor: BisonVendor
):
    chief.post("/admin/bison/instance/add/", {"slug": "maverick", "name": "Maverick"}, follow=True)
    made = Instance.objects.get()
    entered = {
        "base_url": bison_vendor.url(),
        "super_admin_key": bison_vendor.admin(),
        "backup_key": "",
    }
    answer = chief.post(f"/admin/bison/instance/{made.pk}/keys/", entered, follow=True)
    assert [str(message) for message in answer.context["messages"]] == [
        "Saved, and the connection works."
    ]
    assert vendors.current(made.account).secret("super_admin_key").reveal() == bison_vendor.admin()
    for page in ("keys", "change"):
        text = chief.get(f"/admin/bison/instance/{made.pk}/{page}/").content.decode()
        assert bison_vendor.admin() not in text
        assert "****..." in text
    assert recorded("key.changed") == 1


def test_what_the_service_refuses_stands_under_its_field_and_nothing_is_stored(chief, bison_vendor):
    instance = cast.instance(bison_vendor)
    before = recorded("key.changed")
    entered = {"base_url": bison_vendor.url(), "super_admin_key": "not a key", "backup_key": ""}
    answer = chief.post(f"/admin/bison/instance/{instance.pk}/keys/", entered)
    assert answer.status_code == 200
    assert "super_admin_key" in answer.context["form"].errors
    assert "not a key" not in answer.content.decode()
    assert recorded("key.changed") == before


def test_a_workspaces_key_is_entered_and_one_of_another_workspace_is_refused(chief, bison_vendor):
    workspace = cast.workspace(cast.instance(bison_vendor), ASPEN)
    page = f"/admin/bison/workspace/{workspace.pk}/key/"
    wrong = {
        "api_key": bison_vendor.key(BIRCHWOOD),
        "api_key_name": "",
        "api_key_type": "workspace",
    }
    answer = chief.post(page, wrong)
    assert "api_key" in answer.context["form"].errors
    workspace.refresh_from_db()
    assert workspace.bison_api_key is None
    chief.post(page, wrong | {"api_key": bison_vendor.key(ASPEN)})
    workspace.refresh_from_db()
    assert workspace.has_key
    for address in (
        page,
        f"/admin/bison/workspace/{workspace.pk}/change/",
        "/admin/bison/workspace/",
    ):
        assert bison_vendor.key(ASPEN) not in chief.get(address).content.decode()


def test_a_viewer_reads_masks_and_gets_neither_pages_for_keys_nor_acts(client, bison_vendor):
    instance = cast.instance(bison_vendor)
    workspace = cast.workspace(instance, ASPEN, bison_vendor)
    client.force_login(staff(roles.OPERATIONS_VIEWER), backend="core.signin.Backend")
    for page in (f"workspace/{workspace.pk}/key/", f"instance/{instance.pk}/keys/"):
        assert client.get(f"/admin/bison/{page}").status_code == 403
        assert client.post(f"/admin/bison/{page}", {"api_key": "1|x"}).status_code == 403
    assert client.post("/admin/bison/workspace/export/").status_code == 403
    text = client.get(f"/admin/bison/workspace/{workspace.pk}/change/").content.decode()
    assert 'name="action"' not in text
    assert bison_vendor.key(ASPEN) not in text
    act(client, "workspace", "revoke_key", workspace)
    workspace.refresh_from_db()
    assert workspace.has_key


def test_each_act_needs_its_own_permission(client, bison_vendor):
    workspace = cast.workspace(cast.instance(bison_vendor), ASPEN, bison_vendor)
    someone = staff(roles.OPERATIONS_VIEWER)
    someone.user_permissions.add(Permission.objects.get(codename="test_workspace"))
    client.force_login(someone, backend="core.signin.Backend")
    [answer] = act(client, "workspace", "test", workspace)
    assert answer.startswith("Aspen Labs: ")
    act(client, "workspace", "revoke_key", workspace)
    act(client, "workspace", "require_own_key", workspace)
    workspace.refresh_from_db()
    assert workspace.has_key
    assert not workspace.requires_workspace_key


def test_an_instance_is_tested_searched_and_put_on_its_backup_key(chief, bison_vendor):
    instance = cast.instance(bison_vendor)
    assert act(chief, "instance", "test", instance)[0].startswith("Maverick: ")
    act(chief, "instance", "discover", instance)
    assert (
        Run.objects.get(kind="bison.discover").subject_id == str(instance.pk)
        or Run.objects.count() == 1
    )
    act(chief, "instance", "use_backup_key", instance)
    assert vendors.current(instance.account.__class__.objects.get()).text("active_key") == "backup"
    page = chief.get(f"/admin/bison/instance/{instance.pk}/change/").content.decode()
    assert 'value="use_main_key"' in page
    assert 'value="use_backup_key"' not in page


def test_keys_are_made_revoked_and_required(chief, bison_vendor):
    workspace = cast.workspace(cast.instance(bison_vendor), COBALT)
    act(chief, "workspace", "generate_key", workspace)
    workspace.refresh_from_db()
    assert workspace.has_key
    act(chief, "workspace", "revoke_key", workspace)
    act(chief, "workspace", "require_own_key", workspace)
    workspace.refresh_from_db()
    assert (workspace.bison_api_key_status, workspace.requires_workspace_key) == ("revoked", True)
    assert (
        recorded("bison.key_made"),
        recorded("bison.key_revoked"),
        recorded("bison.workspace_changed"),
    ) == (1, 1, 1)
    [answer] = act(chief, "workspace", "check_webhook", workspace)
    assert answer == (
        "Cobalt Dental: This workspace requires a key of its own, and has none. Have one "
        "made, or enter it."
    )
    act(chief, "workspace", "allow_shared_key", workspace)
    workspace.refresh_from_db()
    assert not workspace.requires_workspace_key


def test_several_keys_are_made_by_a_run_and_accounts_are_synced_by_one(chief, bison_vendor):
    instance = cast.instance(bison_vendor)
    chosen = [cast.workspace(instance, number) for number in (ASPEN, COBALT)]
    act(chief, "workspace", "generate_key", *chosen)
    run = Run.objects.get(kind="bison.generate_keys")
    assert sorted(run.parameters["workspaces"]) == sorted(str(each.pk) for each in chosen)
    act(chief, "workspace", "sync_accounts", *chosen)
    run = Run.objects.get(kind="bison.email_accounts")
    assert (run.parameters["workspaces"], run.trigger) == (["Aspen Labs", "Cobalt Dental"], "admin")


def test_a_person_waits_for_ten_workspaces_at_most(chief, bison_vendor):
    instance = cast.instance(bison_vendor)
    chosen = [cast.workspace(instance, number) for number in range(2, 13)]
    asked = len(bison_vendor.calls())
    assert act(chief, "workspace", "test", *chosen) == ["Choose at most 10 rows for this."]
    assert len(bison_vendor.calls()) == asked


def test_an_entry_is_changed_by_the_service_and_its_name_is_not(chief, bison_vendor):
    workspace = cast.workspace(cast.instance(bison_vendor), ASPEN, bison_vendor)
    sent = {
        "organization": "",
        "requires_workspace_key": "on",
        "api_notes": "Call first",
        "workspace_name": "Other",
    }
    chief.post(f"/admin/bison/workspace/{workspace.pk}/change/", sent)
    workspace.refresh_from_db()
    assert (workspace.workspace_name, workspace.api_notes, workspace.requires_workspace_key) == (
        "Aspen Labs",
        "Call first",
        True,
    )
    assert recorded("bison.workspace_changed") == 1
    assert workspace.has_key


def test_the_registry_is_exported_with_masks(chief, bison_vendor):
    instance = cast.instance(bison_vendor)
    cast.workspace(instance, ASPEN, bison_vendor)
    cast.workspace(instance, COBALT)
    assert 'action="export/?' in chief.get("/admin/bison/workspace/").content.decode()
    content = b"".join(
        chief.post("/admin/bison/workspace/export/?q=Aspen").streaming_content
    ).decode()
    assert [line.split(",")[0] for line in content.splitlines()] == ["workspace_name", "Aspen Labs"]
    assert bison_vendor.key(ASPEN) not in content
    assert recorded("export.made") == 1


def test_suppressions_are_applied_and_read_back_and_checklists_probed(chief, bison_vendor):
    workspace = cast.workspace(cast.instance(bison_vendor), ASPEN, bison_vendor)
    row = Suppression.objects.create(value="a@example.com", kind="address")
    act(chief, "suppression", "apply", row)
    act(chief, "suppression", "read_back", row)
    assert set(Run.objects.values_list("kind", flat=True)) == {
        "bison.suppress",
        "bison.check_suppressions",
    }
    checklist = Onboarding.objects.create(workspace=workspace)
    act(chief, "onboarding", "probe", checklist)
    checklist.refresh_from_db()
    assert checklist.api_key_tested


def test_the_home_page_counts_health_and_coverage(chief, client, bison_vendor):
    cache.clear()
    assert "There is no workspace yet." in chief.get("/admin/").content.decode()
    instance = cast.instance(bison_vendor)
    cast.workspace(instance, ASPEN, bison_vendor, api_health_status="healthy")
    cast.workspace(instance, COBALT, api_health_status="failing", webhook_drift={"what": "missing"})
    with CaptureQueriesContext(connection) as queries:
        page = chief.get("/admin/").content.decode()
    asked = [query["sql"] for query in queries if "client_registry" in query["sql"]]
    assert len(asked) == 3
    text = " ".join(page.split())
    assert "1 of 2 with a key of their own (50 %)" in text
    assert "1 webhook is otherwise than it should be." in text
    client.force_login(staff(roles.AUDITOR), backend="core.signin.Backend")
    assert "k-bison" not in client.get("/admin/").content.decode()


def test_no_page_of_a_row_shows_a_secret(chief, bison_vendor):
    workspace = cast.workspace(cast.instance(bison_vendor), ASPEN, bison_vendor)
    secret = "whk-0123456789abcdef0123456789abcdef"
    workspace.bison_webhook_secret = secret
    workspace.next_api_key = "99|the-next-key-0123456789"
    workspace.save(update_fields=["bison_webhook_secret", "next_api_key"])
    text = chief.get(f"/admin/bison/workspace/{workspace.pk}/change/").content.decode()
    assert secret not in text
    assert "the-next-key" not in text


def test_a_checklist_has_its_page_whatever_its_workspace_is_called(
    chief: Client, bison_vendor: BisonVendor
):
    workspace = cast.workspace(cast.instance(bison_vendor), 3)
    Workspace.objects.filter(pk=workspace.pk).update(workspace_name="Aspen/Birch_2 & “Co”")
    row = Onboarding.objects.create(workspace=Workspace.objects.get())
    address = reverse("admin:bison_onboarding_change", args=[quote(row.pk)])
    assert "Aspen/Birch_2 &amp; “Co”" in chief.get(address).content.decode()
    (message,) = act(chief, "onboarding", "probe", row)
    assert "Aspen/Birch_2 & “Co”" in message
