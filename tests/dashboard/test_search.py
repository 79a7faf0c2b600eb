"""One search: each kind of thing is found by whoever sees it, and by nobody else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from calls import indexing
from calls.models import Call
from crm.models import Contact, Lead, Organization, SalesRep
from crm.services import book_appointment, create_contact, create_lead
from tests.dashboard.conftest import make_incident, make_run, signed_in
from tests.support import people
from tests.support.people import assert_error, client_of

QUERIES = 20


def everything(organization: Organization) -> None:
    """Make one of each kind that is called Quokka."""
    lead = Lead.objects.create(
        organization=organization, name="Quokka Jones", email="jones@quokka.example"
    )
    Contact.objects.create(organization=organization, name="Mia Quokka", lead=lead)
    SalesRep.objects.create(organization=organization, name="Rep Quokka", email="rep@example.com")
    begin = timezone.now() + timedelta(days=1)
    book_appointment(
        organization=organization,
        lead=lead,
        starts=begin,
        ends=begin + timedelta(hours=1),
        time_zone="UTC",
    )
    call = Call.objects.create(
        organization=organization,
        source="fathom",
        title="About the Quokka deal",
        happened_at=timezone.now(),
    )
    indexing.index([call.pk])
    make_incident("The Quokka host does not answer", organization, cause=f"host:{lead.pk}")


def kinds(client: Client, words: str) -> list[str]:
    return [group["kind"] for group in client.get("/api/search", {"q": words}).json()["groups"]]


def test_a_ceo_finds_each_kind_by_its_words(
    ceo: Client, northwind: Organization, contoso: Organization
):
    everything(northwind)
    everything(contoso)
    groups = ceo.get("/api/search", {"q": "quokka"}).json()["groups"]
    assert [group["kind"] for group in groups] == [
        "lead",
        "contact",
        "call",
        "meeting",
        "rep",
        "incident",
    ]
    assert all(len(group["results"]) == 1 for group in groups)
    for group in groups:
        assert ceo.get(group["results"][0]["url"], follow=True).status_code == 200
    page = ceo.get("/search", {"q": "quokka jones"}).content.decode()
    assert "Quokka Jones" in page


def test_others_find_what_they_see(northwind: Organization, contoso: Organization):
    everything(northwind)
    outsider = signed_in(people.member("CEO", contoso, "outsider"))
    closer = signed_in(people.member("CLOSER", northwind, "closer-without-work"))
    assert kinds(outsider, "quokka") == []
    assert kinds(closer, "quokka") == []
    assert "matches" in outsider.get("/search", {"q": "quokka"}).content.decode()


def test_staff_find_workspaces_and_runs_too(ops: Client, northwind: Organization):
    run = make_run(northwind)
    assert kinds(ops, str(run.pk)) == ["run"]
    assert kinds(ops, "administration") == ["page"]
    assert (
        ops.get("/api/search", {"q": str(run.pk)}).json()["groups"][0]["results"][0]["url"]
        == f"/runs/{run.pk}"
    )


def test_a_lead_and_the_contact_that_is_the_same_person_are_found_once(
    ceo: Client, northwind: Organization
):
    lead = create_lead(organization=northwind, name="Ada Okapi", email="ada@okapi.example")
    for name, email in (
        ("A. Okapi", "Ada@okapi.example"),
        ("Ada Okapi", ""),
        ("Bo Okapi", "bo@okapi.example"),
    ):
        create_contact(organization=northwind, name=name, email=email, lead=lead)
    create_contact(organization=northwind, name="Ada Okapi", phone="4711", lead=lead)
    groups = {
        group["kind"]: group for group in ceo.get("/api/search", {"q": "okapi"}).json()["groups"]
    }
    assert [hit["title"] for hit in groups["lead"]["results"]] == ["Ada Okapi"]
    assert [hit["title"] for hit in groups["contact"]["results"]] == ["Bo Okapi"]
    # What the contact alone has finds the contact.
    assert kinds(ceo, "4711") == ["contact"]


def test_very_many_of_one_name_are_cut_with_the_way_to_all(ceo: Client, northwind: Organization):
    Lead.objects.bulk_create(
        Lead(organization=northwind, name=f"Wombat {n:03}") for n in range(300)
    )
    group = ceo.get("/api/search", {"q": "wombat"}).json()["groups"][0]
    assert (len(group["results"]), group["moreUrl"]) == (5, "/people?search=wombat")
    assert (
        ceo.get("/api/search", {"q": "wombat 007"}).json()["groups"][0]["results"][0]["title"]
        == "Wombat 007"
    )


@pytest.mark.parametrize(
    "typed",
    ["", "q", " ", "\x00\x01", "%", "__", "a" * 5000, "\ud800x", "' or 1=1 --", "(", '"open'],
)
def test_whatever_is_typed_is_looked_for_or_let_be(
    ceo: Client, northwind: Organization, typed: str
):
    everything(northwind)
    for path in ("/search", "/search/hits", "/api/search"):
        answer = ceo.get(path, {"q": typed.encode("utf-8", "surrogatepass")})
        assert answer.status_code in (200, 400)
        assert "Quokka" not in answer.content.decode()


def test_what_is_found_is_text(ceo: Client, northwind: Organization):
    Lead.objects.create(organization=northwind, name="<script>alert(1)</script> Lemur")
    page = ceo.get("/search/hits", {"q": "lemur"}).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_it_costs_the_same_however_much_is_found(ceo: Client, northwind: Organization):
    everything(northwind)
    ceo.get("/search/hits", {"q": "quokka"})
    with CaptureQueriesContext(connection) as few:
        ceo.get("/search/hits", {"q": "quokka"})
    for _each in range(4):
        everything(northwind)
    with CaptureQueriesContext(connection) as many:
        ceo.get("/search/hits", {"q": "quokka"})
    assert len(few) == len(many) <= QUERIES


def test_a_person_who_is_not_signed_in_finds_nothing(db: None):
    assert Client().get("/search").status_code == 302
    assert_error(client_of().get("/api/search"), 401)
