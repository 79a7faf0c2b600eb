"""After an erasure no column, log line, page, answer, object or message names the person.

The tables and columns come from the models: a new one is planted, or fails this test until somebody
says why it need not be. The addresses come from the walls of the tenant: a page that is declared
there is looked at as well.
"""

import copy
import json
import logging
import zlib
from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import DatabaseError, connection, models, transaction
from django.test import Client
from django.utils import timezone

from calls.models import (
    Call,
    CallAction,
    Recording,
    RemovedRecording,
    RoomSession,
    SearchedWord,
    Transcript,
    Transcription,
)
from calls.recordings import storage
from core import runs
from core.health.logs import without_people
from core.models import Run, SeenNames, User
from core.privacy import places
from core.privacy.places import texts
from core.queue import jobs
from core.secrets.fields import EncryptedTextField
from crm.models import Contact, ErasedAddress, Lead
from crm.privacy import exporting
from fathom_sync.models import AssignedMeeting, Assignment
from tests.support import canaries, person_plants, staff_only
from tests.support.addresses import Address, every_address
from tests.support.other import Other
from tests.support.person_plants import ADDRESS, CANARIES, NAME, PHONE
from tests.support.rows import MAKERS
from tests.support.sandbox import Sandbox
from tests.support.visitor import Visitor
from tests.support.world import World
from tests.test_tenant_wall import OWN, THINGS, VENDOR

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(900)]
OURS = ("bison", "calls", "core", "crm", "fathom_sync", "integrations")
# Their bytes are hashes, name nobody, or are looked through by a step of their app.
BYTES = {
    ("calls.Call", "content_hash"),
    ("core.InboundReceipt", "key"),
    # A picture of an organization.
    ("crm.Logo", "content"),
    ("fathom_sync.AssignedMeeting", "raw"),
    ("fathom_sync.AssignedMeeting", "raw_hash"),
    ("fathom_sync.FathomMeeting", "raw"),
    ("fathom_sync.FathomMeeting", "raw_hash"),
}
# What is made of that: the index of words, sessions, answers and pages that were kept.
COPIES = {"calls_callsearch", "django_session", "idempotency_keys", "redis"}
# Their columns say where an object lies, and hold ids alone: a name in them would lead nowhere.
WHERE_OBJECTS_LIE = {"calls.Recording", "calls.RemovedRecording"}
# What is sealed and holds a person: gone with the work, or looked through by a step.
# The rest are keys of ours.
SEALED_PEOPLE = {
    ("core.IdempotencyKey", "body"),
    ("crm.Erasure", "known"),
    ("crm.PersonExport", "address"),
    ("crm.PersonExport", "content"),
}
SEALED_KEYS = {
    ("bison.ImportedKey", "key"),
    ("bison.Workspace", "bison_api_key"),
    ("bison.Workspace", "bison_webhook_secret"),
    ("bison.Workspace", "bison_webhook_url"),
    ("bison.Workspace", "next_api_key"),
    ("core.AlertChannel", "target"),
    ("core.StableKey", "value"),
    ("core.SystemSetting", "setting_value"),
    ("core.VendorSecret", "value"),
    ("fathom_sync.FathomAccount", "own_api_key"),
    ("fathom_sync.FathomAccount", "own_webhook_secret"),
    ("fathom_sync.FathomAccount", "registered_secret"),
    ("integrations.ChatwootWebhook", "secret"),
    ("integrations.ChatwootWebhook", "token"),
    ("integrations.Demo", "bot_secret"),
    ("integrations.OAuthGrant", "access_token"),
    ("integrations.OAuthGrant", "refresh_token"),
    ("integrations.OAuthState", "verifier"),
    ("integrations.PipedriveWebhook", "password"),
    ("integrations.PipedriveWebhook", "token"),
}


def columns_of(kind: Any) -> set[tuple[str, str]]:
    """Return the columns of a kind in our tables."""
    found = (model for app in OURS for model in apps.get_app_config(app).get_models())
    return {
        (model._meta.label, field.attname)
        for model in found
        for field in model._meta.fields
        if isinstance(field, kind)
    }


def test_columns_of_bytes_and_sealed_columns_are_known() -> None:
    assert columns_of(models.BinaryField) == BYTES
    assert columns_of(EncryptedTextField) == SEALED_PEOPLE | SEALED_KEYS


# --- Every column ---------------------------------------------------------------------------------


def one_of_each() -> None:
    """Have a row in every table that loses people, or of which such a row goes."""
    for place in places.all_places():
        make = MAKERS.get(place.label.lower())
        if make and place.how != places.KEEP and not place.model._base_manager.exists():
            make(1)
    call = Call.objects.latest("started_at")
    CallAction.objects.get_or_create(call=call, text="Send it", text_key="send it")
    SearchedWord.objects.get_or_create(organization=call.organization, word="zuleika")
    RoomSession.objects.create(call=call, sid="RM_canary")
    RemovedRecording.objects.create(
        organization_id=call.organization_id, call_id=call.pk, key="a key"
    )
    Transcription.objects.create(recording=Recording.objects.latest("created_at"))
    SeenNames.objects.create(
        run=Run.objects.create(kind="canary"), day=timezone.localdate(), names=["1"]
    )
    Transcript.objects.get_or_create(call=call)
    AssignedMeeting.objects.create(
        assignment=Assignment.objects.latest("made_at"),
        kind=AssignedMeeting.Kind.GIVEN,
        meeting_id=uuid4(),
        before={},
        raw=zlib.compress(json.dumps({"who": NAME, "mail": ADDRESS}).encode()),
    )


