"""An erasure as somebody tries it who did not build it: people who are known by little, or by what
is another's too; what goes wrong amid it; and what another organization would lose by it.
"""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from calls.models import CallParticipant, Transcript
from core import runs
from core.models import ApiCall, IdempotencyKey, InboundEvent, Run
from crm import services
from crm.models import Contact, Erasure, Lead, PersonExport
from crm.privacy import asking, erasing, exporting, returning
from crm.services import merging
from tests.calls import recorded
from tests.support import rows as log_rows
from tests.support.person_plants import ADDRESS, NAME, PHONE, erase
from tests.support.sandbox import Sandbox
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def other(world: World) -> World:
    return World("Elsewhere", prefix="-e")


def known(world: World, name: str = NAME, **values: Any) -> Lead:
    values = {"email": ADDRESS, "phone": PHONE} | values
    return services.create_lead(organization=world.organization, name=name, **values)


def noted(words: str, **values: Any) -> ApiCall:
    """Have a line of a log that says this."""
    log_rows.api_calls(1, error_message=words, **values)
    return ApiCall.objects.latest("created_at")


def says(row: ApiCall) -> str:
    row.refresh_from_db()
    return row.error_message


# --- What they are known by -----------------------------------------------------------------------


def test_a_call_in_which_only_the_lead_says_who_it_was_loses_its_words(world: World) -> None:
    call = world.call
    call.lead, call.summary = known(world), "They want a discount."
    call.save()
    Transcript.objects.update_or_create(call=call, defaults={"text": "I want a discount"})
    assert not CallParticipant.objects.filter(call=call, email__iexact=ADDRESS).exists()
    erase(None)
    call.refresh_from_db()
    assert (call.summary, call.lead) == ("", None)
    assert not Transcript.objects.filter(call=call).exists()


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Zoé Müllér-Ångström", "zoé müllér-ångström"),
        ("Zoé Müllér-Ångström", "ZOÉ MÜLLÉR-ÅNGSTRÖM"),
        ("Zoé Müllér-Ångström", "Zoe\u0301 Mu\u0308lle\u0301r-A\u030angstro\u0308m"),
        ("Zoe\u0301 Mu\u0308ller", "Zoé Müller"),
        ("Zoé Müllér-Ångström", "Zoe Muller-Angstrom"),
        ("Zuleika  Quennell", "Zuleika Quennell"),
        ("Zuleika Quennell", "Zuleika  Quennell"),
        ("Zuleika Quennell", "Zuleika\nQuennell"),
        ("Zuleika Quennell", "Zuleika\u00a0Quennell"),
    ],
)
def test_a_name_is_found_in_each_way_that_it_is_written(
    world: World, name: str, written: str
) -> None:
    known(world, name)
    row = noted(f"Not stored: {written}.")
    erase(None)
    assert says(row) == "Not stored: [erased]."


@pytest.mark.parametrize(
    ("phone", "written"),
    [
        (PHONE, "+31691827364"),
        (PHONE, "0031691827364"),
        (PHONE, "+31-6-9182-7364"),
        (PHONE, "+31 (6) 9182.7364"),
        (PHONE, "06 9182 7364"),
        (PHONE, "0691827364"),
        ("0031 6 9182 7364", "+31691827364"),
    ],
)
def test_a_number_is_found_in_the_usual_ways_that_it_is_written(
    world: World, phone: str, written: str
) -> None:
    known(world, phone=phone)
    row = noted(f"No answer from {written}, twice")
    erase(None)
    assert says(row) == "No answer from [erased], twice"


def test_what_is_another_persons_too_stays_theirs(world: World) -> None:
    known(world)
    colleague = known(world, "Bob Colleague", email="bob@canary.example")
    services.create_contact(
        organization=world.organization, name="Carol Colleague", phone="+31-6-91827364"
    )
    erase(None)
    colleague.refresh_from_db()
    assert (colleague.name, colleague.email, colleague.phone) == (
        "Bob Colleague",
        "bob@canary.example",
        PHONE,
    )
    assert Contact.objects.get(name="Carol Colleague").phone == "+31-6-91827364"


# --- Whose they are -------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["rep", "user"])
def test_somebody_of_the_house_is_not_erased_by_a_plus_either(world: World, who: str) -> None:
    address = world.rep.email if who == "rep" else world.users["CLOSER"].email
    name, _at, domain = address.partition("@")
    for email in (f"{name}+x@{domain}", f"{name.upper()}@{domain}", f" {address} "):
        with pytest.raises(asking.StillBelongs):
            erasing.ask(organization=world.organization, email=email, again=email)
    assert not Erasure.objects.exists()


