"""Databases of somebody else's: signed in, read, and understood when they refuse."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.errors import BadCredentials, Misconfigured, Rejected, Temporary, VendorError
from core.http import CallContext
from core.http.databases import BadTls, Bounds, Engine, Place, QueryError, Tls, opened, reach
from core.masking import Secret
from core.models import ApiCall
from tests.support.database_servers import HOST, NAME, PASSWORD, PEOPLE, Server
from tests.support.databases import EVERY, SQL
from tests.support.resolver import Names
from tests.support.tls_front import Authority

pytestmark = pytest.mark.django_db

QUERIES = {
    Engine.POSTGRESQL: "SELECT id, email, name, is_customer FROM people ORDER BY id",
    Engine.MYSQL: "SELECT id, email, name, is_customer FROM people ORDER BY id",
    Engine.MONGODB: '{"collection": "people", "projection": {"changed": 0}, "sort": {"_id": 1}}',
}


def read(
    place: Place, query: str, bounds: Bounds | None = None, most: int = 500, **arguments: str
) -> Any:
    with opened("database", place, CallContext(function_name="test"), bounds) as session:
        return session.read(query, arguments, most)


def refused(
    kind: type[VendorError], place: Place, query: str, bounds: Bounds | None = None
) -> VendorError:
    with pytest.raises(kind) as caught:
        read(place, query, bounds)
    error = caught.value
    for secret in (PASSWORD, "127.0.0.1"):
        assert secret not in error.message
    assert error.__cause__ is None
    return error


@pytest.mark.parametrize("engine", EVERY)
def test_rows_come_as_texts_up_to_the_limit(
    engine: Engine, server_of: Callable[[Engine], Server]
) -> None:
    place = server_of(engine).place

    whole = read(place, QUERIES[engine])
    cut = read(place, QUERIES[engine], most=5)

    assert not whole.is_cut
    assert [row["email"] for row in whole.rows] == [email for _id, email, *_rest in PEOPLE]
    assert cut.is_cut
    assert len(cut.rows) == 5
    assert str(next(iter(cut.rows[0].values()))) == "1"


@pytest.mark.parametrize("engine", EVERY)
def test_the_certificate_is_checked_against_the_name(
    engine: Engine,
    server_of: Callable[[Engine], Server],
    authority: Authority,
    names: Names,
    settings: Any,
) -> None:
    server = server_of(engine)
    place = server.encrypted(authority.pem)
    names.answers["other.example.com"] = [["127.0.0.1"]]
    settings.ALLOW_PRIVATE_HOSTS = [
        *settings.ALLOW_PRIVATE_HOSTS,
        f"other.example.com:{server.tls_port}",
    ]

    assert len(read(place, QUERIES[engine]).rows) == 25
    assert len(read(replace(place, tls=Tls.ENCRYPT, authority=""), QUERIES[engine]).rows) == 25
    refused(BadTls, replace(place, authority=""), QUERIES[engine])
    refused(BadTls, replace(place, host="other.example.com"), QUERIES[engine])
    refused(BadTls, replace(place, authority="no certificate"), QUERIES[engine])


@pytest.mark.parametrize("engine", EVERY)
def test_a_wrong_password_is_one_of_bad_credentials(
    engine: Engine, server_of: Callable[[Engine], Server]
) -> None:
    place = server_of(engine).place

    refused(BadCredentials, replace(place, password=Secret("another")), QUERIES[engine])
    refused(BadCredentials, replace(place, user="nobody"), QUERIES[engine])


@pytest.mark.parametrize("engine", SQL)
def test_a_database_that_is_not_there_is_misconfigured(
    engine: Engine, server_of: Callable[[Engine], Server]
) -> None:
    refused(Misconfigured, replace(server_of(engine).place, database="nosuch"), QUERIES[engine])


@pytest.mark.parametrize("engine", SQL)
def test_what_the_user_may_not_read_is_told_apart_from_what_is_not_there(
    engine: Engine, server_of: Callable[[Engine], Server]
) -> None:
    place = server_of(engine).place

    assert "right to read" in refused(Rejected, place, "SELECT id FROM private").message
    error = refused(QueryError, place, "SELECT id,\n  shoe_size FROM people")
    assert "shoe_size" in error.message
    assert "line 2" in error.message
    error = refused(QueryError, place, "SELECT id\nFORM people\nWHERE id > 3")
    assert "line 2" in error.message


@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO people (id) VALUES (1000)",
        "UPDATE people SET name = ''",
        "DELETE FROM people",
        "DROP TABLE people",
        "SET default_transaction_read_only = off",
        "COPY people TO PROGRAM 'cat'",
        "COPY people TO STDOUT",
        "WITH gone AS (DELETE FROM people RETURNING id) SELECT id FROM gone",
        "SELECT id INTO other FROM people",
        "SELECT adds()",
        "SELECT nextval('numbers')",
        "SELECT set_config('transaction_read_only', 'off', true)",
        "SELECT 1; DELETE FROM people",
        "SELECT 1; SELECT 2",
        "/* */ ; DELETE FROM people",
        "COMMIT",
        "CALL adds()",
        "DO $$ BEGIN DELETE FROM people; END $$",
        "EXPLAIN ANALYZE DELETE FROM people",
        "SELECT id FROM people FOR UPDATE",
        "SELECT lo_create(0)",
        "SELECT lo_export(0, '/tmp/koppel')",
        "SELECT pg_terminate_backend(pg_backend_pid())",
        "SELECT 'a' /* /* nested */ ' */ ; DELETE FROM people --'",
        "",
        "-- nothing",
    ],
)
def test_postgresql_refuses_what_would_write(
    query: str, server_of: Callable[[Engine], Server]
) -> None:
    place = server_of(Engine.POSTGRESQL).place

    refused(VendorError, place, query)

    assert len(read(place, QUERIES[Engine.POSTGRESQL]).rows) == 25


@pytest.mark.parametrize("engine", [pytest.param(Engine.MYSQL, marks=SQL[1].marks)])
@pytest.mark.parametrize(
    "query",
    [
        "INSERT INTO people (id) VALUES (1000)",
        "DELETE FROM people",
        "SET SESSION TRANSACTION READ WRITE",
        "SELECT adds()",
        "SELECT id FROM people INTO OUTFILE '/tmp/koppel-outfile'",
        "SELECT id INTO @x FROM people LIMIT 1",
        "SELECT 1 /*! INTO OUTFILE '/tmp/koppel-outfile' */",
        "SELECT 1 /*M! INTO OUTFILE '/tmp/koppel-outfile' */",
        "SELECT 1; DELETE FROM people",
        "WITH x AS (SELECT 1 AS id) DELETE FROM people",
        "CALL adds()",
        "LOCK TABLES people WRITE",
        "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE people",
        "SELECT '\\' INTO OUTFILE ', id INTO DUMPFILE '/tmp/koppel-outfile' FROM people",
        "",
    ],
)
def test_mysql_refuses_what_would_write(
    engine: Engine, query: str, server_of: Callable[[Engine], Server]
) -> None:
    place = server_of(engine).place

    refused(VendorError, place, query)

    assert len(read(place, QUERIES[engine]).rows) == 25


@pytest.mark.parametrize("engine", SQL)
def test_a_session_says_whether_it_only_reads_and_whether_its_user_might_write(
    engine: Engine, server_of: Callable[[Engine], Server]
) -> None:
    server = server_of(engine)

    with opened("database", server.place, CallContext()) as session:
        assert session.is_read_only()
        assert not session.may_write()
        assert session.version.startswith(server.version)


@pytest.mark.parametrize("engine", SQL)
def test_a_slow_query_is_cut(engine: Engine, server_of: Callable[[Engine], Server]) -> None:
    nap = {Engine.POSTGRESQL: "SELECT pg_sleep(20)", Engine.MYSQL: "SELECT sleep(20) FROM people"}[
        engine
    ]

    error = refused(Rejected, server_of(engine).place, nap, Bounds(statement=0.5))

    assert "too long" in error.message


def test_a_query_that_takes_its_time_limit_off_is_ended_with_its_connection(
    server_of: Callable[[Engine], Server],
) -> None:
    query = "SELECT set_config('statement_timeout', '0', true), pg_sleep(20) FROM people"

    error = refused(
        Rejected, server_of(Engine.POSTGRESQL).place, query, Bounds(connect=1, statement=0.5)
    )

    assert "too long" in error.message


@pytest.mark.parametrize("engine", SQL)
def test_values_that_are_huge_are_refused_and_no_more_is_read_than_may_be(
    engine: Engine, server_of: Callable[[Engine], Server]
) -> None:
    place = server_of(engine).place
    bounds = Bounds(row_bytes=10_000, all_bytes=1_000_000)

    row = refused(Rejected, place, "SELECT repeat('x', 20000) AS x", bounds)
    all_of_it = refused(Rejected, place, "SELECT repeat('x', 10000000) AS x", bounds)

    assert "row" in row.message
    assert "more data" in all_of_it.message
    assert ApiCall.objects.filter(metadata__bytes__lt=1_200_000).count() == 2


@pytest.mark.parametrize("engine", SQL)
def test_parameters_stand_where_they_are_meant_and_nowhere_else(
    engine: Engine, server_of: Callable[[Engine], Server]
) -> None:
    place = server_of(engine).place
    query = (
        "SELECT id, ':after' AS text FROM people -- :after\n"
        "WHERE id > :after AND changed >= :since AND changed > :since ORDER BY id;"
    )

    rows = read(place, query, after="3", since="2026-11-20 00:00:00").rows

    assert [row["id"] for row in rows] == [str(number) for number in range(20, 26)]
    assert rows[0]["text"] == ":after"
    attack = read(
        place, "SELECT name FROM people WHERE name = :after", after="' OR 1=1 --\\' OR 1=1 #"
    ).rows
    assert attack == []
    refused(QueryError, place, "SELECT id FROM people WHERE id = :id")


def test_postgresql_reads_its_own_ways_of_quoting(server_of: Callable[[Engine], Server]) -> None:
    query = (
        "SELECT $a$ ; :since $b$ $a$ AS a, E'\\' ; :since' AS b, 'it''s ; :after' AS c, "
        '"id"::text AS ":since" FROM people /* ; /* :since */ */ WHERE id = 1'
    )

    assert read(server_of(Engine.POSTGRESQL).place, query).rows == [
        {"a": " ; :since $b$ ", "b": "' ; :since", "c": "it's ; :after", ":since": "1"}
    ]


def test_a_call_is_logged_without_its_password(server_of: Callable[[Engine], Server]) -> None:
    server = server_of(Engine.POSTGRESQL)

    read(server.place, QUERIES[Engine.POSTGRESQL])
    refused(BadCredentials, replace(server.place, password=Secret("another-password")), "SELECT 1")

    good, bad = ApiCall.objects.order_by("created_at")
    assert (good.vendor, good.method, good.endpoint, good.success) == (
        "database", "READ", f"{HOST}:{server.port}/{NAME}", True,
    )  # fmt: skip
    assert good.metadata["bytes"] > 1000
    assert bad.success is False
    assert "another-password" not in str(vars(bad))


def test_reaching_says_whether_anybody_answers(
    server_of: Callable[[Engine], Server], settings: Any
) -> None:
    place = server_of(Engine.POSTGRESQL).place

    reach("database", place, Bounds())

    closed = replace(place, port=1)
    settings.ALLOW_PRIVATE_HOSTS = [f"{HOST}:1"]
    with pytest.raises(Temporary):
        reach("database", closed, Bounds(connect=1))


FIND = '{"collection": "people", "filter": %s}'


@pytest.mark.parametrize(
    "query",
    [
        FIND % '{"$where": "sleep(1000)"}',
        FIND % '{"a": {"$or": [{"$function": {"body": "x"}}]}}',
        FIND % '{"$expr": {"$function": {"body": "x", "args": [], "lang": "js"}}}',
        FIND % '{"a": {"$code": "x"}}',
        FIND % "[]",
        '{"collection": "people", "pipeline": [{"$out": "x"}]}',
        '{"collection": "people", "projection": {"x": {"$accumulator": {}}}}',
        '{"filter": {}}',
        '{"insert": "people", "documents": []}',
        "[1]",
        "not JSON",
        "",
        "[" * 5000,
        FIND % ('{"a":' * 60 + "1" + "}" * 60),
    ],
)
def test_mongodb_is_asked_for_nothing_but_a_harmless_find(
    query: str, dialled: list[Any], settings: Any
) -> None:
    from core.http.databases.mongo import parsed

    with pytest.raises(QueryError):
        parsed("database", query, {"since": "", "after": ""})

    assert dialled == []


@pytest.mark.parametrize("engine", [pytest.param(Engine.MONGODB, marks=EVERY[2].marks)])
def test_mongodb_takes_parameters_in_its_own_types(
    engine: Engine, server_of: Callable[[Engine], Server]
) -> None:
    place = server_of(engine).place
    query = (
        '{"collection": "people", "filter": {"_id": {"$gt": {"$numberInt": ":after"}}}, '
        '"projection": {"email": 1}, "sort": {"_id": 1}}'
    )

    assert read(place, query, after="23").rows == [
        {"_id": "24", "email": "person24@example.com"},
        {"_id": "25", "email": "person25@example.com"},
    ]
