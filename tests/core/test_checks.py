"""The numbered checks of the key ring, and that nothing starts without a key."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from core import checks

GOOD, OTHER = "0123456789abcdef" * 4, "fedcba9876543210" * 4


@pytest.fixture
def ids(settings):
    def of(*ring):
        settings.INTEGRATION_ENCRYPTION_KEY = list(ring)
        messages = checks.key_ring()
        assert not [
            message
            for message in messages
            for key in ring
            if key and key in f"{message.msg} {message.hint}"
        ]
        return [message.id for message in messages]

    return of


def run(*process, **variables):
    environment = {**os.environ, "INTEGRATION_ENCRYPTION_KEY": "", **variables}
    command = [sys.executable, *process]
    return subprocess.run(
        command, check=False, env=environment, capture_output=True, text=True, timeout=60
    )


def test_a_ring_of_good_keys_is_silent(ids):
    assert ids(GOOD) == []
    assert ids(GOOD, OTHER.upper(), "a passphrase that nobody would ever guess") == []


def test_no_key_is_an_error(ids):
    assert ids() == ["koppel.E001"]


@pytest.mark.parametrize(
    "key", [GOOD[:-1], GOOD + "0", GOOD[:32], "your-32-byte-hex-key-or-string", "a\x07b" * 10]
)
def test_a_key_cut_short_or_copied_from_an_example_is_an_error(ids, key):
    assert ids(key) == ["koppel.E002"]
    assert ids(GOOD, key) == ["koppel.E002"]


@pytest.mark.parametrize("key", ["abc", "x", "elevenchars", "ababababababababababababab"])
def test_a_passphrase_that_is_guessed_at_once_is_an_error(ids, key):
    assert ids(GOOD, key) == ["koppel.E002"]


def test_a_short_passphrase_is_a_warning(ids):
    assert ids("twelve chars") == ["koppel.W001"]
    assert ids("a passphrase as long as t") == []


def test_a_key_that_is_there_twice_is_a_warning(ids):
    assert ids(GOOD, OTHER, GOOD) == ["koppel.W002"]


def test_a_key_that_is_the_secret_key_is_a_warning(ids, settings):
    settings.SECRET_KEY = GOOD
    assert ids(GOOD) == ["koppel.W003"]


@pytest.mark.django_db
def test_a_ring_that_does_not_open_the_database_is_an_error(settings):
    assert checks.ring_opens_the_database(databases=["default"]) == []
    settings.INTEGRATION_ENCRYPTION_KEY = [GOOD]
    assert [message.id for message in checks.ring_opens_the_database(databases=["default"])] == [
        "koppel.E003"
    ]
    assert checks.ring_opens_the_database(databases=[]) == []


def test_an_unsound_ring_is_refused_with_its_reason(settings):
    settings.INTEGRATION_ENCRYPTION_KEY = []
    with pytest.raises(ImproperlyConfigured, match="generate_encryption_key"):
        checks.refuse_to_start()
    settings.INTEGRATION_ENCRYPTION_KEY = ["abc"]
    with pytest.raises(ImproperlyConfigured, match=r"koppel\.E002"):
        checks.refuse_to_start()


@pytest.mark.django_db
def test_a_ring_that_opens_nothing_of_the_database_is_refused(settings):
    checks.refuse_to_start()
    settings.INTEGRATION_ENCRYPTION_KEY = [GOOD]
    with pytest.raises(ImproperlyConfigured, match=r"koppel\.E003.*behind the new one"):
        checks.refuse_to_start()
    with pytest.raises(SystemExit, match=r"koppel\.E003"):
        checks.refuse_to_work()


@pytest.mark.django_db
def test_a_process_with_the_key_of_another_database_does_not_start():
    database = connections["default"].settings_dict
    place = (
        f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}/"
        f"{database['NAME']}"
    )
    started = run(
        "-c",
        "import config.asgi",
        INTEGRATION_ENCRYPTION_KEY=GOOD,
        DATABASE_URL=f"postgresql://{place}",
    )

    assert started.returncode != 0
    assert "koppel.E003" in started.stderr


def test_a_database_that_does_not_answer_keeps_nothing_from_starting(monkeypatch):
    monkeypatch.setitem(connections["default"].settings_dict, "PORT", "1")
    checks.refuse_to_start()


@pytest.mark.parametrize(
    "process",
    [
        ["-c", "import config.wsgi"],
        ["-c", "import config.asgi"],
        ["-m", "celery", "--app", "config.celery", "worker", "--pool", "solo"],
        ["-m", "celery", "--app", "config.celery", "beat", "--pidfile="],
        ["manage.py", "migrate", "--plan"],
    ],
    ids=["wsgi", "asgi", "worker", "beat", "command"],
)
def test_nothing_starts_without_a_key(process):
    started = run(*process)

    assert started.returncode != 0
    assert "koppel.E001" in started.stderr
    assert "generate_encryption_key" in started.stderr


def test_a_first_key_can_be_made_where_there_is_none():
    made = run("manage.py", "generate_encryption_key")

    assert made.returncode == 0
    assert len(bytes.fromhex(made.stdout.strip())) == 32
