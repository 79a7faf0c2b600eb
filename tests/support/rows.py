"""Rows of each table that the admin lists, many at once."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from calls import library
from calls.models import Call, GuestInvitation, MeetingMail, Recording
from core import audit
from core.ids import uuid7
from core.models import (
    AlertChannel,
    AlertDelivery,
    ApiCall,
    ApiKeyHour,
    ApiSession,
    IdempotencyKey,
    InboundEvent,
    InboundReceipt,
    Incident,
    Run,
    SourceDay,
    SystemSetting,
    User,
    VendorAccount,
    Watch,
)
from crm import services
from crm.models import Appointment, Member, Organization, OrganizationSettings
from fathom_sync.models import FathomAccount, FathomMeeting, LedgerDay, ListedDay
from tests.support.bison_rows import BISON
from tests.support.integration_rows import INTEGRATIONS
from tests.support.people import organization, person


def id_at(moment: datetime) -> uuid.UUID:
    """Make a UUIDv7 as it would have been made then."""
    milliseconds = int(moment.timestamp() * 1000)
    return uuid.UUID(int=(milliseconds << 80) | (uuid7().int & ((1 << 80) - 1)))


def api_calls(count: int, **values: Any) -> list[ApiCall]:
    now = timezone.now()
    return ApiCall.objects.bulk_create(
        ApiCall(
            created_at=now, vendor="fathom", endpoint="/meetings", method="GET", status_code=200,
            response_time_ms=5, success=True, **values,
        )
        for _number in range(count)
    )  # fmt: skip


def deliveries(count: int, **values: Any) -> list[InboundEvent]:
    now = timezone.now()
    common = {
        "received_at": now,
        "next_attempt_at": now,
        "source": "fathom",
        "event_data": {"n": 1},
        **values,
    }
    return InboundEvent.objects.bulk_create(
        InboundEvent(delivery_id=f"d{number}-{uuid.uuid4().hex}", **common)
        for number in range(count)
    )


def audit_rows(count: int) -> None:
    with transaction.atomic():
        for number in range(count):
            audit.record("export.made", actor="test", number=number)


def _each(make: Callable[[int], Any]) -> Callable[[int], None]:
    def many(count: int) -> None:
        for number in range(count):
            make(number)

    return many


def _incident(number: int) -> Incident:
    now = timezone.now()
    return Incident.objects.create(
        cause=uuid.uuid4().hex, title=f"Thing {number}", opened_at=now, last_seen_at=now
    )


def _session(_number: int) -> ApiSession:
    now = timezone.now()
    return ApiSession.objects.create(
        user=person(), refresh_hash="x", rotated_at=now, expires_at=now + timedelta(days=1)
    )


def _alert(number: int) -> AlertDelivery:
    channel = AlertChannel.objects.create(name=f"c{number}", kind="email", target="a@example.org")
    return AlertDelivery.objects.create(
        channel=channel,
        incident=_incident(number),
        transition="opened",
        next_attempt_at=timezone.now(),
    )


def _logged(number: int) -> LogEntry:
    return LogEntry.objects.create(
        user=person(), content_type=ContentType.objects.get_for_model(Incident),
        object_id=str(number), object_repr="x", action_flag=CHANGE,
    )  # fmt: skip


def _task(_number: int) -> PeriodicTask:
    every, _made = IntervalSchedule.objects.get_or_create(every=5, period="minutes")
    return PeriodicTask.objects.create(
        name=uuid.uuid4().hex, task="core.sweep_inbox", interval=every
    )


def _user(_number: int) -> User:
    user = person()
    user.groups.add(Group.objects.get_or_create(name="Auditor")[0])
    return user


def _attempt(model: type[Model]) -> Callable[[int], Any]:
    def make(number: int) -> Any:
        values = (
            {"failures_since_start": 1, "get_data": "", "post_data": ""}
            if model is AccessAttempt
            else {}
        )
        return model._default_manager.create(
            username=f"u{number}-{uuid.uuid4().hex[:6]}",
            ip_address="127.0.0.1",
            http_accept="",
            path_info="/",
            **values,
        )

    return make


def _organization(number: int) -> Organization:
    return organization(f"Organization {number}")


def _settings(number: int) -> OrganizationSettings:
    return OrganizationSettings.objects.create(organization=_organization(number))


def _fathom_account(number: int) -> FathomAccount:
    return FathomAccount.objects.create(organization=_organization(number))


def _appointment(number: int) -> Appointment:
    of, now = _organization(number), timezone.now()
    who = Member.objects.create(organization=of, user=person(), role="CLOSER")
    return services.book_appointment(
        organization=of, lead=services.create_lead(organization=of, name="Lead"), closer=who,
        team=services.create_team(organization=of, name="Team"), starts=now,
        ends=now + timedelta(hours=1), time_zone="Europe/Amsterdam",
    )  # fmt: skip


def _call(number: int) -> Call:
    rep = services.create_rep(
        organization=_organization(number), name="Rep", email=f"c{number}@example.com"
    )
    return library.store_call(
        organization_id=rep.organization_id, source="fathom", external_id=uuid.uuid4().hex,
        rep_id=rep.pk, participants=[{"display_name": "Ada"}],
        transcript=[{"speaker": "Ada", "at": 61, "text": "<b>Hi</b>"}],
    )[0]  # fmt: skip


def _meeting(number: int) -> FathomMeeting:
    call, now = _call(number), timezone.now()
    return FathomMeeting.objects.create(
        recording_id=uuid.uuid4().hex, outcome="imported", call=call, rep=call.rep,
        organization=call.organization, title="Demo", recorder="ada@example.com", day=now.date(),
        as_of=now, raw_hash=b"x" * 16,
    )  # fmt: skip


MAKERS: dict[str, Callable[[int], Any]] = {
    "core.apicall": api_calls,
    "core.inboundevent": deliveries,
    "core.auditevent": audit_rows,
    "core.incident": _each(_incident),
    "core.run": _each(lambda _n: Run.objects.create(kind="k", started_by=person())),
    "core.apikeyhour": _each(
        lambda n: ApiKeyHour.objects.create(
            hour=timezone.now(), vendor="fathom", api_key_used=f"{n:08}", calls=1,
            last_call_at=timezone.now(), run_ids=[],
        )
    ),
    "core.apisession": _each(_session),
    "core.alertdelivery": _each(_alert),
    "core.alertchannel": _each(
        lambda n: AlertChannel.objects.create(name=f"n{n}", kind="email", target="a@example.org")
    ),
    "core.systemsetting": _each(
        lambda _n: SystemSetting.objects.create(
            setting_key=uuid.uuid4().hex, setting_value="v", updated_by=person()
        )
    ),
    "core.user": _each(_user),
    "core.vendoraccount": _each(lambda _n: VendorAccount.objects.create(vendor="toy",
        label=uuid.uuid4().hex)),
    "core.sourceday": _each(
        lambda _n: SourceDay.objects.create(
            source="toy.records", subject_id=uuid.uuid4(), day=timezone.now().date(),
            checked_at=timezone.now()
        )
    ),
    "core.watch": _each(lambda _n: Watch.objects.create(cause=uuid.uuid4().hex)),
    "core.idempotencykey": _each(
        lambda _n: IdempotencyKey.objects.create(user=person(), key="k", fingerprint="f")
    ),
    "core.inboundreceipt": _each(
        lambda _n: InboundReceipt.objects.create(
            key=uuid.uuid4().bytes * 2, event_id=uuid7(), received_at=timezone.now()
        )
    ),
    "crm.organization": _each(_organization),
    "crm.organizationsettings": _each(_settings),
    "crm.member": _each(
        lambda n: Member.objects.create(organization=_organization(n), user=person(), role="CLOSER")
    ),
    "crm.team": _each(lambda n: services.create_team(organization=_organization(n), name="Team")),
    "crm.salesrep": _each(
        lambda n: services.create_rep(organization=_organization(n), name="Rep",
                                      email=f"r{n}@example.com")
    ),
    "crm.lead": _each(lambda n: services.create_lead(organization=_organization(n), name="Lead")),
    "crm.contact": _each(lambda n: services.create_contact(organization=_organization(n),
        name="Contact")),
    "crm.appointment": _each(_appointment),
    "calls.call": _each(_call),
    "calls.recording": _each(lambda n: Recording.objects.create(call=_call(n), state="failed",
        reason="It ended")),
    "calls.guestinvitation": _each(
        lambda n: GuestInvitation.objects.create(appointment=_appointment(n),
            token_hash=uuid.uuid4().hex)
    ),
    "calls.meetingmail": _each(
        lambda n: MeetingMail.objects.create(
            appointment=_appointment(n), kind="invited", email=f"m{n}@example.com",
            next_attempt_at=timezone.now()
        )
    ),
    "fathom_sync.fathomaccount": _each(_fathom_account),
    "fathom_sync.fathommeeting": _each(_meeting),
    "fathom_sync.ledgerday": _each(
        lambda n: LedgerDay.objects.create(
            rep=services.create_rep(organization=_organization(n), name="Rep",
                                    email=f"l{n}@example.com"),
            day=timezone.now().date(), at_vendor=1, here=1, checked_at=timezone.now(),
        )
    ),
    "fathom_sync.listedday": _each(
        lambda n: ListedDay.objects.create(
            account=FathomAccount.objects.get_or_create(organization=_organization(n))[0],
            day=timezone.now().date(), names=["1", "2"], walked_at=timezone.now(),
        )
    ),
    "crm.invitation": _each(
        lambda n: services.invite(organization=_organization(n), email=f"i{n}@example.com",
                                  role="CLOSER")
    ),
    "admin.logentry": _each(_logged),
    "django_celery_beat.periodictask": _each(_task),
    "mfa.authenticator": _each(
        lambda _n: Authenticator.objects.create(user=person(), type="totp",
            data={"secret": "sealed"})
    ),
    "axes.accessattempt": _each(_attempt(AccessAttempt)),
    "axes.accesslog": _each(_attempt(AccessLog)),
    "axes.accessfailurelog": _each(_attempt(AccessFailureLog)),
}  # fmt: skip

MAKERS |= BISON
MAKERS |= INTEGRATIONS
