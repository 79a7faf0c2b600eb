"""Rotation: every value under the newest key, none lost, whoever writes or dies meanwhile."""

import os
import random
import signal
import subprocess
import sys
import threading
import time

import pytest
from allauth.mfa.models import Authenticator
from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.management import CommandError, call_command
from django.db import connection

from core.models import AlertChannel, AuditEvent, Run, StableKey, SystemSetting, User
from core.secrets import crypto, rotation
from core.signin import second_factor

TESTS_KEY, B = "11" * 32, "bb" * 32


@pytest.fixture
def ring(settings):
    def use(*keys):
        settings.INTEGRATION_ENCRYPTION_KEY = list(keys)

    return use


def stored(number):
    rows = [
        SystemSetting(setting_key=f"key {n}", setting_value=f"value {n}") for n in range(number)
    ]
    SystemSetting.objects.bulk_create(rows)
    return rows


def raw(row, text):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE system_settings SET setting_value = %s WHERE id = %s", [text, row.pk]
        )


def all_read(rows):
    return [SystemSetting.objects.get(pk=row.pk).setting_value.reveal() for row in rows] == [
        f"value {n}" for n in range(len(rows))
    ]


@pytest.mark.django_db
def test_afterwards_the_new_key_alone_opens_everything(ring, capsys):
    rows = stored(3)
    channel = AlertChannel.objects.create(
        name="x", kind="slack", target="https://hooks.example.com/secret"
    )
    mac = crypto.mac("audit", b"data")

    ring(B, TESTS_KEY)
    call_command("rotate_encryption_keys")

    assert "5 values, 0 under old keys (5 resealed)" in capsys.readouterr().out
    ring(B)
    crypto.forget_keys()
    assert all_read(rows)
    assert (
        AlertChannel.objects.get(pk=channel.pk).target.reveal()
        == "https://hooks.example.com/secret"
    )
    assert crypto.mac("audit", b"data") == mac
    event = AuditEvent.objects.latest("sequence")
    assert (event.action, event.facts["values"], event.facts["resealed"]) == (
        "secret.rotated",
        5,
        5,
    )


@pytest.mark.django_db
def test_a_second_run_finds_nothing_to_do(ring, capsys):
    stored(3)
    ring(B, TESTS_KEY)
    call_command("rotate_encryption_keys")
    before = list(SystemSetting.objects.order_by("pk").values_list("updated_at", flat=True))
    call_command("rotate_encryption_keys")

    assert "4 values, 0 under old keys (0 resealed)" in capsys.readouterr().out
    assert list(SystemSetting.objects.order_by("pk").values_list("updated_at", flat=True)) == before


@pytest.mark.django_db
def test_the_secrets_of_second_factors_are_rotated_too(ring):
    ops = User.objects.create_user("ops", password="x")
    data = {"secret": crypto.seal("TOTPSECRET", second_factor.place(ops.pk)), "other": "a:b:c"}
    row = Authenticator.objects.create(user=ops, type=Authenticator.Type.TOTP, data=data)
    seed = {"seed": crypto.seal("seed", second_factor.place(ops.pk)), "used_mask": 3}
    codes = Authenticator.objects.create(
        user=ops, type=Authenticator.Type.RECOVERY_CODES, data=seed
    )

    ring(B, TESTS_KEY)
    assert rotation.rotate().unreadable == []
    ring(B)
    row.refresh_from_db()
    codes.refresh_from_db()
    assert crypto.open_sealed(row.data["secret"], second_factor.place(ops.pk)) == "TOTPSECRET"
    assert row.data["other"] == "a:b:c"
    assert crypto.open_sealed(codes.data["seed"], second_factor.place(ops.pk)) == "seed"
    assert codes.data["used_mask"] == 3


@pytest.mark.django_db
def test_what_does_not_open_is_named_and_left_and_the_command_says_so(ring, capsys):
    rows = stored(3)
    raw(rows[1], "clear text")
    ring(B, TESTS_KEY)

    with pytest.raises(CommandError) as refusal:
        call_command("rotate_encryption_keys")

    assert refusal.value.returncode == 1
    out = capsys.readouterr().out
    assert f"No key opens system_settings {rows[1].pk} setting_value" in out
    assert "clear text" not in out
    assert "4 values, 0 under old keys (3 resealed)" in out
    assert (
        SystemSetting.objects.values_list("setting_value", flat=True).get(pk=rows[1].pk).text
        == "clear text"
    )


