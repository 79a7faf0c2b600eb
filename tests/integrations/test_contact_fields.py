"""Fields that an account's people made at the vendor: they are shown, mapped, read and written."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache
from django.utils.html import escape

from crm.models import Contact
from integrations import registry
from integrations.contacts.asking import NOT_ANSWERED
from integrations.contacts.choosing import NO_PROPERTY, NOT_KNOWN, NOT_WRITABLE
from sandbox.vendors.pipedrive.cast import CUSTOM, SEATS, SIZE
from tests.integrations.conftest import API
from tests.integrations.crm_cast import Crm, records, synced
from tests.integrations.hubspot_cast import READING_ONLY, hubspot
from tests.integrations.pipedrive_cast import pipedrive
from tests.integrations.salesforce_cast import salesforce
from tests.integrations.zoho_cast import zoho

__all__ = ["hubspot", "pipedrive", "salesforce", "zoho"]
pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Own:
    """A field that is no other account's, and where the vendor tells of it."""

    name: str
    label: str
    asked_at: str


OWN = {
    "hubspot": Own("favourite_colour", "Favourite colour", "/crm/properties/2026-09/contacts"),
    "pipedrive": Own(CUSTOM, "Favourite colour", "/api/v2/personFields"),
    "salesforce": Own(
        "Favourite_Region__c", "Favourite region", "/services/data/v66.0/sobjects/Contact/describe"
    ),
    "zoho": Own("Favourite_Region", "Favourite region", "/crm/v8/settings/fields"),
}


@pytest.fixture(params=sorted(OWN))
def crm(request: Any) -> Crm:
    found: Crm = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def own(crm: Crm) -> Own:
    return OWN[crm.name]


def address(integration: Any) -> str:
    return f"{API}/{integration.pk}/mapping"


def mapped(crm: Crm, name: str, **wishes: str) -> dict[str, Any]:
    """Return a body that maps the company to this field."""
    email = crm.contacts.mapping["email"]
    return {
        "fields": [
            {"ours": "email", "theirs": email},
            {"ours": "company", "theirs": name, **wishes},
        ]
    }


def value_at(crm: Crm, own: Own, email: str) -> Any:
    """Return what the vendor has in the field."""
    if crm.name in {"salesforce", "zoho"}:
        return crm.rows(email)[0][own.name]
    (found,) = crm.act("find", email=email)
    return found[{"hubspot": "properties", "pipedrive": "custom_fields"}[crm.name]][own.name]


def test_every_provider_that_tells_of_such_fields_fetches_them():
    found = [provider.contacts for provider in registry.PROVIDERS if provider.contacts is not None]
    assert {each.describe is None for each in found} == {True, False}
    assert [each for each in found if (each.describe is None) != (each.fetch_with is None)] == []


def test_the_fields_of_the_account_are_offered_and_asked_for_once(closer, crm, own):
    integration = crm.connected(closer)
    crm.sandbox.forget()
    shown = closer.get(address(integration)).json()
    assert {"name": own.name, "label": own.label, "writable": True} in shown["theirFields"]
    assert {field.name for field in crm.contacts.fields} <= {
        field["name"] for field in shown["theirFields"]
    }
    assert shown["theirFieldsNote"] == ""
    assert closer.get(address(integration)).json() == shown
    assert len(crm.asked(own.asked_at)) == 1


def test_such_a_field_is_mapped_and_kept_alike(closer, crm, own):
    integration = crm.connected(closer)
    answer = closer.put(address(integration), mapped(crm, own.name))
    assert answer.status_code == 200, answer.content
    theirs = records(crm.pages(integration, names=[own.name]))
    assert synced(integration).state == "succeeded"
    filled = [record for record in theirs if record.fields[own.name]]
    assert filled
    email = filled[0].fields[crm.contacts.mapping["email"]]
    ours = Contact.objects.get(email=email)
    assert ours.company == filled[0].fields[own.name]
    ours.company = "Of our own"
    ours.save()
    run = synced(integration)
    assert (run.state, run.counts["pushed"]) == ("succeeded", 1)
    assert value_at(crm, own, email) == "Of our own"
    ours.company = ""
    ours.save()
    assert synced(integration).state == "succeeded"
    assert not value_at(crm, own, email)
    assert synced(integration).counts.get("pushed", 0) == 0


