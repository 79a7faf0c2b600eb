"""The checklist of a new client: proved item by item, and open again once a proof is lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bison import onboarding
from bison.models import Onboarding, Workspace, WorkspaceResult
from core.ids import uuid7
from core.models import Run
from core.signin import roles
from tests.bison import cast
from tests.support.people import assert_error, client_of, staff

pytestmark = pytest.mark.usefixtures("no_calls_stay")
SECRET = "an-unguessable-part-of-an-address"
PATH = "/api/bison/onboarding"


@pytest.fixture
def bare(db, bison_vendor):
    return cast.workspace(cast.instance(bison_vendor), 3)


def give_key(workspace, bison_vendor, number=3):
    workspace.bison_api_key = bison_vendor.key(number)
    workspace.bison_api_key_type = Workspace.KeyType.WORKSPACE
    workspace.bison_api_key_status = Workspace.KeyStatus.ACTIVE
    workspace.save()


def give_secret(workspace):
    workspace.bison_webhook_secret = SECRET
    workspace.webhook_token_hash = "a" * 64
    workspace.save()


def register(bison_vendor, url=f"https://koppel.example/api/webhooks/bison/{SECRET}"):
    body = {"name": "Koppel", "url": url, "events": ["lead_replied"]}
    status, _answer = bison_vendor.ask(
        "/webhook-url", bison_vendor.key(3), method="POST", body=body
    )
    assert status == 201


def sync(workspace, state="complete", kind="email_accounts"):
    WorkspaceResult.objects.create(
        run=Run.objects.create(id=uuid7(), kind="bison.sync"),
        workspace=workspace, kind=kind, state=state, finished_at=timezone.now(),
    )  # fmt: skip


@pytest.fixture
def complete(bare, bison_vendor):
    give_key(bare, bison_vendor)
    give_secret(bare)
    register(bison_vendor)
    Workspace.objects.update(bison_webhook_last_received_at=timezone.now())
    sync(bare)
    bare.refresh_from_db()
    return bare


def test_nothing_is_proved_at_first_and_every_item_says_what_it_waits_for(bare):
    row = onboarding.probe(bare)
    assert row.onboarding_status == "not_started"
    assert onboarding.reasons(row).keys() == set(onboarding.ITEMS)
    assert "no key of its own yet" in onboarding.reasons(row)["api_key_generated"]


def test_each_item_closes_by_its_own_proof(bare, bison_vendor):
    give_key(bare, bison_vendor)
    row = onboarding.probe(bare)
    assert (row.api_key_generated, row.api_key_tested, row.onboarding_status) == (
        True,
        True,
        "in_progress",
    )
    assert row.api_key_validated_at is not None
    give_secret(bare)
    register(bison_vendor, "https://koppel.example/api/webhooks/bison/another-secret")
    row = onboarding.probe(bare)
    assert (row.webhook_secret_generated, row.webhook_url_configured) == (True, False)
    register(bison_vendor)
    assert onboarding.probe(bare).webhook_url_configured
    bare.bison_webhook_last_received_at = timezone.now()
    sync(bare, "incomplete")
    sync(bare, kind="pipeline")
    row = onboarding.probe(bare)
    assert (row.webhook_tested, row.initial_sync_completed) == (True, False)
    sync(bare)
    row = onboarding.probe(bare)
    assert (row.onboarding_status, row.blocked) == ("completed", {})
    assert row.onboarding_completed_at is not None
    first = row.onboarding_completed_at
    assert onboarding.probe(bare).onboarding_completed_at == first


def test_the_key_of_another_workspace_proves_nothing(bare, bison_vendor):
    give_key(bare, bison_vendor, number=4)
    row = onboarding.probe(bare)
    assert (row.api_key_generated, row.api_key_tested, row.onboarding_status) == (
        True,
        False,
        "blocked",
    )
    assert "belongs to another workspace" in onboarding.reasons(row)["api_key_tested"]


def test_a_lost_proof_opens_the_item_again_and_says_so(complete, bison_vendor):
    onboarding.probe(complete)
    assert onboarding.look_at_all() == 0
    bison_vendor.act("revoke", token=bison_vendor.key(3))
    row = onboarding.probe(complete)
    assert (row.api_key_tested, row.onboarding_status, row.onboarding_completed_at) == (
        False,
        "blocked",
        None,
    )
    assert "does not accept the key" in onboarding.reasons(row)["api_key_tested"]
    assert not row.webhook_url_configured
    bison_vendor.act("restore", token=bison_vendor.key(3))
    assert onboarding.probe(complete).onboarding_status == "completed"
    Workspace.objects.update(bison_api_key_status="revoked")
    assert onboarding.look_at_all() == 1
    row = Onboarding.objects.get()
    assert (row.api_key_generated, row.onboarding_status) == (False, "blocked")
    assert "was revoked" in onboarding.reasons(row)["api_key_generated"]


def test_an_expired_key_is_no_proof(complete):
    onboarding.probe(complete)
    Workspace.objects.update(bison_api_key_expires_at=timezone.now() - timedelta(minutes=1))
    assert onboarding.look_at_all() == 1
    assert "has expired" in onboarding.reasons(Onboarding.objects.get())["api_key_generated"]


def test_while_the_vendor_is_down_the_last_answer_stays_and_is_said_to_be_old(
    complete, bison_vendor
):
    validated = onboarding.probe(complete).api_key_validated_at
    bison_vendor.turn(html_500=True)
    row = onboarding.probe(complete)
    assert (row.api_key_tested, row.webhook_url_configured, row.onboarding_status) == (
        True,
        True,
        "completed",
    )
    assert row.api_key_validated_at == validated
    assert "could not be checked just now" in onboarding.reasons(row)["api_key_tested"]


def test_by_hand_only_notes_are_written(complete):
    client = client_of(staff())
    path = f"{PATH}/{complete.pk}"
    assert client.get(path).json()["onboarding_status"] == "not_started"
    refused = client.patch(path, {"api_key_tested": True, "onboarding_status": "completed"})
    fields = assert_error(refused, 400)["fields"]
    assert fields.keys() == {"api_key_tested", "onboarding_status"}
    assert not Onboarding.objects.filter(api_key_tested=True).exists()
    noted = client.patch(path, {"onboarding_notes": "Wait for the DNS."}).json()
    assert (noted["onboarding_notes"], noted["api_key_tested"]) == ("Wait for the DNS.", False)
    probed = client.post(f"{path}/probe").json()
    assert (probed["onboarding_status"], probed["onboarding_notes"]) == (
        "completed",
        "Wait for the DNS.",
    )
    assert SECRET not in str(probed)
    assert [row["workspace_name"] for row in client.get(PATH).json()["results"]] == ["Aspen Labs"]


def test_viewers_look_and_auditors_do_not(complete):
    path = f"{PATH}/{complete.pk}"
    viewer = client_of(staff(roles.OPERATIONS_VIEWER))
    assert viewer.get(path).status_code == 200
    assert_error(viewer.patch(path, {"onboarding_notes": "x"}), 403)
    assert_error(viewer.post(f"{path}/probe"), 403)
    assert_error(client_of(staff(roles.AUDITOR)).get(path), 403)
    assert_error(client_of(staff()).get(f"{PATH}/{uuid7()}"), 404)
