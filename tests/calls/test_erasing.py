"""A person planted in every place is found nowhere after their erasure, and no sync and no file brings them back."""

import json
import zlib
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from tablib import Dataset

from bison.models import Reply
from bison.syncs import replies
from calls.models import Call, CallComment, GuestInvitation, MeetingMail, Recording, Transcript
from core import runs
from core.models import AuditEvent, IdempotencyKey, Incident, IncidentNote, Run
from core.privacy import Person, places
from core.runs import lifecycle
from core.signin.sessions import SessionStore
from crm import services
from crm.imports import LeadResource
from crm.models import Contact, ErasedAddress, Erasure, Lead, PersonExport
from crm.privacy import erasing, exporting, returning
from crm.services import merging
from fathom_sync.meetings import storing
from fathom_sync.models import FathomAccount, FathomMeeting
from integrations.models import ContactLink, Event
from tests.calls import recorded
from tests.support import bison_rows, canaries, integration_rows
from tests.support import rows as log_rows
from tests.support.sandbox import Sandbox
from tests.support.world import World

pytestmark = pytest.mark.django_db
ADDRESS = "Zuleika.Quennell@canary.example"
NAME = "Zuleika Quennell"
PHONE = "+31 6 9182 7364"
CANARIES = {"address": ADDRESS, "lower": ADDRESS.lower(), "name": NAME, "phone": PHONE, "digits": "31691827364"}


@pytest.fixture
def world() -> World:
    return World()


def erase(organization: Any, actor: Any = None, email: str = ADDRESS) -> Erasure:
    erasure, started = erasing.ask(organization=organization, email=email, again=email, actor=actor)
    runs.execute(started.run.pk)
    erasure.refresh_from_db()
    return erasure


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
            "default_summary": {"markdown_formatted": f"{NAME} ({ADDRESS}) asks for a call at {PHONE}"},
            "transcript": [{"speaker": {"display_name": NAME}, "text": f"I am {NAME}", "timestamp": "00:00:01"}],
        }
    ).encode()


def account(world: World) -> FathomAccount:
    return FathomAccount.objects.get_or_create(organization=world.organization)[0]