def test_the_page_says_why_fields_are_missing_at_the_mapping(closer, client, crm, own):
    integration = crm.connected(closer)
    client.force_login(integration.owner, backend="core.signin.Backend")
    page = f"/dashboard/integrations/{integration.pk}/contacts"
    assert "These may not be all of the fields" not in client.get(page).content.decode()
    cache.clear()
    crm.fault("error", own.asked_at)
    mapping = client.get(page).content.decode().partition('class="table table-stacked mapping"')[0]
    assert "These may not be all of the fields" in mapping
    assert str(escape(NOT_ANSWERED)) in mapping


def test_a_service_that_does_not_answer_leaves_the_usual_fields_and_a_note(closer, crm, own):
    integration = crm.connected(closer)
    crm.fault("error", own.asked_at)
    shown = closer.get(address(integration)).json()
    assert [field["name"] for field in shown["theirFields"]] == [
        field.name for field in crm.contacts.fields
    ]
    assert shown["theirFieldsNote"] == NOT_ANSWERED
    before = len(crm.asked(own.asked_at))
    refused = closer.put(address(integration), mapped(crm, own.name))
    assert refused.status_code == 400
    assert refused.json()["fields"]["fields.1.theirs"] == [NOT_KNOWN]
    # It was asked a moment ago.
    assert len(crm.asked(own.asked_at)) == before
    assert closer.get(address(integration)).json()["isUsual"] is True


def test_what_is_mapped_stays_while_the_service_does_not_answer(closer, salesforce):
    own = OWN["salesforce"]
    integration = salesforce.connected(closer)
    assert closer.put(address(integration), mapped(salesforce, own.name)).status_code == 200
    cache.clear()
    salesforce.fault("error", own.asked_at)
    shown = closer.get(address(integration)).json()
    # A form that did not offer it would take it away with whatever else is saved.
    assert shown["theirFields"][-1] == {"name": own.name, "label": own.name, "writable": True}
    assert shown["theirFieldsNote"] == NOT_ANSWERED
    answer = closer.put(address(integration), mapped(salesforce, own.name, rule="ask"))
    assert answer.status_code == 200, answer.content
    assert answer.json()["fields"][1]["rule"] == "ask"


def test_a_field_that_was_just_made_is_asked_for_anew(closer, salesforce):
    own = OWN["salesforce"]
    integration = salesforce.connected(closer)
    salesforce.turn(hidden_fields=[own.name])
    shown = closer.get(address(integration)).json()
    assert own.name not in {field["name"] for field in shown["theirFields"]}
    assert closer.put(address(integration), mapped(salesforce, own.name)).json()["fields"] == {
        "fields.1.theirs": [NO_PROPERTY]
    }
    salesforce.turn(hidden_fields=[])
    assert closer.put(address(integration), mapped(salesforce, own.name)).status_code == 200


def test_numbers_of_pipedrive_are_read_and_not_written_and_choices_are_not_offered(
    closer, pipedrive
):
    integration = pipedrive.connected(closer)
    shown = {
        field["name"]: field for field in closer.get(address(integration)).json()["theirFields"]
    }
    assert shown[SEATS] == {"name": SEATS, "label": "Seats", "writable": False}
    assert SIZE not in shown
    refused = closer.put(address(integration), mapped(pipedrive, SEATS))
    assert refused.json()["fields"] == {"fields.1.direction": [NOT_WRITABLE]}
    assert (
        closer.put(address(integration), mapped(pipedrive, SEATS, direction="pull")).status_code
        == 200
    )
    assert synced(integration, direction="pull").state == "succeeded"
    assert Contact.objects.get(email="person7@1.example.com").company == "7"
    (asked, *_more) = pipedrive.asked("/api/v2/persons")
    assert SEATS in str(asked)


def test_a_key_that_only_reads_sees_the_fields_too(closer, hubspot):
    integration = hubspot.connected(closer, accessToken=READING_ONLY)
    shown = closer.get(address(integration)).json()
    assert (shown["theirFields"][-1]["name"], shown["theirFieldsNote"]) == ("favourite_colour", "")


def test_without_a_cache_the_service_is_asked_each_time(closer, hubspot, settings):
    integration = hubspot.connected(closer)
    nowhere = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
    }
    settings.CACHES = {"default": nowhere}
    shown = closer.get(address(integration)).json()
    assert shown["theirFields"][-1]["name"] == "favourite_colour"


def test_a_right_that_lacks_leaves_the_usual_fields(closer, zoho):
    integration = zoho.connected(closer)
    zoho.turn(lacks=["ZohoCRM.settings.fields.READ"])
    shown = closer.get(address(integration)).json()
    assert len(shown["theirFields"]) == len(zoho.contacts.fields)
    assert shown["theirFieldsNote"] == NOT_ANSWERED
