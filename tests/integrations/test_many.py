"""How many integrations one person and one organization may have,
and what comes of two clicks at once.
"""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from core.models import AuditEvent, VendorAccount
from integrations.models import Integration
from integrations.services import creating
from tests.integrations.conftest import API, connected, given
from tests.support import people
from tests.support.people import assert_error

pytestmark = pytest.mark.django_db


def test_a_person_has_so_many_and_an_organization_too(closer, toybox, northwind, monkeypatch):
    monkeypatch.setattr(creating, "MOST_OF_A_PERSON", 2)
    monkeypatch.setattr(creating, "MOST_OF_AN_ORGANIZATION", 3)
    for _number in range(2):
        connected(closer, toybox)
    body = assert_error(closer.post(API, given(toybox)), 409, "too_many")
    assert body["message"].startswith("2 integrations")
    colleague = people.client_of(people.member("SETTER", northwind))
    connected(colleague, toybox)
    body = assert_error(colleague.post(f"{API}/create", given(toybox)), 409, "too_many")
    assert body["message"].startswith("3 integrations")
    assert VendorAccount.objects.filter(vendor="toybox").count() == 3
    elsewhere = people.client_of(
        people.member("CEO", people.organization("Contoso", tier="PRO_PLUS"))
    )
    connected(elsewhere, toybox)


def at_once(*acts):
    def act(each):
        try:
            return each()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [made.result() for made in [pool.submit(act, each) for each in acts]]


@pytest.mark.django_db(transaction=True)
def test_clicks_at_once_end_in_words(closer, toybox, northwind, monkeypatch):
    monkeypatch.setattr(creating, "MOST_OF_A_PERSON", 3)
    heir = people.member("SETTER", northwind, "heir")
    made = at_once(*[lambda: closer.post(API, given(toybox))] * 6)
    assert sorted(answer.status_code for answer in made) == [201] * 3 + [409] * 3
    for row in Integration.objects.all():
        path = f"{API}/{row.pk}"
        acts = [
            lambda path=path: closer.delete(path),
            lambda path=path: closer.post(f"{path}/activate"),
            lambda path=path: closer.post(f"{path}/deactivate"),
            lambda path=path: closer.post(f"{path}/test"),
            lambda path=path: closer.post(f"{path}/transfer", {"username": heir.username}),
            lambda path=path: closer.patch(
                path, {"name": "Another", "isShared": True, "syncEvery": 60}
            ),
            lambda path=path: closer.post(f"{path}/sync", {"direction": "pull"}),
            lambda path=path: closer.post(f"{path}/disconnect"),
            lambda path=path: closer.delete(path),
        ]
        found = [answer.status_code for answer in at_once(*acts)]
        assert set(found) <= {200, 202, 204, 400, 403, 404, 409, 503}, found
        assert 204 in found
    assert not VendorAccount.objects.filter(vendor="toybox").exists()
    assert AuditEvent.objects.filter(action="integration.deleted").count() >= 3


def test_what_is_refused_leaves_nothing_half_done(closer, toybox, northwind):
    made = connected(closer, toybox)
    other = people.client_of(people.member("CEO", northwind, "boss"))
    theirs = connected(other, toybox)
    other.patch(f"{API}/{theirs['id']}", {"isShared": False})
    unfit = closer.post(API, {**given(toybox), "type": "HELPDESK"}).json()["integration"]
    body = {
        "name": "Another name",
        "configuration": {"features": {"syncContacts": False}},
        "isShared": True,
    }
    for fallback, status in ((theirs["id"], 404), (unfit["id"], 400), (made["id"], 400)):
        assert_error(closer.patch(f"{API}/{made['id']}", {**body, "fallbackId": fallback}), status)
    now = closer.get(f"{API}/{made['id']}").json()
    assert (now["name"], now["isShared"], now["configuration"]["features"]) == (
        "Our toys",
        False,
        {"syncContacts": True},
    )
