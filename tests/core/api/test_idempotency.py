"""`Idempotency-Key`: one effect, and the first answer again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from core.api import idempotency
from core.models import IdempotencyKey, Run
from tests.support.people import assert_error, client_of, person

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.api.probe_urls")]


@pytest.fixture
def client():
    return client_of(person("anna"))


def post(client, key="k-1", body=None, path="/api/probe/count"):
    return client.post(path, body or {"name": "a"}, HTTP_IDEMPOTENCY_KEY=key)


def test_the_same_key_and_body_gives_the_first_answer_again(client):
    first, second = post(client), post(client)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json() == {"effects": 1, "name": "a"}
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert Run.objects.count() == 1


def test_without_a_key_and_with_another_key_it_happens_again(client):
    post(client)
    assert post(client, "k-2").json()["effects"] == 2
    assert client.post("/api/probe/count", {"name": "a"}).json()["effects"] == 3


def test_the_same_key_with_another_body_or_address_is_a_conflict(client):
    post(client)
    assert_error(post(client, body={"name": "b"}), 409, "idempotency_key_reused")
    assert_error(post(client, path="/api/probe/count?wait=0"), 409, "idempotency_key_reused")
    assert Run.objects.count() == 1


def test_the_order_of_fields_and_blanks_make_no_other_body(client):
    post(client, body={"name": "a", "x": 1})
    again = client.post(
        "/api/probe/count",
        b'{ "x": 1, "name": "a" }',
        content_type="application/json",
        HTTP_IDEMPOTENCY_KEY="k-1",
    )
    assert again["Idempotency-Replayed"] == "true"


def test_a_trailing_slash_makes_no_other_address(client):
    first, again = post(client), post(client, path="/api/probe/count/")
    assert again["Idempotency-Replayed"] == "true"
    assert again.json() == first.json()
    assert Run.objects.count() == 1


def test_a_key_belongs_to_its_person(client):
    post(client)
    assert post(client_of(person("bram"))).json()["effects"] == 2


def test_a_refusal_is_kept_too(client):
    path = "/api/probe/echo"
    first, second = (
        post(client, path=path, body={"name": ""}),
        post(client, path=path, body={"name": ""}),
    )
    assert first.status_code == second.status_code == 400
    assert second["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize("failure", ["bug", "temporary"])
def test_a_failure_releases_the_key(client, failure):
    assert post(client, path=f"/api/probe/count?fail={failure}").status_code >= 500
    assert not IdempotencyKey.objects.exists()
    assert post(client).json()["effects"] == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "ü", "a\tb"])
def test_an_odd_key_is_refused(client, key):
    body = assert_error(post(client, key=key), 400, "invalid")
    assert set(body["fields"]) == {"Idempotency-Key"}
    assert Run.objects.count() == 0


def test_reading_takes_no_key(client):
    assert client.get("/api/me", HTTP_IDEMPOTENCY_KEY="k-1").status_code == 200
    assert not IdempotencyKey.objects.exists()


def test_after_a_day_the_key_is_new_again(client):
    post(client)
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert post(client).json()["effects"] == 2


def test_what_is_older_than_a_day_is_forgotten(client):
    post(client, "old")
    post(client, "new")
    IdempotencyKey.objects.filter(key="old").update(created_at=timezone.now() - timedelta(hours=25))
    assert idempotency.forget(timezone.now()) == 1
    assert IdempotencyKey.objects.get().key == "new"


def test_a_first_request_that_is_still_at_work_is_a_conflict_that_says_when_to_ask(client):
    post(client)
    IdempotencyKey.objects.update(status_code=None)
    answer = post(client)
    assert_error(answer, 409, "idempotency_in_progress")
    assert answer["Retry-After"] == "1"
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(minutes=6))
    assert post(client).json()["effects"] == 2, "whoever claimed it is dead"


def test_the_kept_answer_is_sealed(client):
    post(client, body={"name": "answer-canary"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT body, fingerprint FROM idempotency_keys")
        assert "answer-canary" not in str(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_of_fifty_at_once_one_has_the_effect():
    client = client_of(person("anna"))
    header = client._credentials["HTTP_AUTHORIZATION"]

    def send(_: int) -> tuple[int, str]:
        own = client_of()
        own.credentials(HTTP_AUTHORIZATION=header)
        answer = post(own, path="/api/probe/count?wait=0.05")
        connection.close()
        return answer.status_code, answer.json().get("error", "")

    with ThreadPoolExecutor(50) as pool:
        results = list(pool.map(send, range(50)))
    assert Run.objects.count() == 1
    assert set(results) <= {(201, ""), (409, "idempotency_in_progress")}
    assert (201, "") in results
