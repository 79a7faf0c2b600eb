"""Instances over the API: keys are written and never read, a new one waits until it worked,
the backup is a click.
"""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from bison.models import Instance
from core.models import AuditEvent, VendorSecret
from core.signin import roles
from tests.bison import cast
from tests.bison.stand_in import ASPEN
from tests.support import people
from tests.support.people import assert_error, client_of

BASE = "/api/bison/instances"
WRONG = "999|thisKeyIsWellFormedAndUnknown00000001"


@pytest.fixture
def ops(db, no_calls_stay):
    return client_of(people.staff())


def new(bison_vendor, **values):
    body = {"slug": "maverick", "name": "Maverick", "base_url": bison_vendor.url()}
    return {**body, "super_admin_key": bison_vendor.admin(), **values}


def test_an_instance_is_added_tried_and_shown_masked(ops, bison_vendor):
    answer = ops.post(BASE, new(bison_vendor, backup_key=bison_vendor.backup()))
    row = answer.json()
    assert (answer.status_code, row["connection_status"], row["active_key"]) == (
        201,
        "connected",
        "main",
    )
    assert (row["super_admin_key"], row["backup_key"]) == ("****...00000001", "****...00000002")
    for key in (bison_vendor.admin(), bison_vendor.backup()):
        assert key not in answer.content.decode() + str(list(AuditEvent.objects.values()))
    due = Instance.objects.get().rotation_due_at - timezone.now()
    assert timedelta(days=90) < due <= timedelta(days=91)
    assert ops.get(BASE).json()["results"][0]["slug"] == "maverick"
    assert ops.get(f"{BASE}/{row['id']}").json()["name"] == "Maverick"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "not a slug"),
        ("name", ""),
        ("base_url", "http://169.254.169.254"),
        ("super_admin_key", "nonsense"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field_and_nothing_is_made(
    ops, bison_vendor, field, value
):
    if field == "base_url":
        value = "ftp://nowhere"
    body = assert_error(ops.post(BASE, new(bison_vendor, **{field: value})), 400, "invalid")
    assert list(body["fields"]) == [field]
    assert not Instance.objects.exists()


def test_a_slug_is_taken_once(ops, bison_vendor):
    cast.instance(bison_vendor)
    assert list(assert_error(ops.post(BASE, new(bison_vendor)), 400)["fields"]) == ["slug"]


def test_a_new_key_waits_until_it_works_and_a_mask_keeps_the_stored_one(ops, bison_vendor):
    maverick = cast.instance(bison_vendor)
    path = f"{BASE}/{maverick.pk}"
    waits = ops.patch(path, {"super_admin_key": WRONG}).json()
    assert (waits["waits"], waits["has_next"], waits["super_admin_key"]) == (
        True,
        True,
        "****...00000001",
    )
    maverick.refresh_from_db()
    assert maverick.rotation_due_at is None
    kept = ops.patch(
        path, {"super_admin_key": "****...00000001", "name": "Maverick Marketing"}
    ).json()
    assert kept["name"] == "Maverick Marketing"
    used = ops.patch(path, {"super_admin_key": bison_vendor.backup()}).json()
    assert (used["waits"], used["super_admin_key"]) == (False, "****...00000002")
    maverick.refresh_from_db()
    assert maverick.rotation_due_at is not None
    assert VendorSecret.objects.filter(slot="next").count() == 0


def test_one_click_uses_the_backup_and_another_goes_back(ops, bison_vendor):
    maverick = cast.instance(bison_vendor)
    bison_vendor.turn(revoked=[bison_vendor.admin()])
    switched = ops.post(f"{BASE}/{maverick.pk}/use-key", {"key": "backup"}).json()
    assert (switched["active_key"], switched["connection_status"]) == ("backup", "connected")
    back = ops.post(f"{BASE}/{maverick.pk}/use-key", {"key": "main"}).json()
    assert (back["active_key"], back["connection_status"]) == ("main", "error")
    assert_error(ops.post(f"{BASE}/{maverick.pk}/use-key", {"key": "third"}), 400, "invalid")


def test_without_a_backup_there_is_nothing_to_switch_to(ops, bison_vendor):
    maverick = cast.instance(bison_vendor, backup_key="")
    body = assert_error(
        ops.post(f"{BASE}/{maverick.pk}/use-key", {"key": "backup"}), 400, "invalid"
    )
    assert "no backup key" in body["fields"]["key"][0]
    assert ops.get(f"{BASE}/{maverick.pk}").json()["active_key"] == "main"


@pytest.mark.parametrize("who", ["viewer", "auditor", "CEO"])
def test_whoever_only_looks_changes_nothing(db, bison_vendor, no_calls_stay, who):
    maverick = cast.instance(bison_vendor)
    groups = {"viewer": roles.OPERATIONS_VIEWER, "auditor": roles.AUDITOR}
    user = people.staff(groups[who]) if who in groups else people.member(who, people.organization())
    client = client_of(user)
    calls = len(bison_vendor.calls())
    assert_error(client.post(BASE, new(bison_vendor, slug="other")), 403)
    assert_error(client.patch(f"{BASE}/{maverick.pk}", {"name": "x"}), 403)
    assert_error(client.post(f"{BASE}/{maverick.pk}/use-key", {"key": "backup"}), 403)
    assert_error(client.post(f"{BASE}/{maverick.pk}/discover"), 403)
    assert client.get(f"{BASE}/{maverick.pk}").status_code == (200 if who == "viewer" else 403)
    assert Instance.objects.get().name == "Maverick"
    assert len(bison_vendor.calls()) == calls


def test_stored_keys_go_to_no_other_host(ops, bison_vendor):
    """Who may change the address may not have the keys sent to a server of theirs."""
    maverick = cast.instance(bison_vendor)
    path = f"{BASE}/{maverick.pk}"
    elsewhere = "https://elsewhere.example"
    for sent in ({}, {"super_admin_key": "****...00000001", "backup_key": "****...00000002"}):
        body = assert_error(ops.patch(path, {"base_url": elsewhere, **sent}), 400, "invalid")
        assert sorted(body["fields"]) == ["backup_key", "super_admin_key"]
    assert ops.get(path).json()["base_url"] == bison_vendor.url()
    keys = {"super_admin_key": bison_vendor.admin(), "backup_key": bison_vendor.backup()}
    moved = ops.patch(path, {"base_url": bison_vendor.url("long-run"), **keys})
    assert moved.status_code == 200


def test_only_who_reads_keys_takes_those_of_workspaces_to_another_host(
    bison_vendor, db, no_calls_stay
):
    maverick = cast.instance(bison_vendor)
    cast.workspace(maverick, ASPEN, bison_vendor)
    changer = people.person("changer", is_staff=True)
    changer.user_permissions.set(
        Permission.objects.filter(codename__in=("view_instance", "change_instance"))
    )
    body = {"base_url": "https://elsewhere.example", "super_admin_key": WRONG, "backup_key": ""}
    refused = assert_error(client_of(changer).patch(f"{BASE}/{maverick.pk}", body), 400)
    assert list(refused["fields"]) == ["base_url"]
    assert VendorSecret.objects.filter(slot="next").count() == 0