@pytest.mark.django_db
def test_a_value_moved_to_another_row_is_named_and_not_opened(ring):
    rows = stored(2)
    (moved,) = SystemSetting.objects.values_list("setting_value", flat=True).filter(pk=rows[0].pk)
    raw(rows[1], moved.text)
    ring(B, TESTS_KEY)

    assert [value.row for value in rotation.rotate().unreadable] == [rows[1].pk]


@pytest.mark.django_db
def test_a_newer_value_written_meanwhile_wins():
    (row,) = stored(1)
    (store,) = [
        s for s in rotation.stores() if isinstance(s, rotation.Column) and s.model is SystemSetting
    ]
    (value,) = store.walk()
    row.setting_value = "newer"
    row.save()

    assert store.swap(value, crypto.seal("old again", value.place)) is False
    assert SystemSetting.objects.get().setting_value.reveal() == "newer"


@pytest.mark.django_db
def test_a_process_that_still_writes_under_the_old_key_is_noticed(ring, monkeypatch):
    (row,) = stored(1)
    old = SystemSetting.objects.values_list("setting_value", flat=True).get().text
    ring(B, TESTS_KEY)

    def write_the_old_one_again(_done, _total):
        raw(row, old)

    assert rotation.rotate(write_the_old_one_again).under_old_keys == 1
    monkeypatch.setattr(rotation, "MOST_PASSES", 0)
    assert rotation.rotate().under_old_keys == 0


@pytest.mark.django_db
def test_the_command_fails_when_old_keys_are_still_in_use(ring, monkeypatch):
    stored(1)
    ring(B, TESTS_KEY)
    monkeypatch.setattr(rotation, "MOST_PASSES", 1)
    with pytest.raises(CommandError, match="restart every process") as refusal:
        call_command("rotate_encryption_keys")
    assert refusal.value.returncode == 2


@pytest.mark.django_db
def test_values_of_django_fernet_fields_are_taken_over_when_asked(settings):
    rows = stored(2)
    key = Fernet.generate_key().decode()
    raw(rows[0], Fernet(key).encrypt(b"value 0").decode())
    settings.FERNET_KEYS = [key]

    assert [value.row for value in rotation.rotate().unreadable] == [rows[0].pk]
    assert rotation.rotate(from_fernet=True).resealed == 1
    assert all_read(rows)


@pytest.mark.django_db
@pytest.mark.parametrize("keys", [[], [""]])
@pytest.mark.parametrize("sealed", ["", "gAAAA"])
def test_taking_over_without_fernet_keys_is_refused(settings, keys, sealed):
    (row,) = stored(1)
    if sealed:
        raw(row, sealed)
    settings.FERNET_KEYS = keys
    with pytest.raises(CommandError, match="FERNET_KEYS is not set") as refusal:
        call_command("rotate_encryption_keys", from_fernet=True)
    assert refusal.value.returncode == 3


@pytest.mark.django_db
def test_a_ring_that_opens_nothing_ends_with_a_sentence_and_changes_nothing(ring, capsys):
    rows = stored(2)
    ring(B)
    with pytest.raises(CommandError, match="opens this database; nothing was changed") as refusal:
        call_command("rotate_encryption_keys")
    assert refusal.value.returncode == 1
    assert capsys.readouterr().out == ""
    ring(TESTS_KEY)
    assert all_read(rows)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "command",
    [
        "verify_audit",
        "sync_fathom",
        "reconcile_fathom",
        "test_fathom",
        "migrate_fathom_credentials",
    ],
)
def test_no_other_command_begins_with_a_ring_that_opens_nothing(command, ring, capsys, monkeypatch):
    monkeypatch.setenv("FATHOM_API_KEY", "4jmc-aeVc.fathom_key-xvKAs")
    stored(1)
    crypto.mac("audit", b"data")
    before = (Run.objects.count(), SystemSetting.objects.count(), AuditEvent.objects.count())
    ring(B)
    crypto.forget_keys()
    with pytest.raises(CommandError, match="opens this database; nothing was changed") as refusal:
        call_command(command)
    assert refusal.value.returncode == 1
    assert capsys.readouterr().out == ""
    assert (
        Run.objects.count(),
        SystemSetting.objects.count(),
        AuditEvent.objects.count(),
    ) == before