def fitting(field: Any) -> Any:
    """Return the person as this column takes them."""
    if isinstance(field, models.JSONField):
        return {
            "deep": [{"mail": f"{NAME} <{ADDRESS}>", ADDRESS: PHONE, "as a number": 31691827364}]
        }
    if not isinstance(field, models.CharField | models.TextField):
        return [ADDRESS, "somebody else", NAME]
    for text in (f"{NAME} {ADDRESS} {PHONE}", ADDRESS, NAME):
        if len(text) <= (field.max_length or 1000):
            return text
    return None


def plant_in_columns(place: places.Place) -> tuple[int, list[str]]:
    """Put them into every column of one row; return into how many,
    and what the database refused.
    """
    row = place.model._base_manager.order_by("pk").last()
    planted, refused = 0, []
    for field in texts(place.model):
        value = fitting(field)
        if value is None:
            continue
        try:
            with transaction.atomic():
                place.model._base_manager.filter(pk=row.pk).update(**{field.attname: value})
                planted += 1
        except DatabaseError:
            refused.append(f"{place.label}.{field.attname}")
    return planted, refused


def test_a_person_in_any_column_of_any_table_is_gone_from_it(
    vendors: Sandbox, settings: Any
) -> None:
    other = Other()
    person_plants.plant(other.world, vendors)
    one_of_each()
    changing = [
        place
        for place in places.all_places()
        if place.how != places.KEEP
        and place.label.partition(".")[0] not in ("probe", "toy")
        and place.label not in WHERE_OBJECTS_LIE
    ]
    empty = [place.label for place in changing if not place.model._base_manager.exists()]
    assert empty == [], "have a row of these in one_of_each()"
    planted, refused = 0, []
    for place in changing:
        number, no = plant_in_columns(place)
        planted, refused = planted + number, refused + no
    # Columns of a form that no person has: a name in lower case, an address of a server.
    assert planted > 120
    assert len(refused) < planted / 5, refused
    # What is erased is what an export shows: the same places, each with a file.
    export, started = exporting.ask(organization=None, email=ADDRESS, actor=other.chief)
    runs.execute(started.run.pk)
    export.refresh_from_db()
    assert {place.key for place in changing} - export.places.keys() == set()
    erasure = person_plants.erase(None)
    assert (erasure.left, str(erasure.state)) == ({}, "done")
    assert erasure.places.keys() - export.places.keys() <= COPIES
    assert person_plants.places_with_them() == []
    assert [row.pk for row in AssignedMeeting.objects.exclude(raw=None)] == []
    assert person_plants.raw_with_them() == 0


# --- Log lines, pages, answers, objects and messages ----------------------------------------------


class Site:
    """The site as several people see it, with the person in an organization that has
    one of everything.
    """

    def __init__(self, vendors: Sandbox) -> None:
        self.vendors = vendors
        self.other = Other()
        person_plants.plant(self.other.world, vendors)
        self.lead = Lead.objects.get(name=NAME)
        self.contact = Contact.objects.get(name=NAME)
        self.call = Call.objects.get(external_id="77")
        self.theirs = copy.copy(self.other)
        self.theirs.world = copy.copy(self.other.world)
        self.theirs.world.lead, self.theirs.world.contact = self.lead, self.contact
        self.theirs.world.appointment = self.lead.appointments.latest("starts_at")
        self.theirs.call = self.theirs.world.__dict__["call"] = self.call
        self.ops = User.objects.create_superuser(
            "ops-who-looks", "looks@example.com", "correct-horse-battery"
        )

    def paths(self, address: Address) -> Iterator[str]:
        """Return the address filled with what belongs to the person,
        and with what else there is.
        """
        if address.name in staff_only.STAFF:
            yield staff_only.filled(address)
        elif address.name in THINGS:
            yield address.fill(**THINGS[address.name](self.theirs))
        elif address.name in OWN:
            yield address.fill(**dict.fromkeys(address.parameters, "x") | VENDOR)

    def shown_to(self, user: User, only: Collection[str] = ()) -> Iterator[tuple[str, str]]:
        """Return what somebody is shown at every address, or at those alone."""
        visitor = Visitor(user)
        for address in every_address():
            if address.is_admin or "/webhooks/" in address.path or "logout" in address.name:
                continue
            for path in self.paths(address):
                if only and path not in only:
                    continue
                answer = visitor.ask(address, "GET", path)
                content = b"".join(answer) if answer.streaming else answer.content
                yield path, content.decode("utf-8", "replace")

    def shown_in_the_admin(self) -> Iterator[tuple[str, str]]:
        browser = Client(raise_request_exception=False)
        browser.force_login(self.ops)
        yield from canaries.admin_pages(browser)

    def in_the_bucket(self) -> list[str]:
        return [
            key
            for things in self.vendors.act("s3", "objects").values()
            for key in things
            if str(self.call.pk) in key
        ]


