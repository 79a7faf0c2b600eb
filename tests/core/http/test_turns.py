"""How many web requests may wait for vendors at a time, and what the one too many is told."""

import threading

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from core.http import turns
from core.models import AuditEvent
from fathom_sync import accounts
from fathom_sync.accounts import registration
from tests.fathom_sync.cast import installation, point_at
from tests.support.people import assert_error, client_of, staff

pytestmark = pytest.mark.django_db

TEST = "/api/settings/fathom/test"
WORDS = (
    "Too many are waiting for other services at this moment. Nothing was changed; try again soon."
)


@pytest.fixture(autouse=True)
def fathom(sandbox, settings, monkeypatch):
    settings.WEB_THREADS = 4
    return point_at(sandbox, settings, monkeypatch)


@pytest.fixture
def two_wait():
    """Both turns of four threads are taken, by requests that wait for their vendor until
    the test is over.
    """
    over = threading.Event()
    taken = threading.Barrier(3)

    def request():
        with turns.of_one_request():
            turns.take()
            taken.wait(10)
            over.wait(30)

    threads = [threading.Thread(target=request) for _ in range(2)]
    for thread in threads:
        thread.start()
    taken.wait(10)
    yield over
    over.set()
    for thread in threads:
        thread.join()


def test_the_one_too_many_is_told_to_come_again_and_changes_nothing(two_wait):
    account = installation()
    before = accounts.status(account), AuditEvent.objects.count()
    answer = client_of(staff()).post(TEST)
    assert assert_error(answer, 503, "busy")["message"] == WORDS
    assert answer["Retry-After"] == "10"
    account.refresh_from_db()
    assert (accounts.status(account), AuditEvent.objects.count()) == before
    assert_error(
        client_of(staff("Operations admin")).post("/api/settings/fathom/webhook"), 503, "busy"
    )
    account.refresh_from_db()
    assert (account.registering_since, account.unfinished_since) == (None, None)


def test_pages_say_it_in_words_and_pages_without_vendors_go_on(two_wait):
    installation()
    browser = Client()
    browser.force_login(staff())
    answer = browser.post("/settings/fathom/test")
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [WORDS]
    assert browser.get("/settings/fathom").status_code == 200


def test_a_key_is_saved_though_nobody_can_test_it_now(two_wait):
    account = installation()
    answer = client_of(staff()).post(
        "/api/settings/fathom", {"apiKey": "another-key-of-the-tests-1"}
    )
    assert answer.status_code == 200
    assert "was not tested" in answer.json()["message"]
    assert accounts.api_key(account).reveal() == "another-key-of-the-tests-1"


def test_a_turn_is_given_back_and_kept_for_all_calls_of_one_request(fathom):
    installation()
    for _ in range(5):
        assert client_of(staff()).post(TEST).status_code == 200


def test_workers_have_no_turns(two_wait):
    assert registration.register(installation(), actor="worker") is True