def test_a_new_key_is_32_bytes_and_never_the_same(capsys):
    call_command("generate_encryption_key")
    call_command("generate_encryption_key")
    first, other = capsys.readouterr().out.split()
    assert crypto.is_hex_key(first)
    assert first != other


# --- Killed at random, with readers at work -------------------------------------------------------


class Readers:
    """Threads that open secrets at random, without a pause, and note every
    one that did not open.
    """

    def __init__(self, rows):
        self.rows = rows
        self.failures = []
        self.reads = 0
        self.done = threading.Event()
        self.threads = [threading.Thread(target=self.read) for _ in range(2)]

    def read(self):
        while not self.done.is_set():
            number = random.randrange(len(self.rows))
            try:
                assert (
                    SystemSetting.objects.get(pk=self.rows[number].pk).setting_value.reveal()
                    == f"value {number}"
                )
            except Exception as error:  # noqa: BLE001  whatever it is, it is the finding
                self.failures.append(error)
            self.reads += 1
            # A reader of a real site waits for its network; without this,
            # two of them starve the command.
            time.sleep(0.002)
        connection.close()

    def __enter__(self):
        [thread.start() for thread in self.threads]
        return self

    def __exit__(self, *_error):
        self.done.set()
        [thread.join() for thread in self.threads]


def command(*keys):
    """The real command, in a process of its own, against this test's database."""
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + connection.settings_dict["NAME"]
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "INTEGRATION_ENCRYPTION_KEY": ",".join(keys),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "django", "rotate_encryption_keys"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def under(key):
    """How many values the key opens: plain AES-GCM, none of the code that is tested."""
    cipher, count = AESGCM(crypto.derive(key, b"koppel/seal")), 0
    for pk, value in SystemSetting.objects.values_list("pk", "setting_value"):
        iv, tag, ciphertext = (bytes.fromhex(part) for part in value.text.split(":"))
        try:
            cipher.decrypt(
                iv,
                ciphertext + tag,
                crypto.Place("system_settings", str(pk), "setting_value").bound(),
            )
        except InvalidTag:
            continue
        count += 1
    return count


def kill_at_random(ring, number, kills, longest):
    rows = stored(number)
    ring(B, TESTS_KEY)
    killed = interrupted = 0
    with Readers(rows) as readers:
        while killed < kills:
            process = command(B, TESTS_KEY)
            process.stdout.readline()  # its first progress line: the work has begun
            time.sleep(random.uniform(0, longest))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            killed += 1
            interrupted += process.returncode == -signal.SIGKILL
        moved_by_the_killed = under(B)
        last = command(B, TESTS_KEY)
        output, _ = last.communicate(timeout=300)
    assert last.returncode == 0, output
    assert readers.failures == []
    assert readers.reads > 0
    assert f"{number + 1} values, 0 under old keys" in output
    assert interrupted == kills
    assert moved_by_the_killed > 0
    assert (under(B), under(TESTS_KEY)) == (number, 0)
    ring(B)
    assert all_read(rows)
    return moved_by_the_killed


@pytest.fixture
def the_keys_own_key_is_put_back(ring):
    """The key of keyed hashes is the whole session's: it goes back under the tests' ring."""
    yield
    ring(TESTS_KEY, B)
    StableKey.objects.get().save()
    crypto.forget_keys()


@pytest.mark.long(15)
@pytest.mark.timeout(300)
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("the_keys_own_key_is_put_back")
def test_killed_twice_no_secret_is_ever_unreadable(ring):
    kill_at_random(ring, number=1_200, kills=2, longest=0.25)


@pytest.mark.prove
@pytest.mark.timeout(900)
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("the_keys_own_key_is_put_back")
def test_killed_twenty_times_no_secret_of_ten_thousand_is_ever_unreadable(ring):
    kill_at_random(ring, number=10_000, kills=20, longest=0.6)
