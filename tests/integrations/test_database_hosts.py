"""Hosts of databases that must not be reached: refused in words when they are tried and saved,
by every driver.
"""

from dataclasses import replace

import pytest

from core.errors import BadCredentials, VendorError
from core.http import CallContext
from core.http.databases import Bounds, Engine, opened
from core.masking import Secret
from core.models import VendorAccount
from integrations import tasks
from integrations.models import Integration
from tests.integrations.conftest import API
from tests.integrations.database_cast import QUERIES, given
from tests.support.database_servers import HOST, Server
from tests.support.people import assert_error
from tests.support.resolver import PUBLIC
from tests.support.sly_servers import SlyMongo, SlyMySql

pytestmark = pytest.mark.django_db
ENGINES = list(Engine)
QUICK = Bounds(connect=2, statement=2)

# What is no single host of the public internet, as it stands: refused when it is saved.
REFUSED_AS_WRITTEN = [
    "127.0.0.1",
    "::1",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "10.0.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "168.63.129.16",
    "0.0.0.0",
    "2130706433",
    "0x7f.1",
    "127.1",
    "0177.0.0.1",
    "１２７.0.0.1",
    "fd00:ec2::254",
    "64:ff9b::7f00:1",
    "db.example.com,127.0.0.1",
    "db.example.com:5432",
    "user:secret@db.example.com",
    "user@db.example.com",
    "postgresql://db.example.com/x",
    "mongodb+srv://db.example.com",
    "mysql://db.example.com",
    "file:///etc/passwd",
    "/var/run/postgresql",
    "/tmp",
    "@abstract",
    "db.example.com/x",
    "db.example.com host=127.0.0.1",
    "db.example.com%00.example.org",
    "db.example.com?host=127.0.0.1",
    "db\\example.com",
    "..",
]


def server(engine, port):
    return Server(engine, port, lambda _statement: None)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("host", REFUSED_AS_WRITTEN)
def test_a_hostile_host_is_refused_by_test_and_by_save(
    engine, host, closer, nobody, dialled, settings
):
    settings.ALLOW_PRIVATE_HOSTS = []
    for address in (API, f"{API}/test"):
        body = assert_error(
            closer.post(address, given(server(engine, nobody.port), host=host, tls="VERIFY")), 400
        )
        (message,) = body["fields"]["configuration.host"]
        assert "Enter the host alone" in message or "is not public" in message
    assert not Integration.objects.exists()
    assert dialled == []


