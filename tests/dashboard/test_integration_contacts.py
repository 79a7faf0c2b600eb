"""The tab of contacts: previewed, synced, mapped, decided, and where each field came from."""

from typing import Any

import pytest

from core import runs
from core.models import Run
from crm.models import Contact
from integrations import services
from integrations.models import ContactConflict, ContactLink, ContactSettings
from tests.dashboard.conftest import signed_in
from tests.integrations.contact_cast import connected, contact, open_conflict, service
from tests.support import people

__all__ = ["service"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_calls_stay")]
LIST = "/dashboard/integrations"


@pytest.fixture
def anna(northwind) -> Any:
    return people.member("CEO", northwind, "anna")


@pytest.fixture
def hers(anna):
    return signed_in(anna)


@pytest.fixture
def made(anna, northwind, service):
    service.add(email="grace@x.example", firstname="Grace", lastname="Hopper", phone="1")
    return connected(anna, northwind, service.url)


def page_of(client, made, rest: str = "") -> str:
    answer = client.get(f"{LIST}/{made.pk}/contacts{rest}")
    assert answer.status_code == 200, answer.content
    return str(answer.content.decode())


def work() -> Run:
    """Work the last run to its end."""
    run = Run.objects.latest("created_at")
    runs.execute(run.pk)
    run.refresh_from_db()
    return run


def test_a_preview_says_what_a_sync_would_do_and_writes_nothing(hers, made):
    assert "Nothing was synced yet" in page_of(hers, made)
    hers.post(f"{LIST}/{made.pk}/contacts/sync", {"what": "preview"})
    assert 'hx-trigger="every 2s"' in page_of(hers, made)
    assert work().state == "succeeded"
    page = page_of(hers, made)
    assert "What a sync would do" in page
    assert "Grace Hopper" in page
    assert not Contact.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_sync_is_started_and_proved_and_says_where_each_field_came_from(hers, made):
    assert hers.post(f"{LIST}/{made.pk}/contacts/sync", {"what": "sync"}).status_code == 302
    assert work().state == "succeeded"
    page = page_of(hers, made)
    assert "grace@x.example" in page
    assert "proof" in page
    link = ContactLink.objects.get(email="grace@x.example")
    own = page_of(hers, made, f"/{link.pk}")
    assert own.count("Our people") >= 2
    assert "Hopper" in own
    assert "grace@x.example" not in page_of(hers, made, "?search=nobody")


def test_fields_are_mapped_and_what_cannot_be_is_said_in_its_line(hers, made):
    address = f"{LIST}/{made.pk}/contacts"
    entered = {
        "direction": "pull",
        "when_deleted": "remove",
        "deletion_limit": "5",
        "email.theirs": "email",
        "phone.theirs": "mobile",
        "phone.direction": "pull",
        "phone.rule": "ask",
    }
    assert hers.post(address, entered).status_code == 302
    settings = ContactSettings.objects.get(integration=made)
    assert (settings.direction, settings.when_deleted, settings.deletion_limit) == (
        "pull",
        "remove",
        5,
    )
    assert {
        "ours": "phone",
        "theirs": "mobile",
        "direction": "pull",
        "rule": "ask",
    } in settings.fields
    answer = hers.post(address, {**entered, "company.theirs": "mobile"})
    assert answer.status_code == 200
    assert "Each field can be mapped once." in answer.content.decode()


def test_a_conflict_is_decided_once(hers, made, northwind):
    conflict = open_conflict(made, contact(northwind, phone="1"))
    page = page_of(hers, made)
    assert "To be decided" in page
    address = f"{LIST}/{made.pk}/contacts/conflicts/{conflict.pk}"
    assert hers.post(address, {"keep": "both"}).status_code == 400
    assert hers.post(address, {"keep": "theirs"}).status_code == 302
    assert Contact.objects.get().phone == "2"
    assert ContactConflict.objects.get().kept == "theirs"
    assert "To be decided" not in page_of(hers, made)
    assert "decided already" in hers.post(address, {"keep": "ours"}, follow=True).content.decode()


def test_colleagues_sync_what_is_shared_and_map_nothing(hers, made, northwind, anna):
    colleague = signed_in(people.member("CLOSER", northwind, "ben"))
    address = f"{LIST}/{made.pk}/contacts"
    assert colleague.get(address).status_code == 404
    services.share(made, is_shared=True, actor=anna)
    assert 'name="email.theirs"' not in page_of(colleague, made)
    assert colleague.post(address, {}).status_code == 403
    # A preview names people; a sync is for everybody.
    assert colleague.post(f"{address}/sync", {"what": "preview"}).status_code == 403
    assert 'value="preview"' not in page_of(colleague, made)
    assert colleague.post(f"{address}/sync", {"what": "sync"}).status_code == 302