def reply(number: int = 5) -> dict[str, Any]:
    words = {"from_name": NAME, "from_email_address": ADDRESS, "subject": f"Re: {NAME}", "text_body": PHONE}
    return {"id": number, "lead_id": 9, "interested": True, "date_received": "2026-11-02T10:00:00Z", **words}


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
    Event.objects.create(organization=world.organization, name="lead.created", data=fact, created_at=timezone.now())
    incident = log_rows._incident(1)
    Incident.objects.filter(pk=incident.pk).update(
        facts={"who": NAME, "mail": f"<{ADDRESS}>\n"}, organization_id=world.organization.pk
    )
    IncidentNote.objects.create(incident=incident, kind="worsened", at=timezone.now(), text=f"call {PHONE}")
    Run.objects.create(
        kind="canary", organization_id=world.organization.pk, evidence={"preview": [f"line\n{ADDRESS}"]}, state="failed"
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


def places_with_them() -> list[str]:
    kept = [*canaries.database(), *canaries.in_redis()]
    return sorted({f"{place}: {name}" for name, place in canaries.look(CANARIES, kept)})


def sessions_with_them() -> int:
    kept = [SessionStore(row.session_key).decode(row.session_data) for row in Session.objects.all()]
    return sum(1 for each in kept if ADDRESS in str(each))


def raw_with_them() -> int:
    kept = [zlib.decompress(bytes(row.raw)).decode() for row in FathomMeeting.objects.exclude(raw=None)]
    return sum(1 for text in kept if ADDRESS in text or NAME in text)


def test_a_person_planted_everywhere_is_found_nowhere_and_does_not_come_back(world: World, vendors: Sandbox) -> None:
    plant(world, vendors)
    assert len(places_with_them()) > 15
    erasure = erase(None, world.users["ADMIN"])
    assert (erasure.left, str(erasure.state)) == ({}, "done")
    assert places_with_them() == []
    assert (raw_with_them(), sessions_with_them(), IdempotencyKey.objects.count()) == (0, 0, 0)
    assert erasure.known is None
    assert erasure.address_hash == erasing.marks.hash_of(ADDRESS.lower(), None)
    assert erasure.places["crm_lead"]["redacted"] == 1
    assert erasure.places["crm_contact"]["erased"] == 1
    call = Call.objects.get(external_id="77")
    assert (call.title, call.summary, call.lead) == ("", "", None)
    assert not Transcript.objects.filter(call=call).exists()
    assert Recording.objects.get(call=call).deleted_at is not None
    assert Reply.objects.count() == 1
    world.call.refresh_from_db()
    assert world.call.summary == "They spoke of [erased], [erased]."

    # The syncs again.
    stored = storing.store_pushed(account(world), meeting(world))
    assert stored.outcomes == {"duplicate": 1}
    changed = storing.store_pushed(account(world), meeting(world).replace(b"Intro", b"Second intro"))
    assert changed.outcomes == {"skipped_erased": 1}
    assert storing.store_pushed(account(world), meeting(world, 78)).outcomes == {"skipped_erased": 1}
    workspace = Reply.objects.get().workspace
    again = replies.store_reply(workspace, reply(), source=Reply.Source.SYNC)
    fresh = replies.store_reply(workspace, reply(6), source=Reply.Source.WEBHOOK)
    assert (again.outcomes["left_out_erased"], fresh.outcomes["left_out_erased"]) == (1, 1)
    report = LeadResource(world.organization).import_data(Dataset([NAME, ADDRESS], headers=["name", "email"]))
    assert report.invalid_rows or report.rows[0].validation_error is not None
    assert places_with_them() == []
    assert raw_with_them() == 0


def test_an_organization_erases_nothing_of_another(world: World, vendors: Sandbox) -> None:
    other = World("Elsewhere", prefix="-e")
    for each in (world, other):
        services.create_lead(organization=each.organization, name=NAME, email=ADDRESS, phone=PHONE)
    erasure = erase(world.organization, world.users["CEO"])
    assert str(erasure.state) == "done"
    assert [lead.organization_id for lead in Lead.objects.filter(name=NAME)] == [other.organization.pk]
    assert erasure.places["crm_lead"] == {"found": 1, "erased": 1, "redacted": 0}
    assert not returning.is_erased(other.organization.pk, ADDRESS)


def test_an_attempt_that_was_killed_goes_on_where_it_stood(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    services.create_lead(organization=world.organization, name=NAME, email=ADDRESS, phone=PHONE)
    world.call.summary = f"Of {NAME}"
    world.call.save()
    erasure, started = erasing.ask(organization=world.organization, email=ADDRESS, again=ADDRESS)
    with lifecycle.work(started.run.pk) as work:
        person = erasing._gathered(Erasure.objects.get(pk=erasure.pk))
        returning.mark(erasure.organization_id, {person.address})
        erasing._work_steps(work, erasure, person, lambda step: step.order <= 60)
        work.put_back()
        assert not Lead.objects.filter(name=NAME).exists()
    Run.objects.filter(pk=started.run.pk).update(state="queued", waits_until=None)
    runs.execute(started.run.pk)
    erasure.refresh_from_db()
    world.call.refresh_from_db()
    assert (str(erasure.state), world.call.summary) == ("done", "Of [erased]")
    assert erasure.places["crm_lead"]["found"] == 1


def test_whoever_enters_them_by_hand_brings_them_back(world: World) -> None:
    erase(world.organization)
    assert returning.is_erased(world.organization.pk, ADDRESS)
    services.create_lead(organization=world.organization, name=NAME, email=ADDRESS)
    assert not returning.is_erased(world.organization.pk, ADDRESS)
    assert AuditEvent.objects.filter(action="erasure.lifted").count() == 1
    erase(None)
    assert returning.is_erased(world.organization.pk, ADDRESS)
    services.create_lead(organization=world.organization, name=NAME, email=ADDRESS)
    assert not returning.is_erased(world.organization.pk, ADDRESS)
    assert ErasedAddress.objects.count() == 2


def test_it_is_asked_twice_and_not_of_somebody_who_signs_in(world: World) -> None:
    with pytest.raises(ValidationError):
        erasing.ask(organization=world.organization, email=ADDRESS, again="other@canary.example")
    with pytest.raises(erasing.asking.StillBelongs):
        erasing.ask(organization=world.organization, email=world.rep.email, again=world.rep.email)
    assert not Erasure.objects.exists()


def test_an_export_holds_what_the_organization_has_and_no_more(world: World) -> None:
    other = World("Elsewhere", prefix="-e")
    services.create_lead(organization=world.organization, name=NAME, email=ADDRESS, phone=PHONE)
    services.create_lead(organization=other.organization, name="Another Spelling", email=ADDRESS)
    export, started = exporting.ask(organization=world.organization, email=ADDRESS, actor=world.users["CEO"])
    runs.execute(started.run.pk)
    export = PersonExport.objects.get(pk=export.pk)
    content = (exporting.read(export, actor=world.users["CEO"]) or b"").decode()
    assert NAME in content
    assert PHONE in content
    assert "Another Spelling" not in content
    assert "crm_lead" in export.places
    PersonExport.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    assert exporting.read(PersonExport.objects.get(), actor=None) is None
    assert exporting.forget() == 1


def test_every_table_with_text_says_what_becomes_of_people() -> None:
    assert [label for label in places.undeclared() if label.partition(".")[0] not in ("probe", "toy")] == []


@pytest.mark.parametrize(
    ("text", "names_them"),
    [
        ("mail an@x.nl.", True),
        ("AN@X.NL", True),
        ("jan@x.nl", False),
        ("me.an@x.nl", False),
        ('{"t": "line\\\\nan@x.nl"}', True),
        ("?to=an%40x.nl&x", True),
        ("an@x.nl-old.example", False),
    ],
)
def test_an_address_is_found_in_every_way_that_it_is_written_and_in_no_longer_one(text: str, names_them: bool) -> None:
    assert Person("an@x.nl").is_in(text.replace("\\\\", "\\")) is names_them
