"""A person planted in every place is found nowhere after their erasure, and no sync and no file
brings them back.
"""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from tablib import Dataset

from bison.models import Reply
from bison.syncs import replies
from calls.models import Call, Recording, Transcript
from core import runs
from core.models import AuditEvent, IdempotencyKey, Run
from core.privacy import Person, places
from core.runs import lifecycle
from crm import services
from crm.imports import LeadResource
from crm.models import ErasedAddress, Erasure, Lead, PersonExport
from crm.privacy import erasing, exporting, returning
from fathom_sync.meetings import storing
from tests.support.person_plants import (
    ADDRESS,
    NAME,
    PHONE,
    account,
    erase,
    meeting,
    places_with_them,
    plant,
    raw_with_them,
    reply,
    sessions_with_them,
)
from tests.support.sandbox import Sandbox
from tests.support.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def test_a_person_planted_everywhere_is_found_nowhere_and_does_not_come_back(
    world: World, vendors: Sandbox
) -> None:
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
    changed = storing.store_pushed(
        account(world), meeting(world).replace(b"Intro", b"Second intro")
    )
    assert changed.outcomes == {"skipped_erased": 1}
    assert storing.store_pushed(account(world), meeting(world, 78)).outcomes == {
        "skipped_erased": 1
    }
    workspace = Reply.objects.get().workspace
    again = replies.store_reply(workspace, reply(), source=Reply.Source.SYNC)
    fresh = replies.store_reply(workspace, reply(6), source=Reply.Source.WEBHOOK)
    assert (again.outcomes["left_out_erased"], fresh.outcomes["left_out_erased"]) == (1, 1)
    report = LeadResource(world.organization).import_data(
        Dataset([NAME, ADDRESS], headers=["name", "email"])
    )
    assert report.invalid_rows or report.rows[0].validation_error is not None
    assert places_with_them() == []
    assert raw_with_them() == 0


def test_an_organization_erases_nothing_of_another(world: World, vendors: Sandbox) -> None:
    other = World("Elsewhere", prefix="-e")
    for each in (world, other):
        services.create_lead(organization=each.organization, name=NAME, email=ADDRESS, phone=PHONE)
    erasure = erase(world.organization, world.users["CEO"])
    assert str(erasure.state) == "done"
    assert [lead.organization_id for lead in Lead.objects.filter(name=NAME)] == [
        other.organization.pk
    ]
    assert erasure.places["crm_lead"] == {"found": 1, "erased": 1, "redacted": 0}
    assert not returning.is_erased(other.organization.pk, ADDRESS)


def test_an_attempt_that_was_killed_goes_on_where_it_stood(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def unpacked(archive: bytes) -> dict[str, Any]:
    """Return what the files of an archive say, by their names."""
    with ZipFile(BytesIO(archive)) as file:
        return {name: json.loads(file.read(name)) for name in file.namelist()}


def test_an_export_holds_what_the_organization_has_and_no_more(world: World) -> None:
    other = World("Elsewhere", prefix="-e")
    services.create_lead(organization=world.organization, name=NAME, email=ADDRESS, phone=PHONE)
    services.create_lead(organization=other.organization, name="Another Spelling", email=ADDRESS)
    export, started = exporting.ask(
        organization=world.organization, email=ADDRESS, actor=world.users["CEO"]
    )
    runs.execute(started.run.pk)
    export = PersonExport.objects.get(pk=export.pk)
    files = unpacked(exporting.read(export, actor=world.users["CEO"]) or b"")
    assert set(files) >= {"About.json", "Leads.json"}
    assert files["About.json"]["files"]["Leads.json"] == 1
    content = str(files)
    assert NAME in content
    assert PHONE in content
    assert "Another Spelling" not in content
    assert "crm_lead" in export.places
    PersonExport.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    assert exporting.read(PersonExport.objects.get(), actor=None) is None
    assert exporting.forget() == 1


def test_every_table_with_text_says_what_becomes_of_people() -> None:
    assert [
        label for label in places.undeclared() if label.partition(".")[0] not in ("probe", "toy")
    ] == []


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
def test_an_address_is_found_in_every_way_that_it_is_written_and_in_no_longer_one(
    text: str, names_them: bool
) -> None:
    assert Person("an@x.nl").is_in(text.replace("\\\\", "\\")) is names_them


def test_whatever_a_person_is_written_as_has_a_piece_by_which_it_is_found_quickly() -> None:
    person = Person(
        "zoe.o'neil+x@münchen.example", names={"Zoé O'Neil-Smith"}, phones={"+31 6 9182 7364"}
    )
    pieces = person.fragments()
    assert pieces
    assert [
        word for word in person.words() if not any(piece in word.lower() for piece in pieces)
    ] == []
    assert Person("an@x.nl").fragments() == []