# Names whose addresses are not all public: they are found out when they are
# dialled, and not before.
LEADS_INSIDE = [
    [["127.0.0.1"]],
    [["::1"]],
    [["::ffff:7f00:1"]],
    [["169.254.169.254"]],
    [["10.1.2.3"]],
    [[PUBLIC, "127.0.0.1"]],
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("answers", LEADS_INSIDE)
def test_a_name_that_leads_inside_is_refused(
    engine, answers, closer, nobody, dialled, names, settings
):
    settings.ALLOW_PRIVATE_HOSTS = []
    names.answers[HOST] = answers
    body = given(server(engine, nobody.port), tls="VERIFY")
    tried = closer.post(f"{API}/test", body).json()
    assert (tried["success"], tried["error"]) == (False, "MISCONFIGURED")
    assert "is not public" in tried["message"]
    saved = closer.post(API, body).json()["integration"]
    tasks.check(saved["id"])
    state = closer.get(f"{API}/{saved['id']}").json()["connectionStatus"]
    assert (state["isConnected"], state["state"]) == (False, "error")
    assert "is not public" in state["errorMessage"]
    assert dialled == []


@pytest.mark.parametrize("engine", ENGINES)
def test_a_name_that_changes_is_dialled_where_it_was_checked(
    engine, nobody, dialled, names, settings
):
    settings.ALLOW_PRIVATE_HOSTS = []
    names.answers[HOST] = [[PUBLIC], ["127.0.0.1"]]
    place = replace(server(engine, nobody.port).place, tls="VERIFY")
    for asked in (1, 2):
        with pytest.raises(VendorError), opened("database", place, CallContext(), QUICK):
            pass
        assert names.asked.count(HOST) == asked
    assert {address[0] for address in dialled} == {PUBLIC}


@pytest.mark.parametrize("engine", ENGINES)
def test_without_encryption_only_what_the_owner_allowed_is_reached(
    engine, closer, nobody, dialled, names, settings
):
    settings.ALLOW_PRIVATE_HOSTS = []
    names.answers[HOST] = [[PUBLIC]]
    tried = closer.post(f"{API}/test", given(server(engine, nobody.port))).json()
    assert "Without TLS" in tried["message"]
    assert dialled == []


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("port", [22, 25, 80, 0, 65536, 99999999])
def test_ports_of_other_services_are_not_dialled(engine, port, closer, dialled, names, settings):
    settings.ALLOW_PRIVATE_HOSTS = []
    names.answers[HOST] = [[PUBLIC]]
    tried = closer.post(f"{API}/test", given(server(engine, port), tls="VERIFY")).json()
    assert "names a port that Koppel does not call" in tried["message"]
    assert dialled == []


@pytest.mark.parametrize(
    "values",
    [
        {"database": "postgresql://127.0.0.1:{port}/x"},
        {"database": "host=127.0.0.1 port={port}"},
        {"database": "x' host='127.0.0.1' port='{port}"},
        {"database": "x\\' hostaddr=127.0.0.1 port={port}"},
        {"user": "x' host='127.0.0.1' port='{port}"},
        {"password": "x' hostaddr='127.0.0.1' port='{port}"},
        {"database": "x?host=127.0.0.1&port={port}"},
        {"database": "x,127.0.0.1:{port}"},
    ],
)
@pytest.mark.parametrize("engine", ENGINES)
def test_no_value_of_another_field_moves_a_driver(engine, values, nobody, server_of):
    place = server_of(Engine.POSTGRESQL).place
    place = replace(place, engine=engine)
    parts = {name: text.format(port=nobody.port) for name, text in values.items()}
    if "password" in parts:
        parts["password"] = Secret(parts["password"])
    with (
        pytest.raises(VendorError),
        opened("database", replace(place, **parts), CallContext(), QUICK),
    ):
        pass


def test_the_environment_moves_no_driver(monkeypatch, nobody, server_of):
    place = server_of(Engine.POSTGRESQL).place
    for name, value in {
        "PGHOST": "127.0.0.1",
        "PGHOSTADDR": "127.0.0.1",
        "PGPORT": str(nobody.port),
        "PGDATABASE": "postgres",
        "PGSSLMODE": "require",
        "MYSQL_TCP_PORT": str(nobody.port),
    }.items():
        monkeypatch.setenv(name, value)
    with opened("database", place, CallContext(), QUICK) as session:
        assert (
            len(session.read(QUERIES["POSTGRESQL"], {"since": "1970-01-01", "after": "0"}, 50).rows)
            == 25
        )


def test_members_that_mongodb_names_are_not_dialled(names, nobody, dialled, settings):
    with SlyMongo(f"127.0.0.1:{nobody.port}") as sly:
        names.answers[HOST] = [["127.0.0.1"]]
        settings.ALLOW_PRIVATE_HOSTS = [f"{HOST}:{sly.port}"]
        place = server(Engine.MONGODB, sly.port).place
        with pytest.raises(BadCredentials), opened("database", place, CallContext(), QUICK):
            pass
        with opened("database", replace(place, user=""), CallContext(), QUICK) as session:
            assert session.read('{"collection": "people"}', {}, 5).rows == []
        assert "find" in sly.asked
    assert nobody.port not in {address[1] for address in dialled}


def test_mysql_gets_no_file_of_ours(names, settings, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("what nobody may read")
    with SlyMySql(str(secret)) as sly:
        names.answers[HOST] = [["127.0.0.1"]]
        settings.ALLOW_PRIVATE_HOSTS = [f"{HOST}:{sly.port}"]
        place = server(Engine.MYSQL, sly.port).place
        with pytest.raises(VendorError), opened("database", place, CallContext(), QUICK) as session:
            session.read("SELECT 1", {}, 5)
        assert sly.wishes > 0
    assert b"nobody may read" not in b"".join(sly.got)


def test_nothing_is_kept_of_what_was_only_tried(closer, nobody, settings):
    settings.ALLOW_PRIVATE_HOSTS = []
    closer.post(f"{API}/test", given(server(Engine.POSTGRESQL, nobody.port), host="127.0.0.1"))
    assert not VendorAccount.objects.filter(vendor="database").exists()
