"""The pages of integrations: what can be connected, what is, and what is done with it."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import vendors
from core.models import AuditEvent, VendorSecret
from core.signin import roles
from crm.models import Organization
from integrations import services, tasks, templates
from integrations.models import Integration
from tests.dashboard.conftest import signed_in
from tests.integrations.conftest import KEY, OTHER
from tests.support import people
from tests.toy.service import Service

pytestmark = pytest.mark.django_db
LIST = "/dashboard/integrations"
NEW = f"{LIST}/new"
MASK = "toy-key...-0001"
WRONG = "wrong-key-of-no-value"


@pytest.fixture
def anna(northwind: Organization) -> Any:
    return people.member("CLOSER", northwind, "anna")


@pytest.fixture
def hers(anna: Any) -> Client:
    return signed_in(anna)


@pytest.fixture
def colleague(northwind: Organization) -> Client:
    return signed_in(people.member("SETTER", northwind, "colleague"))


def entered(service: Service, **values: str) -> dict[str, str]:
    """Return what somebody enters into the form of the toybox."""
    chosen = {
        "provider": "TOYBOX",
        "type": "CRM",
        "integration_name": "Our toys",
        "features.syncContacts": "on",
    }
    return {**chosen, "baseUrl": service.url, "apiKey": KEY, **values}


def connected(client: Client, service: Service, **values: str) -> Integration:
    """Connect the toybox by its form, and return what came of it."""
    answer = client.post(NEW, entered(service, **values))
    assert answer.status_code == 302, answer.content.decode()
    integration = Integration.objects.latest("created_at")
    assert answer["Location"] == f"{LIST}/{integration.pk}"
    return integration


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.content
    return str(answer.content.decode())


def test_what_can_be_connected_is_there_by_type_and_a_lock_names_its_tier(hers, toybox, northwind):
    Organization.objects.update(tier="FREE")
    page = text_of(hers.get(LIST))
    assert "Nothing is connected yet" in page
    for kind in ("CRM", "HELPDESK", "DATABASE"):
        assert f"provider=TOYBOX&amp;type={kind}" in page
    assert page.count("From Pro Plus") == 4
    assert page.count("From Starter") == 1
    refused = text_of(hers.get(f"{NEW}?provider=TOYBOX&type=DATABASE"))
    assert "Pro Plus" in refused
    assert "apiKey" not in refused
    answer = hers.post(NEW, entered(toybox, type="DATABASE"))
    assert answer.status_code == 200
    assert not Integration.objects.exists()


def test_a_form_is_made_of_the_declared_fields(hers, toybox):
    page = text_of(hers.get(f"{NEW}?provider=TOYBOX&type=CRM"))
    assert '<input type="url" name="baseUrl"' in page
    assert '<input type="password" name="apiKey"' in page
    assert '<textarea name="credentials"' in page
    assert (
        'name="features.syncContacts" class="switch" role="switch" '
        'id="id_features.syncContacts" checked'
    ) in page
    assert hers.get(f"{NEW}?provider=NOBODY").status_code == 200


def test_what_is_connected_stands_in_the_list_and_its_secret_nowhere(hers, toybox):
    made = connected(hers, toybox)
    tasks.check(str(made.pk))
    page = text_of(hers.get(LIST))
    assert "Our toys" in page
    assert "Connected" in page
    own = text_of(hers.get(f"{LIST}/{made.pk}"))
    assert MASK in own
    for address in (f"{LIST}/{made.pk}/logs", f"{LIST}/{made.pk}/history"):
        own += text_of(hers.get(address))
    assert KEY not in page + own
    assert KEY not in str(list(AuditEvent.objects.values()))
    assert "/me" in text_of(hers.get(f"{LIST}/{made.pk}/logs"))
    assert "A service was connected" in text_of(hers.get(f"{LIST}/{made.pk}/history"))


def test_what_cannot_be_is_said_at_its_field_and_nothing_is_stored(hers, toybox):
    page = text_of(hers.post(NEW, entered(toybox, baseUrl="http://toys.example")))
    assert 'id="id_baseUrl_error"' in page
    assert KEY not in page
    assert 'id="id_apiKey_error"' in text_of(hers.post(NEW, entered(toybox, apiKey="")))
    assert not Integration.objects.exists()
    assert not VendorSecret.objects.exists()


def test_a_refused_form_shows_no_secret_that_was_entered(hers, toybox):
    parts = '{"token": "entered-and-of-no-value-0001"}'
    wrong = entered(
        toybox, baseUrl="http://toys.example", apiKey="another-of-no-value-0002", credentials=parts
    )
    refused = text_of(hers.post(NEW, wrong))
    assert 'id="id_baseUrl_error"' in refused
    assert "of-no-value" not in refused


def test_from_a_drawer_what_was_taken_leads_on_and_its_message_is_on_the_next_page(hers, toybox):
    at_the_side = {"Koppel-Drawer": "1"}
    refused = text_of(
        hers.post(NEW, entered(toybox, baseUrl="http://toys.example"), headers=at_the_side)
    )
    assert 'id="id_baseUrl_error"' in refused
    assert 'value="Our toys"' in refused
    assert "data-drawer-form" in refused
    answer = hers.post(NEW, entered(toybox), headers=at_the_side)
    made = Integration.objects.get()
    assert (answer.status_code, answer["Koppel-Location"]) == (204, f"{LIST}/{made.pk}")
    assert "Our toys is connected. It is being tested." in text_of(
        hers.get(answer["Koppel-Location"])
    )
    address = f"{LIST}/{made.pk}"
    assert 'id="id_baseUrl_error"' in text_of(
        hers.post(address, entered(toybox, baseUrl="x"), headers=at_the_side)
    )
    saved = hers.post(
        address, entered(toybox, apiKey="", integration_name="Renamed"), headers=at_the_side
    )
    assert (saved.status_code, saved["Koppel-Location"]) == (204, address)


def test_what_is_saved_too_often_is_refused_on_the_form(hers, toybox):
    address = f"{LIST}/{connected(hers, toybox).pk}"
    for _number in range(10):
        hers.post(f"{address}/test")
    page = text_of(hers.post(address, entered(toybox, integration_name="Typed")))
    assert "often enough" in page
    assert 'value="Typed"' in page


def test_a_test_shows_its_steps_without_storing_anything(hers, toybox):
    page = text_of(hers.post(f"{NEW}/test", entered(toybox), headers={"HX-Request": "true"}))
    assert "The connection works" in page
    assert page.count("test-step") == 3
    assert "<html" not in page
    page = text_of(hers.post(f"{NEW}/test", entered(toybox, apiKey=WRONG)))
    assert "<html" in page
    assert "does not accept the key" in page
    assert WRONG not in page
    assert not Integration.objects.exists()


def test_the_steps_of_a_test_are_seen_while_it_runs_by_whoever_started_it(hers, colleague, toybox):
    number = uuid4()
    hers.post(f"{NEW}/test", entered(toybox, watch=str(number)))
    kept = text_of(hers.get(f"{LIST}/steps/{number}"))
    assert "Everything is filled in" in kept
    assert "Running" in kept
    assert text_of(colleague.get(f"{LIST}/steps/{number}")).strip() == ""
    assert KEY not in kept


def test_an_empty_secret_stays_and_a_new_one_waits_until_it_worked(hers, toybox):
    made = connected(hers, toybox)
    tasks.check(str(made.pk))
    address = f"{LIST}/{made.pk}"
    hers.post(address, entered(toybox, apiKey="", integration_name="Renamed"))
    made.refresh_from_db()
    assert made.name == "Renamed"
    assert made.account.secrets.get(field="apiKey").value.reveal() == KEY
    hers.post(address, entered(toybox, apiKey=WRONG))
    assert vendors.has_next(made.account)
    assert "New values wait" in text_of(hers.get(address))
    assert "New values wait" in text_of(hers.get(LIST))
    hers.post(f"{address}/waiting", {"what": "discard"})
    assert not vendors.has_next(made.account)
    hers.post(address, entered(toybox, apiKey=OTHER))
    assert made.account.secrets.get(field="apiKey").value.reveal() == OTHER


def test_it_is_tested_switched_shared_and_deleted(hers, toybox, northwind):
    made = connected(hers, toybox)
    second = connected(hers, toybox, integration_name="Second toys")
    address = f"{LIST}/{made.pk}"
    assert "The connection works" in text_of(
        hers.post(f"{address}/test", headers={"HX-Request": "true"})
    )
    hers.post(f"{address}/switch", {"is_active": "off"})
    made.refresh_from_db()
    assert not made.is_active
    assert "Off" in text_of(hers.get(f"{LIST}?state=inactive"))
    hers.post(f"{address}/switch", {"is_active": "on"})
    hers.post(f"{address}/settings", {"is_shared": "on", "fallback": str(second.pk)})
    made.refresh_from_db()
    assert (made.is_active, made.is_shared, made.fallback) == (True, True, second)
    stops = text_of(hers.get(f"{address}/delete"))
    assert "Colleagues who use it lose it too." in stops
    assert "is left without a stand-in" in text_of(hers.get(f"{LIST}/{second.pk}/delete"))
    assert hers.post(f"{address}/delete").status_code == 302
    assert list(Integration.objects.all()) == [second]


def test_it_is_given_to_a_colleague_and_to_nobody_else(hers, toybox, northwind):
    made = connected(hers, toybox)
    stranger = people.member("CLOSER", people.organization("Contoso Growth"), "stranger")
    ben = people.member("CLOSER", northwind, "ben")
    assert 'id="id_owner_error"' in text_of(
        hers.post(f"{LIST}/{made.pk}/transfer", {"owner": str(stranger.pk)})
    )
    assert hers.post(f"{LIST}/{made.pk}/transfer", {"owner": str(ben.pk)}).status_code == 302
    made.refresh_from_db()
    assert made.owner == ben
    assert hers.get(f"{LIST}/{made.pk}").status_code == 404


def test_a_colleague_sees_and_tests_what_is_shared_and_changes_nothing(hers, colleague, toybox):
    made = connected(hers, toybox)
    address = f"{LIST}/{made.pk}"
    assert colleague.get(address).status_code == 404
    services.share(made, is_shared=True, actor=made.owner)
    page = text_of(colleague.get(address))
    assert MASK in page
    assert 'name="apiKey"' not in page
    assert "Shared with you" in text_of(colleague.get(LIST))
    assert colleague.post(f"{address}/test").status_code == 302
    for act in (
        "try",
        "waiting",
        "switch",
        "settings",
        "transfer",
        "reconnect",
        "disconnect",
        "delete",
        "",
    ):
        assert colleague.post(f"{address}/{act}".rstrip("/")).status_code == 403, act
    assert colleague.get(f"{address}/history").status_code == 403
    made.refresh_from_db()
    assert made.name == "Our toys"


def test_staff_see_all_and_change_what_their_role_lets_them(hers, toybox, northwind):
    made = connected(hers, toybox)
    address = f"{LIST}/{made.pk}"
    viewer, ops = (
        signed_in(people.staff(roles.OPERATIONS_VIEWER, "viewer")),
        signed_in(people.staff()),
    )
    for client in (viewer, ops):
        page = text_of(client.get(LIST))
        assert "Our toys" in page
        assert northwind.name in page
        assert "Available services" not in page
    assert "Add integration" not in text_of(viewer.get(f"{LIST}?organization={northwind.pk}"))
    assert viewer.post(f"{address}/switch", {"is_active": "off"}).status_code == 403
    assert "Add integration" in text_of(ops.get(f"{LIST}?organization={northwind.pk}"))
    assert ops.post(f"{address}/switch", {"is_active": "off"}).status_code == 302
    assert ops.get(f"{LIST}?organization={uuid4()}").status_code == 404


def test_tests_are_limited(hers, toybox):
    for number in range(10):
        hers.post(f"{NEW}/test", entered(toybox, apiKey=f"{KEY}{number}"))
    asked = len(toybox.asked)
    assert "often enough" in text_of(hers.post(f"{NEW}/test", entered(toybox)))
    assert len(toybox.asked) == asked


def test_the_list_costs_the_same_for_one_and_for_many(hers, toybox):
    connected(hers, toybox)
    cache.clear()
    hers.get(LIST)
    with CaptureQueriesContext(connection) as few:
        hers.get(LIST)
    for number in range(3):
        made = connected(hers, toybox, integration_name=f"Toys {number}")
        services.schedule(made, 60, actor=made.owner)
    with CaptureQueriesContext(connection) as many:
        hers.get(LIST)
    assert len(many) == len(few)
    assert len(few) == 15, [query["sql"] for query in few]


def test_a_form_begins_with_a_template_and_an_unknown_one_with_nothing(hers):
    ready = templates.TEMPLATES[0]
    address = f"{NEW}?provider={ready.provider}&template={ready.key}"
    page = text_of(hers.get(address))
    assert f'value="{ready.name}"' in page
    assert 'aria-current="true"' in page
    assert f'value="{ready.name}"' not in text_of(
        hers.get(f"{NEW}?provider={ready.provider}&template=nothing")
    )
