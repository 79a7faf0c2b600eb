"""The contact sync over the API: starting it, setting it, and deciding what it
leaves to a person.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import runs
from core.models import AuditEvent, Run
from core.signin import roles
from crm.models import Contact
from integrations.contacts.outcomes import COUNTED
from integrations.models import ContactConflict, ContactLink, ContactSettings, Integration
from tests.integrations.conftest import API, connected, given
from tests.integrations.contact_cast import (
    contact,
    integration,
    open_conflict,
    organization,
    service,
    synced,
)
from tests.support import people
from tests.support.people import assert_error, client_of

__all__ = ["integration", "organization", "service"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def own(integration):
    """The address of the integration."""
    return f"{API}/{integration.pk}"


@pytest.fixture
def owner(integration):
    return client_of(integration.owner)


def actions():
    return list(AuditEvent.objects.order_by("sequence").values_list("action", flat=True))


def test_a_sync_is_a_run_with_counts(owner, own, service):
    service.fill(3)
    answer = owner.post(f"{own}/sync", {"direction": "pull"})
    assert answer.status_code == 202
    body = answer.json()
    assert (body["joined"], body["waits"]) == (False, False)
    again = owner.post(f"{own}/sync", {"direction": "pull"}).json()
    assert (again["runId"], again["joined"]) == (body["runId"], True)
    runs.execute(body["runId"])
    run = owner.get(body["statusUrl"]).json()
    assert run["state"] == "succeeded"
    assert (run["counts"]["pulled"], run["counts"]["created"]) == (3, 3)
    assert set(run["counts"]) == set(COUNTED)
    assert run["evidence"]["ledger"] == {"at_vendor": 3, "here": 3, "missing": 0}
    assert actions().count("integration.synced") == 1


def test_a_sync_without_a_direction_goes_as_it_is_set(owner, own, integration):
    assert owner.put(f"{own}/mapping", {"direction": "pull"}).status_code == 200
    run = Run.objects.get(pk=owner.post(f"{own}/sync", {}).json()["runId"])
    assert run.parameters["direction"] == "pull"


@pytest.mark.parametrize(
    "body",
    [
        {"direction": "sideways"},
        {"direction": 1},
        {"dryRun": "yes"},
        {"full": 1},
        [],
        {"direction": "\x00"},
    ],
)
def test_what_is_no_sync_is_refused(owner, own, body):
    assert_error(owner.post(f"{own}/sync", body), 400)
    assert not Run.objects.exists()


def test_what_is_off_or_has_no_contacts_is_not_synced(owner, own, integration, toybox):
    assert owner.post(f"{own}/deactivate").status_code == 200
    assert_error(owner.post(f"{own}/sync", {}), 400)
    toys = connected(owner, toybox)
    for answer in (
        owner.post(f"{API}/{toys['id']}/sync", {}),
        owner.get(f"{API}/{toys['id']}/mapping"),
    ):
        assert_error(answer, 400)


def test_the_mapping_is_the_services_until_somebody_chooses(owner, own, integration):
    shown = owner.get(f"{own}/mapping").json()
    assert (shown["isUsual"], shown["direction"], shown["whenDeleted"], shown["deletionLimit"]) == (
        True,
        "both",
        "keep",
        10,
    )
    assert {
        "ours": "firstName",
        "theirs": "firstname",
        "direction": "both",
        "rule": "newest",
    } in shown["fields"]
    assert {"name": "source", "label": "Source", "writable": False} in shown["theirFields"]
    assert {"name": "email", "label": "E-mail"} in shown["ourFields"]
    fields = [
        {"ours": "email", "theirs": "email"},
        {"ours": "name", "theirs": "lastname", "rule": "ask"},
        {"ours": "company", "theirs": "source", "direction": "pull", "rule": "theirs"},
    ]
    answer = owner.put(
        f"{own}/mapping", {"fields": fields, "whenDeleted": "remove", "deletionLimit": 0}
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["fields"][1] == {**fields[1], "direction": "both"}
    assert (answer.json()["isUsual"], answer.json()["deletionLimit"]) == (False, 0)
    assert owner.get(f"{own}/mapping").json() == answer.json()
    assert owner.put(f"{own}/mapping", {"fields": []}).json()["isUsual"] is True
    assert actions().count("integration.contacts_mapped") == 2


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ([{"ours": "name", "theirs": "lastname"}], "fields"),
        (
            [{"ours": "email", "theirs": "email"}, {"ours": "email", "theirs": "mobile"}],
            "fields.0.ours",
        ),
        (
            [{"ours": "email", "theirs": "email"}, {"ours": "phone", "theirs": "email"}],
            "fields.0.theirs",
        ),
        (
            [{"ours": "email", "theirs": "email"}, {"ours": "phone", "theirs": "none such"}],
            "fields.1.theirs",
        ),
        (
            [{"ours": "email", "theirs": "email"}, {"ours": "phone", "theirs": "source"}],
            "fields.1.direction",
        ),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_by_its_field(owner, own, fields, name):
    body = assert_error(owner.put(f"{own}/mapping", {"fields": fields}), 400)
    assert name in body["fields"]
    assert not ContactSettings.objects.exclude(fields=[]).exists()


@pytest.mark.parametrize(
    "body",
    [
        {"fields": [{"ours": "age", "theirs": "email"}]},
        {"fields": [[]]},
        {"fields": "all"},
        {"fields": [{"ours": "email", "theirs": "email"}] * 51},
        {"direction": "up"},
        {"whenDeleted": "maybe"},
        {"deletionLimit": 101},
        {"deletionLimit": -1},
    ],
)
def test_a_mapping_of_another_form_is_refused(owner, own, body):
    assert_error(owner.put(f"{own}/mapping", body), 400)


def test_another_mapping_has_everything_looked_at_anew(owner, own, integration, service):
    service.add(firstname="Ada", lastname="Lovelace", email="ada@x.example", phone="1", mobile="2")
    synced(integration)
    fields = [
        {"ours": "email", "theirs": "email"},
        {"ours": "phone", "theirs": "mobile", "direction": "pull"},
    ]
    owner.put(f"{own}/mapping", {"fields": fields})
    synced(integration, "pull")
    assert Contact.objects.get().phone == "2"


def conflicts_of(integration, count):
    """Have so many open conflicts."""
    for number in range(count):
        person = contact(
            integration.organization, f"Person {number}", f"c{number}@x.example", phone="1"
        )
        open_conflict(integration, person)


def test_a_conflict_is_shown_and_decided_once(owner, own, integration):
    conflicts_of(integration, 1)
    shown = owner.get(f"{own}/conflicts").json()["results"]
    person = Contact.objects.get()
    assert len(shown) == 1
    assert shown[0]["fields"] == [{"name": "phone", "label": "Phone", "ours": "1", "theirs": "2"}]
    assert (shown[0]["personId"], shown[0]["personKind"], shown[0]["name"]) == (
        str(person.pk),
        "contact",
        "Person 0",
    )
    address = f"{own}/conflicts/{shown[0]['id']}/resolve"
    assert_error(owner.post(address, {"keep": "both"}), 400)
    answer = owner.post(address, {"keep": "theirs"})
    assert answer.status_code == 200, answer.content
    assert answer.json()["conflict"]["kept"] == "theirs"
    assert Contact.objects.get().phone == "2"
    assert_error(owner.post(address, {"keep": "ours"}), 409)
    assert owner.get(f"{own}/conflicts").json()["results"] == []
    assert actions().count("integration.conflict_resolved") == 1


def test_a_conflict_about_somebody_who_is_gone_waits_for_nobody(owner, own, integration):
    conflicts_of(integration, 1)
    Contact.objects.all().delete()
    assert owner.get(f"{own}/conflicts").json()["results"] == []
    conflict = ContactConflict.objects.get()
    assert_error(owner.post(f"{own}/conflicts/{conflict.pk}/resolve", {"keep": "ours"}), 409)


def test_a_list_of_conflicts_costs_the_same_for_one_and_for_many(owner, own, integration):
    for count in (1, 30):
        Contact.objects.all().delete()
        ContactLink.objects.all().delete()
        conflicts_of(integration, count)
        with CaptureQueriesContext(connection) as caught:
            assert len(owner.get(f"{own}/conflicts").json()["results"]) == count
        assert len(caught) == 7, [query["sql"][:90] for query in caught]


def test_who_only_uses_it_may_sync_and_not_map(own, integration, organization):
    colleague = client_of(people.member("SETTER", organization))
    assert_error(colleague.post(f"{own}/sync", {}), 404)
    Integration.objects.update(is_shared=True)
    assert colleague.post(f"{own}/sync", {}).status_code == 202
    assert colleague.get(f"{own}/mapping").status_code == 200
    assert_error(colleague.put(f"{own}/mapping", {"direction": "pull"}), 403)


def test_nobody_of_another_organization_finds_any_of_it(own, integration):
    conflicts_of(integration, 1)
    outsider = client_of(people.member("CEO", people.organization("Contoso"), "outsider"))
    conflict = f"{own}/conflicts/{ContactConflict.objects.get().pk}/resolve"
    for method, address in (
        ("post", f"{own}/sync"),
        ("get", f"{own}/mapping"),
        ("put", f"{own}/mapping"),
        ("get", f"{own}/conflicts"),
        ("post", conflict),
    ):
        assert_error(getattr(outsider, method)(address, {}), 404)


def test_a_conflict_is_found_only_under_its_own_integration(owner, own, integration, service):
    conflicts_of(integration, 1)
    body = {
        **given(service),
        "configuration": {**given(service)["configuration"], "provider": "TOYPEOPLE"},
    }
    other = owner.post(API, body).json()["integration"]
    address = f"{API}/{other['id']}/conflicts/{ContactConflict.objects.get().pk}/resolve"
    assert_error(owner.post(address, {"keep": "ours"}), 404)


def test_staff_sync_by_their_permission(own, integration):
    operations = client_of(people.staff())
    viewer = client_of(people.staff(roles.OPERATIONS_VIEWER))
    assert operations.post(f"{own}/sync", {}).status_code == 202
    assert viewer.get(f"{own}/mapping").status_code == 200
    assert_error(viewer.post(f"{own}/sync", {}), 403)
