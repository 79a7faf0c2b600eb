"""Settings → Privacy: somebody is shown what is known of them, or erased,
by whoever answers for the organization.
"""

import json
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.test import Client

from core import runs
from core.models import Run
from crm.models import Erasure, Lead, Organization, PersonExport
from crm.privacy import returning
from tests.dashboard.conftest import signed_in
from tests.support import people

PAGE = "/settings/privacy"
ADA = "ada@elsewhere.example"


@pytest.fixture
def ada(northwind: Organization) -> Lead:
    return Lead.objects.create(
        organization=northwind, name="Ada Lovelace", email=ADA, email_normalized=ADA
    )


def worked(kind: str) -> None:
    runs.execute(Run.objects.get(kind=kind).pk)


def erase(client: Client, email: str = ADA, confirm: str = ADA):
    return client.post(PAGE, {"what": "erase", "erase-email": email, "erase-confirm": confirm})


def test_a_person_is_erased_and_the_certificate_can_be_printed(ceo: Client, ada: Lead):
    assert erase(ceo).status_code == 302
    worked("person_erasure")
    erasure = Erasure.objects.get()
    assert (erasure.state, Lead.objects.filter(email=ADA).exists()) == ("done", False)
    assert f"{PAGE}/erasures/{erasure.pk}" in ceo.get(PAGE).content.decode()
    certificate = ceo.get(f"{PAGE}/erasures/{erasure.pk}").content.decode()
    assert erasure.address_hash in certificate
    assert "Leads" in certificate
    assert ADA not in certificate + ceo.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("email", "confirm"),
    [(ADA, "bob@elsewhere.example"), ("nonsense", "nonsense"), ("", ""), ("a\x00@b.example", ADA)],
)
def test_what_is_typed_wrong_erases_nobody_and_says_why(
    ceo: Client, ada: Lead, email: str, confirm: str
):
    answer = erase(ceo, email, confirm)
    assert answer.status_code == 200
    assert answer.context["erase_form"].errors
    assert not Erasure.objects.exists()


def test_who_signs_in_is_not_erased(ceo: Client, northwind: Organization):
    people.member("CLOSER", northwind, "colleague")
    answer = erase(ceo, "colleague@example.com", "colleague@example.com")
    assert "signs in" in answer.content.decode()
    assert not Erasure.objects.exists()


def test_a_file_is_made_for_whoever_asked_alone(ceo: Client, ada: Lead, northwind: Organization):
    assert ceo.post(PAGE, {"what": "export", "export-email": ADA}).status_code == 302
    worked("person_export")
    export = PersonExport.objects.get()
    address = f"{PAGE}/exports/{export.pk}/file"
    assert address in ceo.get(PAGE).content.decode()
    answer = ceo.get(address)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Disposition"].endswith('.zip"')
    with ZipFile(BytesIO(answer.content)) as archive:
        assert json.loads(archive.read("Leads.json"))[0]["name"] == "Ada Lovelace"
    other = signed_in(people.member("CEO", northwind, "other-ceo"))
    assert other.get(address).status_code == 404


def test_only_those_who_answer_for_it_have_the_page(
    ceo: Client, ops: Client, northwind: Organization, ada: Lead
):
    viewer = signed_in(people.staff("Operations viewer"))
    closer = signed_in(people.member("CLOSER", northwind, "some-closer"))
    outsider = signed_in(people.member("CEO", people.organization("Elsewhere"), "outsider"))
    erase(ceo)
    own = f"{PAGE}/erasures/{Erasure.objects.get().pk}"
    for client in (viewer, closer):
        assert client.get(PAGE).status_code == erase(client).status_code == 404
        assert PAGE not in client.get("/settings/profile").content.decode()
    assert PAGE in ceo.get("/settings/profile").content.decode()
    assert outsider.get(own).status_code == 404
    # Staff mean the whole installation, until they look at one organization.
    assert ops.get(own).status_code == 200
    assert "whole installation" in ops.get(PAGE).content.decode()
    ops.post("/preferences/organization", {"organization": str(northwind.pk)})
    assert "Northwind Sales" in ops.get(PAGE).content.decode()
    assert own in ops.get(PAGE).content.decode()


def test_an_address_is_allowed_again_by_those_who_answer_for_it(
    ceo: Client, northwind: Organization, ada: Lead
):
    erase(ceo)
    worked("person_erasure")
    refused = ceo.post(PAGE, {"what": "allow", "allow-email": "bob@elsewhere.example"})
    assert "is not kept out" in refused.content.decode()
    assert returning.is_erased(northwind.pk, ADA)
    closer = signed_in(people.member("CLOSER", northwind, "some-closer"))
    assert closer.post(PAGE, {"what": "allow", "allow-email": ADA}).status_code == 404
    assert returning.is_erased(northwind.pk, ADA)
    assert ceo.post(PAGE, {"what": "allow", "allow-email": ADA.upper()}).status_code == 302
    assert not returning.is_erased(northwind.pk, ADA)


def test_the_page_says_what_becomes_of_who_is_blocked_before_anything_is_erased(ceo: Client):
    assert "can block it nowhere anew" in ceo.get(PAGE).content.decode()
