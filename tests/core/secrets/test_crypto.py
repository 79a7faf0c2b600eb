"""Sealing: the exact format, the place a value is good for, the ring's turn,
and that nothing is ever guessed.
"""

import re

import pytest
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from core.secrets import crypto
from core.secrets.crypto import CannotOpen, KeyMissing, Place, is_newest, open_sealed, reseal, seal

A, B, C = "aa" * 32, "bb" * 32, "a passphrase that is long enough"
HERE = Place("integrations", "7", "configuration.apiKey")


@pytest.fixture
def ring(settings):
    def use(*keys):
        settings.INTEGRATION_ENCRYPTION_KEY = list(keys)

    use(A)
    return use


def test_a_sealed_value_is_iv_tag_and_ciphertext_in_hex(ring):
    assert re.fullmatch(r"[0-9a-f]{32}:[0-9a-f]{32}:[0-9a-f]{10}", seal("hello", HERE))


def test_a_sealed_value_is_plain_aes_256_gcm_with_the_tag_in_the_middle(ring):
    iv, tag, ciphertext = (bytes.fromhex(part) for part in seal("hello", HERE).split(":"))

    cipher = AESGCM(crypto.derive(A, b"koppel/seal"))
    assert cipher.decrypt(iv, ciphertext + tag, HERE.bound()) == b"hello"


def test_the_same_value_never_seals_the_same_twice(ring):
    assert len({seal("hello", HERE) for _ in range(1000)}) == 1000


@given(st.text(alphabet=st.characters()))
def test_any_text_comes_back(text):
    assert open_sealed(seal(text, HERE), HERE) == text


@given(*[st.tuples(*[st.text(alphabet="\x00:1a")] * 3)] * 2)
def test_no_two_places_are_bound_alike(first, other):
    assert (Place(*first).bound() == Place(*other).bound()) == (first == other)


@pytest.mark.parametrize(
    "elsewhere",
    [
        HERE._replace(table="x"),
        HERE._replace(row="8"),
        HERE._replace(field="x"),
        Place("integrations7", "", HERE.field),
    ],
)
def test_a_value_moved_to_another_place_does_not_open(ring, elsewhere):
    with pytest.raises(CannotOpen, match="No key opens"):
        open_sealed(seal("hello", HERE), elsewhere)


def test_a_value_with_any_bit_changed_does_not_open(ring):
    sealed = seal("hello", HERE)
    for position, character in enumerate(sealed):
        changed = sealed[:position] + ("1" if character == "0" else "0") + sealed[position + 1 :]
        with pytest.raises(CannotOpen):
            open_sealed(changed, HERE)


@pytest.mark.parametrize(
    "text", ["", "clear", "user:pass", "a:b:c", "::", "00:11:22", ":".join(["00" * 16] * 2)]
)
def test_what_is_not_sealed_is_refused_and_never_given_back(ring, text):
    with pytest.raises(CannotOpen) as refusal:
        open_sealed(text, HERE)
    assert text == "" or text not in str(refusal.value)


def test_every_key_of_the_ring_opens_and_the_newest_seals(ring):
    old = seal("hello", HERE)
    ring(B, C, A)

    assert open_sealed(old, HERE) == "hello"
    assert not is_newest(old, HERE)
    new = reseal(old, HERE)
    assert is_newest(new, HERE)
    ring(B)
    assert open_sealed(new, HERE) == "hello"
    with pytest.raises(CannotOpen):
        open_sealed(old, HERE)


def test_a_value_resealed_for_another_place_opens_there_alone(ring):
    elsewhere = HERE._replace(row="8")
    moved = reseal(seal("hello", HERE), HERE, elsewhere)

    assert open_sealed(moved, elsewhere) == "hello"
    assert not is_newest(moved, HERE)


def test_an_empty_ring_seals_and_opens_nothing(ring):
    ring()
    with pytest.raises(KeyMissing, match="generate_encryption_key"):
        seal("hello", HERE)
    with pytest.raises(KeyMissing):
        open_sealed("00" * 16 + ":" + "00" * 16 + ":00", HERE)


def test_hex_keys_are_read_in_either_case(ring):
    sealed = seal("hello", HERE)
    ring(A.upper())
    assert open_sealed(sealed, HERE) == "hello"


def test_each_purpose_has_its_own_key():
    assert crypto.derive(A, b"one") != crypto.derive(A, b"two")
    assert crypto.derive(C, b"one") != crypto.derive(C.upper(), b"one")


def test_keyed_hashes_differ_by_purpose_and_stay_through_a_rotation(ring, db):
    from core.models import StableKey

    ring("11" * 32)  # what the test database was made with
    first = crypto.mac("audit", b"data")
    assert re.fullmatch("[0-9a-f]{64}", first)
    assert crypto.mac("other", b"data") != first

    ring(B, "11" * 32)
    StableKey.objects.get().save()
    crypto.forget_keys()
    ring(B)
    assert crypto.mac("audit", b"data") == first


def test_a_keyed_hash_without_its_key_is_refused_and_not_made_up(db):
    from core.models import StableKey

    StableKey.objects.all().delete()
    crypto.forget_keys()
    with pytest.raises(KeyMissing, match="migrate"):
        crypto.mac("audit", b"data")


def test_values_of_django_fernet_fields_open_with_fernet_keys(settings):
    # Its key: HKDF-SHA256 of the setting with a fixed salt and info, in base64.
    token = "gAAAAABlAAAAAAABAgMEBQYHCAkKCwwNDg8QJ3Fw"
    direct = Fernet.generate_key().decode()
    settings.FERNET_KEYS = ["an old secret", direct]

    assert crypto.open_fernet(Fernet(direct).encrypt(b"hello").decode()) == "hello"
    assert (
        crypto.open_fernet(crypto._fernet_keys("an old secret")[0].encrypt(b"hello").decode())
        == "hello"
    )
    for bad in (token, "", "clear", "é"):
        with pytest.raises(CannotOpen):
            crypto.open_fernet(bad)


def test_fernet_values_are_refused_when_fernet_keys_are_not_set(settings):
    settings.FERNET_KEYS = []
    with pytest.raises(KeyMissing, match="FERNET_KEYS"):
        crypto.open_fernet("gAAA")
