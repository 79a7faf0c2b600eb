"""Ready-made configurations: each is one that can be completed and stored,
and does what it says.
"""

import pytest
from django.core.cache import cache

from integrations import configuration, registry
from integrations.models import Integration
from integrations.templates import TEMPLATES
from tests.integrations import anycrm_cast, database_cast
from tests.integrations.anycrm_cast import MAPPING
from tests.integrations.conftest import API
from tests.support.database_servers import NAME, PASSWORD, USER
from tests.support.databases import SQL
from tests.support.people import assert_error, client_of, member, organization

pytestmark = pytest.mark.django_db
OWN = {
    "CUSTOM": {
        "apiEndpoint": "https://crm.example.com",
        "credentials": {"token": "t", "username": "u"},
    },
    "API": {
        "baseUrl": "https://api.example.com",
        "credentials": {"token": "token-of-no-value-0123"},
    },
    "DATABASE": {
        "host": "db.example.com",
        "database": "shop",
        "user": "reader",
        "password": "of no value",
    },
}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda template: template.key)
def test_a_template_needs_nothing_but_what_is_ones_own(template):
    provider = registry.find(template.provider)
    assert provider is not None
    given = {**OWN[template.provider], **template.configuration}
    configuration.complete(provider, configuration.read(provider, given))
    entered = configuration.read(provider, template.configuration)
    assert not {field.name for field in provider.vendor.secrets} & set(entered)


def test_templates_are_listed_for_whoever_signed_in(closer, client, django_assert_num_queries):
    cache.clear()
    found = closer.get(f"{API}/templates").json()
    assert [each["key"] for each in found] == [template.key for template in TEMPLATES]
    assert len({each["key"] for each in found}) == len(found)
    assert found[0]["configuration"]["provider"] == "CUSTOM"
    assert {each["minimumTier"] for each in found} == {"FREE", "PRO_PLUS"}
    free = client_of(member("CEO", organization("Contoso", tier="FREE"), "free-ceo"))
    assert free.get(f"{API}/templates").json() == found
    assert_error(client.get(f"{API}/templates"), 401)


def test_a_template_completed_is_an_integration(closer):
    (found,) = [each for each in closer.get(f"{API}/templates").json() if each["key"] == "intercom"]
    found["configuration"]["credentials"] = {"token": "token-of-no-value-0123"}
    body = {"name": found["name"], "type": found["type"], "configuration": found["configuration"]}
    assert closer.post(API, body).status_code == 201
    assert Integration.objects.get().provider == "CUSTOM"


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("rest-pages", {"path": "/v1/contacts"}),
        ("rest-links", {"path": "/v1/members"}),
    ],
)
def test_lists_are_read_as_a_template_says(key, changes, sandbox, closer):
    (template,) = [each for each in TEMPLATES if each.key == key]
    own = {
        "baseUrl": sandbox.url("anycrm"),
        "credentials": anycrm_cast.SIGN_INS["bearer"]["credentials"],
    }
    given = {"provider": "API", **template.configuration, **own, **changes, "mapping": MAPPING}
    account = anycrm_cast.made(closer, {"name": key, "type": "API", "configuration": given})
    assert len(anycrm_cast.ids(account)) == 25


@pytest.mark.parametrize("engine", SQL)
def test_a_table_is_read_as_a_template_says(engine, server_of, closer):
    server = server_of(engine)
    server.alter("DROP TABLE IF EXISTS contacts")
    server.alter(
        "CREATE TABLE contacts (id int PRIMARY KEY, email varchar(99), name varchar(99), phone "
        "varchar(99), company varchar(99), updated_at timestamp)"
    )
    server.alter(f"GRANT SELECT ON contacts TO {USER}")
    server.alter(
        "INSERT INTO contacts VALUES (7, 'ada@example.com', 'Ada', '1', 'Contoso', "
        "'2026-11-30 10:00:00')"
    )
    (template,) = [each for each in TEMPLATES if each.key == str(engine).lower()]
    own = {
        "host": server.place.host,
        "port": server.port,
        "database": NAME,
        "user": USER,
        "password": PASSWORD,
    }
    given = {"provider": "DATABASE", **template.configuration, **own, "tls": "OFF"}
    body = {"name": "Shop", "type": "DATABASE", "configuration": given}
    assert closer.post(f"{API}/test", body).json()["success"] is True
    account = anycrm_cast.made(closer, body)
    ((contact,),) = [page.records for page in database_cast.pages(account)]
    assert (contact.id, contact.fields["company"]) == ("7", "Contoso")
