"""A person in every place where people come to stand, and the search that finds them there."""

import json
import zlib
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from bison.models import Reply
from bison.syncs import replies
from calls.models import Call, CallComment, GuestInvitation, MeetingMail
from core import runs
from core.models import IdempotencyKey, Incident, IncidentNote, Run
from core.signin.sessions import SessionStore
from crm import services
from crm.models import Contact, Erasure, Lead
from crm.privacy import erasing
from crm.services import merging
from fathom_sync.meetings import storing
from fathom_sync.models import FathomAccount, FathomMeeting
from integrations.models import ContactLink, Event
from tests.calls import recorded
from tests.support import bison_rows, canaries, integration_rows
from tests.support import rows as log_rows
from tests.support.sandbox import Sandbox
from tests.support.world import World

ADDRESS = "Zuleika.Quennell@canary.example"
NAME = "Zuleika Quennell"
PHONE = "+31 6 9182 7364"
CANARIES = {
    "address": ADDRESS,
    "lower": ADDRESS.lower(),
    "name": NAME,
    "phone": PHONE,
    "digits": "31691827364",
}


def meeting(world: World, number: int = 77) -> bytes:
    return json.dumps(
        {
            "recording_id": number,
            "title": f"Intro with {NAME}",
            "created_at": "2026-11-02T10:00:00Z",
            "recording_start_time": "2026-11-02T10:00:00Z",
            "recording_end_time": "2026-11-02T10:30:00Z",
            "recorded_by": {"name": world.rep.name, "email": world.rep.email},
            "calendar_invitees": [{"name": NAME, "email": ADDRESS, "is_external": True}],
            "default_summary": {
                "markdown_formatted": f"{NAME} ({ADDRESS}) asks for a call at {PHONE}"
            },
            "transcript": [
                {"speaker": {"display_name": NAME}, "text": f"I am {NAME}", "timestamp": "00:00:01"}
            ],
        }
    ).encode()


def account(world: World) -> FathomAccount:
    return FathomAccount.objects.get_or_create(organization=world.organization)[0]


def reply(number: int = 5) -> dict[str, Any]:
    words = {
        "from_name": NAME,
        "from_email_address": ADDRESS,
        "subject": f"Re: {NAME}",
        "text_body": PHONE,
    }
    return {
        "id": number,
        "lead_id": 9,
        "interested": True,
        "date_received": "2026-11-02T10:00:00Z",
        **words,
    }


def plant(world: World, vendors: Sandbox) -> None:
    """Have them everywhere that people come to stand."""
    of: dict[str, Any] = {"organization": world.organization}
    lead = services.create_lead(name=NAME, email=ADDRESS, phone=PHONE, company="Quennell", **of)
    other = services.create_lead(name="Zuleika Q. Quennell", email="zq@old.example", **of)
    merging.merge_people(person=lead, other=other, actor=world.users["CEO"])
    services.create_contact(name=NAME, email=ADDRESS.upper(), phone=PHONE, lead=lead, **of)
    services.update_lead(lead=lead, company="Quennell Ltd", actor=world.users["CEO"])
    met = world.book(lead=lead)
    met.title, met.cancel_reason = f"With {NAME}", f"{NAME} is ill"
    met.save()
    link = GuestInvitation.objects.create(appointment=met, token_hash="a" * 64, display_name=NAME)
    MeetingMail.objects.create(
        appointment=met, kind="invited", email=ADDRESS, link=link, next_attempt_at=timezone.now()
    )
    storing.store_pushed(account(world), meeting(world))
    services.invite(email=ADDRESS, role="CLOSER", **of)
    call = Call.objects.get(external_id="77")
    CallComment.objects.create(call=call, author=world.users["CEO"], text=f"{NAME} buys")
    world.call.summary = f"They spoke of {NAME}, {ADDRESS}."
    world.call.save()
    recorded.made(call, state="available", ended_at=timezone.now())
    workspace = bison_rows._workspace()
    workspace.organization = world.organization
    workspace.save()
    replies.store_reply(workspace, reply(), source=Reply.Source.SYNC)
    integration = integration_rows.integration()
    integration.organization = world.organization
    integration.save()
    ContactLink.objects.create(
        integration=integration,
        vendor_id="v1",
        contact=Contact.objects.get(organization=world.organization, lead=lead),
        email=ADDRESS.lower(),
        theirs={"name": NAME, "phone": PHONE},
    )
    fact = {"email": ADDRESS, "name": NAME}
    Event.objects.create(
        organization=world.organization, name="lead.created", data=fact, created_at=timezone.now()
    )
    incident = log_rows._incident(1)
    Incident.objects.filter(pk=incident.pk).update(
        facts={"who": NAME, "mail": f"<{ADDRESS}>\n"}, organization_id=world.organization.pk
    )
    IncidentNote.objects.create(
        incident=incident, kind="worsened", at=timezone.now(), text=f"call {PHONE}"
    )
    Run.objects.create(
        kind="canary",
        organization_id=world.organization.pk,
        evidence={"preview": [f"line\n{ADDRESS}"]},
        state="failed",
    )
    log_rows.api_calls(1, error_message=f"GET /leads?email={ADDRESS.replace('@', '%40')}")
    log_rows.deliveries(1, event_data={"data": {"lead": {"email": ADDRESS, "name": NAME}}})
    LogEntry.objects.create(
        user=world.users["CEO"],
        content_type=ContentType.objects.get_for_model(Lead),
        object_id=str(lead.pk),
        object_repr=NAME,
        action_flag=CHANGE,
        change_message=ADDRESS,
    )
    key = IdempotencyKey(user=world.users["CEO"], key="once", fingerprint="f")
    key.body = json.dumps({"email": ADDRESS})
    key.save()
    cache.set("canary-page", f"<li>{NAME} {ADDRESS}</li>")
    browser = Client()
    browser.force_login(world.users["CEO"])
    session = browser.session
    session["search"] = ADDRESS
    session.save()
    assert sessions_with_them() == 1


def erase(organization: Any, actor: Any = None, email: str = ADDRESS) -> Erasure:
    erasure, started = erasing.ask(organization=organization, email=email, again=email, actor=actor)
    runs.execute(started.run.pk)
    erasure.refresh_from_db()
    return erasure


def places_with_them() -> list[str]:
    kept = [*canaries.database(), *canaries.in_redis()]
    return sorted({f"{place}: {name}" for name, place in canaries.look(CANARIES, kept)})


def sessions_with_them() -> int:
    kept = [SessionStore(row.session_key).decode(row.session_data) for row in Session.objects.all()]
    return sum(1 for each in kept if ADDRESS in str(each))


def raw_with_them() -> int:
    kept = [
        zlib.decompress(bytes(row.raw)).decode() for row in FathomMeeting.objects.exclude(raw=None)
    ]
    return sum(1 for text in kept if ADDRESS in text or NAME in text)