def test_an_address_of_the_house_is_nobody_elses_spelling(world: World) -> None:
    """A colleague who was merged with them by mistake stays who they are."""
    lead = known(world)
    mistaken = known(world, "Rep by mistake", email=world.rep.email, phone="")
    merging.merge_people(person=lead, other=mistaken, actor=world.users["CEO"])
    row = noted(f"From {world.rep.email}")
    erase(None)
    assert says(row) == f"From {world.rep.email}"
    assert not returning.is_erased(world.organization.pk, world.rep.email)


def test_claiming_the_address_of_another_house_takes_nothing_from_it(
    world: World, other: World
) -> None:
    """Whoever signs in elsewhere keeps sessions, answers and what the installation logged."""
    victim = other.users["CEO"]
    browser = Client()
    browser.force_login(victim)
    session = browser.session
    session["search"] = victim.email
    session.save()
    key = IdempotencyKey(user=victim, key="once", fingerprint="f")
    key.body = f'{{"email": "{victim.email}"}}'
    key.save()
    row = noted(f"From {victim.email}", organization_id=None)
    erase(world.organization, world.users["CEO"], victim.email)
    assert Session.objects.filter(session_key=session.session_key).exists()
    assert IdempotencyKey.objects.filter(pk=key.pk).exists()
    assert says(row) == f"From {victim.email}"


def test_claiming_the_address_of_another_houses_rep_takes_nothing_from_it(
    world: World, other: World
) -> None:
    row = noted(f"From {other.rep.email}", organization_id=None)
    erase(world.organization, world.users["CEO"], other.rep.email)
    assert says(row) == f"From {other.rep.email}"


# --- What goes wrong, and what comes meanwhile ----------------------------------------------------


def test_what_the_storage_did_not_delete_is_deleted_once_it_is_back(
    world: World, vendors: Sandbox, settings: Any
) -> None:
    lead = known(world)
    world.call.lead = lead
    world.call.save()
    made = recorded.made(world.call, state="available", ended_at=timezone.now())
    vendors.fault("s3", "error", status=503)
    erasure = erase(None)
    assert (str(erasure.state), erasure.left) == ("incomplete", {"calls_recording": 1})
    vendors.heal("s3")
    later = timezone.now() + erasing.AGAIN_AFTER * 2
    assert erasing.resume(later) == 1
    assert erasing.resume(later) == 0
    runs.execute(runs_of(erasure)[0])
    erasure.refresh_from_db()
    made.refresh_from_db()
    assert (str(erasure.state), erasure.left, erasure.known) == ("done", {}, None)
    assert made.deleted_at is not None
    assert erasing.resume(later + erasing.AGAIN_AFTER * 30) == 0


def runs_of(erasure: Erasure) -> list[Any]:
    found = Run.objects.filter(subject_id=erasure.pk).order_by("-created_at")
    return list(found.values_list("pk", flat=True))


def test_a_delivery_that_waits_is_not_worked_without_them(world: World) -> None:
    log_rows.deliveries(
        1, event_data={"who": ADDRESS, "text": "a secret"}, processing_status="pending"
    )
    erase(None)
    event = InboundEvent.objects.get()
    assert (str(event.processing_status), event.event_data) == ("ignored", {"erased": True})


def test_files_that_were_made_of_them_go_whoever_asked(world: World, other: World) -> None:
    for each in (world, other):
        known(each)
        _export, started = exporting.ask(
            organization=each.organization, email=ADDRESS, actor=each.users["CEO"]
        )
        runs.execute(started.run.pk)
    exporting.ask(organization=world.organization, email="other+x@else.example")
    erase(None)
    assert [export.content for export in PersonExport.objects.all()] == [None]


def test_a_file_that_is_being_made_is_not_kept_after_the_erasure(world: World) -> None:
    known(world)
    export, _started = exporting.ask(organization=world.organization, email=ADDRESS)
    read = PersonExport.objects.get(pk=export.pk)
    erase(world.organization)
    assert not PersonExport.objects.exists()
    read.content = "what was gathered before"
    assert exporting.keep(read) is False
    assert not PersonExport.objects.exists()
