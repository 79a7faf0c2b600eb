"""The trial's Email Bison: both instances, the known keys, webhooks, numbers,
and a few things wrong on purpose.
"""

import pytest

from bison.keys.coverage import coverage
from bison.models import (
    EmailAccount,
    Instance,
    LedgerDay,
    Onboarding,
    Runway,
    Suppression,
    Workspace,
)
from core import runs, vendors
from core.models import AuditEvent, Incident, Run
from sandbox import demo, demo_bison
from sandbox.site import STAND_INS
from tests.bison.stand_in import BisonVendor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def trial(bison_vendor: BisonVendor, monkeypatch: pytest.MonkeyPatch) -> BisonVendor:
    """Set the environment as `make run` does."""
    for name, value in {
        name: value for names in STAND_INS for name, value in names.items()
    }.items():
        if "_BISON_" in name:
            monkeypatch.setenv(name, value.format(vendors=bison_vendor.sandbox.host))
    demo.load("koppel-demo")
    return bison_vendor


def work(run: Run) -> None:
    """Work a run and what it started, as the workers of a trial do."""
    runs.execute(run.pk)
    run.refresh_from_db()


def test_both_instances_are_there_before_anything_is_asked(trial: BisonVendor) -> None:
    assert list(Instance.objects.order_by("slug").values_list("slug", "name")) == [
        ("long-run", "Long Run"),
        ("maverick", "Maverick"),
    ]
    for instance in Instance.objects.select_related("account"):
        values = vendors.current(instance.account)
        assert values.text("base_url") == trial.url(instance.slug)
        assert values.secret("super_admin_key").reveal() == trial.admin(instance.slug)
        assert values.secret("backup_key").reveal() == trial.backup(instance.slug)
    assert trial.calls() == []


def test_an_instance_at_another_address_is_left_alone(
    trial: BisonVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MAVERICK", "LONG_RUN"):
        monkeypatch.setenv(f"{name}_BISON_BASE_URL", "https://send.example.com")

    demo_bison.go_on(work)

    assert not Workspace.objects.exists()
    assert not Run.objects.exists()
    assert trial.calls() == []


def test_the_trial_has_keys_webhooks_numbers_and_things_that_are_wrong(trial: BisonVendor) -> None:
    demo_bison.go_on(work)

    rows = {row.instance: (row.total, row.with_key, row.coverage_percent) for row in coverage()}
    assert rows == {"maverick": (24, 13, 54), "long-run": (11, 6, 55), "TOTAL": (35, 19, 54)}
    assert set(
        Workspace.objects.exclude(organization=None).values_list(
            "instance__slug", "bison_workspace_id"
        )
    ) == (demo_bison.CLIENTS)
    hooked = Workspace.objects.filter(bison_webhook_enabled=True)
    assert set(hooked.values_list("instance__slug", "bison_workspace_id")) == demo_bison.HOOKED
    drifted = {
        row.bison_workspace_id: row.webhook_drift["what"]
        for row in hooked.filter(webhook_drift__isnull=False)
    }
    assert drifted == {6: "events", 4: "missing"}
    refused = Workspace.objects.get(requires_workspace_key=True)
    assert (refused.workspace_name, refused.accounts_state) == ("Workbench Parks", "refused")
    aspen = Workspace.objects.get(workspace_name="Aspen Labs")
    assert (aspen.accounts_in_koppel, aspen.accounts_at_vendor, aspen.accounts_state) == (
        282,
        282,
        "complete",
    )
    assert EmailAccount.objects.filter(gone_at=None).count() > 2_500
    assert LedgerDay.objects.exists()
    assert Runway.objects.exists()
    assert Onboarding.objects.count() == 35
    assert Suppression.objects.count() == len(demo_bison.BLOCKED)
    assert Incident.objects.filter(closed_at=None).exists()
    assert trial.vendor.switched["live"] is True


def test_a_second_start_adds_nothing_and_leaves_alone_what_people_changed(
    trial: BisonVendor,
) -> None:
    demo_bison.go_on(work)
    changed = Workspace.objects.get(workspace_name="Aspen Labs")
    Workspace.objects.filter(pk=changed.pk).update(organization=None)
    before = (
        AuditEvent.objects.filter(
            action__in=("key.changed", "bison.workspace_changed", "bison.suppressed")
        ).count(),
        Run.objects.exclude(kind__in=("bison.health", "bison.webhooks")).count(),
    )
    trial.sandbox.reset()  # as it is after its own start: without our webhooks
    trial.turn(live=False)

    demo.load("koppel-demo")
    demo_bison.go_on(work)

    after = (
        AuditEvent.objects.filter(
            action__in=("key.changed", "bison.workspace_changed", "bison.suppressed")
        ).count(),
        Run.objects.exclude(kind__in=("bison.health", "bison.webhooks")).count(),
    )
    assert after == before
    changed.refresh_from_db()
    assert changed.organization_id is None
    assert (
        Workspace.objects.filter(bison_webhook_enabled=True, webhook_drift__isnull=True).count()
        == 12
    )
    assert len(trial.act("hooks")) == 10
