"""What a process remembers of settings: ciphertext, for five minutes,
never longer than the next change anywhere.
"""

import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from core import settings_store
from core.models import AuditEvent, SystemSetting, User
from core.redis import connection as redis_connection
from core.settings_store import Setting, declare, get, put

pytestmark = pytest.mark.django_db
COMMITS = pytest.mark.django_db(transaction=True)
declare(Setting("cached_secret", "A secret", secret=True))

OTHER_PROCESS = """
import sys, django
django.setup()
from core.settings_store import Setting, declare, get, put
declare(Setting("cached_secret", "A secret", secret=True))
for line in sys.stdin:
    command, _, value = line.strip().partition(" ")
    if command == "put":
        put("cached_secret", value, actor="other")
    found = get("cached_secret")
    print(found.reveal() if found else "-", flush=True)
"""


@pytest.fixture
def other():
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def ask(line):
        process.stdin.write(line + "\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    yield ask
    process.stdin.close()
    assert process.wait(10) == 0


@pytest.fixture
def queries(django_assert_num_queries):
    return django_assert_num_queries


@pytest.fixture
def stored(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        put("cached_secret", "canary-in-memory", actor="test")


def test_a_second_read_asks_the_database_nothing(stored, queries):
    assert get("cached_secret").reveal() == "canary-in-memory"
    with queries(0):
        assert get("cached_secret").reveal() == "canary-in-memory"


def test_what_is_set_nowhere_is_remembered_too(queries):
    assert get("cached_secret") is None
    with queries(0):
        assert get("cached_secret") is None


def test_memory_holds_ciphertext_alone(stored):
    get("cached_secret")
    remembered = settings_store._memory[("cached_secret", None)]
    assert b"canary" not in pickle.dumps(remembered.value)
    assert "canary" not in repr(remembered)


def test_after_five_minutes_the_database_is_read_again(stored, queries):
    get("cached_secret")
    remembered = settings_store._memory[("cached_secret", None)]
    settings_store._memory[("cached_secret", None)] = settings_store._Remembered(
        remembered.version, 0.0, remembered.value
    )
    with queries(1):
        get("cached_secret")


@COMMITS
def test_a_change_is_seen_at_once_in_another_process(other):
    put("cached_secret", "first", actor="test")
    assert other("get") == "first"
    for number in range(20):
        put("cached_secret", f"here {number}", actor="test")
        assert other("get") == f"here {number}"
        assert other(f"put there {number}") == f"there {number}"
        assert get("cached_secret").reveal() == f"there {number}"
    put("cached_secret", None, actor="test")
    assert other("get") == "-"


@COMMITS
def test_an_emptied_redis_costs_a_read_and_no_truth(other):
    put("cached_secret", "first", actor="test")
    assert other("get") == "first"
    redis_connection().flushdb()
    assert other("put second") == "second"
    redis_connection().flushdb()
    assert get("cached_secret").reveal() == "second"


def test_without_redis_the_database_is_read_each_time(settings):
    put("cached_secret", "first", actor="test")
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert get("cached_secret").reveal() == "first"
    SystemSetting.objects.all().delete()
    assert get("cached_secret") is None
    put("cached_secret", "second", actor="test")
    assert get("cached_secret").reveal() == "second"


@COMMITS
def test_a_reader_that_meets_a_change_half_way_does_not_remember_the_old_value(other):
    from django.db import transaction

    put("cached_secret", "old", actor="test")
    with transaction.atomic():
        put("cached_secret", "new", actor="test")
        assert other("get") == "old"
    assert other("get") == "new"


@COMMITS
def test_readers_and_a_writer_at_once_never_see_a_value_older_than_the_last_one_written():
    put("cached_secret", "0", actor="test")
    written = [0]

    def read(_number):
        try:
            for _ in range(100):
                floor = written[0]
                assert int(get("cached_secret").reveal()) >= floor
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        readers = [threads.submit(read, number) for number in range(4)]
        for number in range(1, 40):
            put("cached_secret", str(number), actor="test")
            written[0] = number
        for reader in readers:
            reader.result()


@COMMITS
def test_two_first_writers_make_one_row():
    ops = User.objects.create_user("ops", password="x")

    def write(number):
        put("cached_secret", f"value {number}", actor=ops)
        connection.close()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(4)))
    assert SystemSetting.objects.filter(setting_key="cached_secret").count() == 1
    assert AuditEvent.objects.filter(action="setting.changed").count() == 4


def test_a_change_left_half_done_by_a_killed_process_ends_after_a_minute():
    put("cached_secret", "first", actor="test")
    settings_store._announce_change()
    assert settings_store._version() == ""
    assert 0 < redis_connection().ttl(settings_store._version_key()) <= 60
