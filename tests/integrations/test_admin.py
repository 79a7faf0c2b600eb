"""Integrations in the management portal: looked at, tested, switched,
changed and deleted by staff who may.
"""

import pytest
from django.test import Client

from core.models import AuditEvent
from core.signin import roles
from integrations.models import Integration
from tests.integrations.conftest import KEY, OTHER
from tests.integrations.toys import integration_of
from tests.support import people

pytestmark = pytest.mark.django_db
LIST = "/admin/integrations/integration/"
MASK = "toy-key...-0001"


def signed_in(role: str) -> Client:
    client = Client()
    client.force_login(people.staff(role), backend="core.signin.Backend")
    return client


@pytest.fixture
def ops(db: None) -> Client:
    return signed_in(roles.OPERATIONS_ADMIN)


@pytest.fixture
def made(toybox, northwind) -> Integration:
    owner = people.member("CLOSER", northwind, "anna")
    return integration_of(owner, northwind, baseUrl=toybox.url)


def test_the_list_and_the_page_show_what_is_known_and_no_secret(ops, made):
    page = ops.get(LIST).content.decode()
    assert "Our toys" in page
    assert "Toybox" in page
    page = ops.get(f"{LIST}{made.pk}/change/").content.decode()
    assert MASK in page
    for query in ("?provider=TOYBOX", "?type__exact=CRM", "?q=anna", f"?q={made.pk}"):
        assert ops.get(LIST + query).context["cl"].result_count == 1, query
    assert ops.get(f"{LIST}?provider=CHATWOOT").context["cl"].result_count == 0
    assert KEY not in page


def test_chosen_ones_are_tested_and_switched(ops, made, toybox):
    def act(name):
        return ops.post(
            LIST, {"action": name, "_selected_action": [str(made.pk)]}, follow=True
        ).content.decode()

    assert "Our toys: " in act("test")
    made.account.refresh_from_db()
    assert made.account.state == "connected"
    assert toybox.asked == ["/me"]
    act("switch_off")
    made.refresh_from_db()
    assert not made.is_active
    act("switch_on")
    made.refresh_from_db()
    assert made.is_active
    assert AuditEvent.objects.filter(action="integration.deactivated").exists()


def test_values_are_entered_in_a_form_of_the_declared_fields(ops, made, toybox):
    address = f"{LIST}{made.pk}/values/"
    page = ops.get(address).content.decode()
    assert MASK in page
    assert KEY not in page
    for name in ("baseUrl", "apiKey", "features.syncContacts", "credentials"):
        assert f'name="{name}"' in page
    assert (
        ops.post(
            address, {"integration_name": "Ours", "baseUrl": "http://toys.example"}
        ).status_code
        == 200
    )
    entered = {
        "integration_name": "Ours",
        "baseUrl": toybox.url,
        "apiKey": OTHER,
        "features.syncContacts": "on",
    }
    assert ops.post(address, entered).status_code == 302
    made.refresh_from_db()
    assert made.name == "Ours"
    assert made.account.secrets.get(field="apiKey").value.reveal() == OTHER


def test_sharing_and_schedule_are_changed_and_it_is_deleted_with_its_account(ops, made):
    ops.post(f"{LIST}{made.pk}/change/", {"is_shared": "on", "sync_every": "60"})
    made.refresh_from_db()
    assert (made.is_shared, made.sync_every) == (True, 60)
    assert made.next_sync_at is not None
    assert ops.post(f"{LIST}{made.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Integration.objects.exists()
    assert AuditEvent.objects.filter(action="integration.deleted").exists()


@pytest.mark.parametrize("role", [roles.OPERATIONS_VIEWER, roles.AUDITOR])
def test_who_only_looks_changes_nothing(role, made):
    client = signed_in(role)
    assert client.get(LIST).status_code == 200
    assert client.get(f"{LIST}{made.pk}/values/").status_code == 403
    assert client.post(f"{LIST}{made.pk}/change/", {"is_shared": "on"}).status_code == 403
    client.post(LIST, {"action": "switch_off", "_selected_action": [str(made.pk)]})
    made.refresh_from_db()
    assert (made.is_active, made.is_shared) == (True, False)