def put_object(call: Call) -> None:
    """Have a recording of theirs in the bucket, as the recorder leaves it."""
    recording = call.recordings.get()
    address = storage._address("put_object", {"Bucket": recording.bucket, "Key": recording.key}, 60)
    urlopen(Request(address, b"what they said", method="PUT"))


def erased_site(vendors: Sandbox) -> tuple[Site, set[str]]:
    """Return a site after the erasure, and the addresses at which the person was shown before."""
    site = Site(vendors)
    put_object(site.call)
    named = {path for _name, path in canaries.look(CANARIES, site.shown_to(site.other.chief))}
    assert len([path for path in named if path.startswith("/api/")]) > 5
    assert len([path for path in named if not path.startswith("/api/")]) > 5
    assert len(site.in_the_bucket()) == 1
    # What waits in the queue is ids, so nothing has to be taken out of it.
    jobs.send("core.nothing", str(site.lead.pk))
    in_redis = list(canaries.in_redis())
    queues = [text for place, text in in_redis if place.startswith(("redis celery", "redis long"))]
    assert queues
    assert canaries.look(CANARIES, [("queue", text) for text in queues]) == []
    cache.set("unfold_search_canary", [site.lead, site.contact])
    erasure = person_plants.erase(None, site.ops)
    assert (erasure.left, str(erasure.state)) == ({}, "done")
    assert person_plants.places_with_them() == []
    assert site.in_the_bucket() == []
    return site, named


@pytest.mark.long(25)
def test_a_person_is_in_no_page_answer_object_or_message_afterwards(vendors: Sandbox) -> None:
    site, named = erased_site(vendors)
    for user in (site.other.chief, site.ops):
        assert canaries.look(CANARIES, site.shown_to(user, named)) == []


@pytest.mark.prove
@pytest.mark.long(60)
def test_staff_see_them_on_no_page_and_nowhere_in_the_admin(vendors: Sandbox) -> None:
    site, _named = erased_site(vendors)
    assert canaries.look(CANARIES, site.shown_to(site.ops)) == []
    assert canaries.look(CANARIES, site.shown_in_the_admin()) == []


def test_no_log_line_names_somebody_whatever_goes_wrong(vendors: Sandbox, client: Client) -> None:
    world = World()
    with canaries.Logs() as logs:
        # SQL is written down by a developer's site alone.
        connection.force_debug_cursor = False
        person_plants.plant(world, vendors)
        client.post("/sign-in", {"login": ADDRESS, "password": "wrong"})
        client.get(f"/people?search={quote(ADDRESS)}")
        client.get(f"/nobody/{ADDRESS}/{quote(NAME)}")
        client.post(
            "/api/crm/leads", {"name": NAME, "email": ADDRESS}, content_type="application/json"
        )
        head = Visitor(world.users["CEO"])
        head.api.post(
            "/api/crm/leads", {"name": NAME, "email": ADDRESS, "status": "no"}, format="json"
        )
        head.api.post("/api/crm/leads", {"name": NAME * 40, "email": f"<{ADDRESS}>"}, format="json")
        logger = logging.getLogger("canary")
        try:
            # What the database answers quotes the row, and what it was asked.
            with transaction.atomic():
                ErasedAddress.objects.create(
                    address_hash=f"{NAME} {ADDRESS}"[:60], erased_at=timezone.now()
                )
                ErasedAddress.objects.create(
                    address_hash=f"{NAME} {ADDRESS}"[:60], erased_at=timezone.now()
                )
        except DatabaseError:
            logger.exception("Not stored")
        try:
            with transaction.atomic():
                Lead.objects.create(
                    organization=world.organization,
                    name=NAME,
                    email=ADDRESS,
                    status="none of these",
                )
                Lead.objects.filter(name=NAME).update(organization_id=uuid4())
                connection.check_constraints()
        except DatabaseError:
            logger.exception("Not stored either")
        jobs.send("core.nothing", str(world.lead.pk))
        logger.warning("Mail to %s is late", ADDRESS)
        person_plants.erase(None)
    assert len([line for line in logs.lines if "psycopg" in line]) >= 1
    assert canaries.look(CANARIES, logs.places()) == []


@pytest.mark.parametrize(
    ("line", "without"),
    [
        ("to ada@x.example, and <b.c+d@y.nl>", "to [address], and <[address]>"),
        ("?to=ada%40x.example&x=1", "?to=[address]&x=1"),
        ("postgres://koppel:secret@db:5432/koppel", "postgres://koppel:secret@db:5432/koppel"),
        (
            "no key\nDETAIL:  Key (name)=(Ada\nL) exists.\n\nThe above exception",
            "no key\n\nThe above exception",
        ),
        ("near x\nLINE 1: SELECT 'Ada'\n        ^", "near x"),
    ],
)
def test_a_log_line_loses_addresses_and_what_the_database_quotes(line: str, without: str) -> None:
    assert without_people(line) == without
