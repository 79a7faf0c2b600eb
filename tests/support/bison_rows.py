"""Rows of each table of Email Bison that the admin lists, many at once."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from bison import instances
from bison.models import (
    Campaign,
    DailyFigures,
    DomainDay,
    EmailAccount,
    ImportedKey,
    Instance,
    LedgerCheck,
    LedgerDay,
    NameTaken,
    Onboarding,
    Reply,
    Runway,
    Suppression,
    SuppressionState,
    Turn,
    Workspace,
    WorkspaceResult,
)
from core.models import Run
from crm import services
from tests.support.people import organization


def _instance() -> Instance:
    return instances.create(f"i-{uuid.uuid4().hex[:12]}", "Instance")


def _workspace(**columns: Any) -> Workspace:
    return Workspace.objects.create(
        instance=_instance(), bison_workspace_id=7, workspace_name=uuid.uuid4().hex,
        bison_api_key="12|abcdefghijklmnopqrstuvwx", bison_api_key_status="active",
        organization=organization("Client"), **columns,
    )  # fmt: skip


def _reply(number: int) -> Reply:
    workspace, now = _workspace(), timezone.now()
    lead = services.create_lead(organization=organization("Client"), name=f"Lead {number}")
    return Reply.objects.create(
        workspace=workspace, vendor_id=uuid.uuid4().hex, from_email="ada@example.com", lead=lead,
        is_interested=True, source="sync", received_at=now, first_seen_at=now, seen_at=now,
    )  # fmt: skip


def _account(number: int) -> EmailAccount:
    workspace, now = _workspace(), timezone.now()
    return EmailAccount.objects.create(
        instance=workspace.instance, workspace=workspace, vendor_id=number,
        email=f"a{number}@example.com", status="connected", first_seen_at=now, seen_at=now,
    )  # fmt: skip


def _campaign(_number: int) -> Campaign:
    now = timezone.now()
    return Campaign.objects.create(
        workspace=_workspace(),
        vendor_id=uuid.uuid4().hex,
        name="Spring",
        first_seen_at=now,
        seen_at=now,
    )


def _suppression() -> Suppression:
    return Suppression.objects.create(value=f"{uuid.uuid4().hex}@example.com", kind="address")


def _day(number: int) -> date:
    return timezone.now().date() - timedelta(days=number)


_ONE_OF_EACH: dict[str, Callable[[int], Any]] = {
    "bison.instance": lambda _n: _instance(),
    "bison.turn": lambda _n: Turn.objects.create(key=uuid.uuid4().hex, until=timezone.now()),
    "bison.workspace": lambda _n: _workspace(),
    "bison.emailaccount": _account,
    "bison.campaign": _campaign,
    "bison.reply": _reply,
    "bison.workspaceresult": lambda _n: WorkspaceResult.objects.create(
        run=Run.objects.create(kind="k"), workspace=_workspace(), kind="email_accounts",
        state="complete", finished_at=timezone.now(),
    ),
    "bison.dailyfigures": lambda n: DailyFigures.objects.create(workspace=_workspace(),
        day=_day(n)),
    "bison.domainday": lambda n: DomainDay.objects.create(workspace=_workspace(),
        domain="a.example", day=_day(n)),
    "bison.runway": lambda _n: Runway.objects.create(workspace=_workspace(),
        computed_at=timezone.now()),
    "bison.ledgerday": lambda n: LedgerDay.objects.create(
        workspace=_workspace(), day=_day(n), checked_at=timezone.now()
    ),
    "bison.importedkey": lambda n: ImportedKey.objects.create(
        run=Run.objects.create(kind="bison.import_keys"), row=n, workspace=_workspace(),
        key="12|abcdefghijklmnopqrstuvwx", fingerprint="f" * 64, outcome="refused", reason="No",
    ),
    "bison.nametaken": lambda n: NameTaken.objects.create(
        workspace=_workspace(), name=f"Client {n}", since=timezone.now()
    ),
    "bison.ledgercheck": lambda _n: LedgerCheck.objects.create(workspace=_workspace()),
    "bison.onboarding": lambda _n: Onboarding.objects.create(workspace=_workspace()),
    "bison.suppression": lambda _n: _suppression(),
    "bison.suppressionstate": lambda _n: SuppressionState.objects.create(
        suppression=_suppression(), workspace=_workspace()
    ),
}  # fmt: skip


def _many(make: Callable[[int], Any]) -> Callable[[int], None]:
    def many(count: int) -> None:
        for number in range(count):
            make(number)

    return many


BISON = {label: _many(make) for label, make in _ONE_OF_EACH.items()}
