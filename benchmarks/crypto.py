"""Sealing and opening 100 bytes, beside bare AES-256-GCM and Fernet in the same run.

Nine rounds of 10,000 each, the peers in turn; the figure is the median round, the ratio is against the named reference.
"""

import os
import statistics
import time
from collections.abc import Callable

import django
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.test import override_settings

ROUNDS = 9
CALLS = 10_000
TEXT = "x" * 100


def run() -> None:
    """Print one line per job: name, value, unit, ratio, reference, floor and goal."""
    times = measure()
    bare, fernet = times["bare AESGCM, seal"], times["Fernet, seal"]
    line("crypto.bare_seal", bare, 1.0, "bare AESGCM", "-")
    line("crypto.fernet_seal", fernet, fernet / bare, "bare AESGCM", "-")
    line("crypto.seal", times["seal"], times["seal"] / bare, "bare AESGCM", "floor <= 4, goal <= 2")
    line("crypto.seal_at_new_place", times["seal, place made"], times["seal, place made"] / bare, "bare AESGCM", "-")
    line("crypto.seal", times["seal"], fernet / times["seal"], "Fernet, times faster", "goal >= 3.5")
    opened, fernet_opened = times["open"], times["Fernet, open"]
    line("crypto.open", opened, opened / times["bare AESGCM, open"], "bare AESGCM", "-")
    line("crypto.open", opened, fernet_opened / opened, "Fernet, times faster", "goal >= 6")
    line("crypto.open_second_key", times["open, second key"], times["open, second key"] / opened, "open", "-")


def line(name: str, seconds: float, ratio: float, reference: str, goal: str) -> None:
    print(f"{name:28} {seconds * 1e6:8.2f} us  {ratio:6.2f}x  {reference} ({goal})")


def measure() -> dict[str, float]:
    """The median time of one call, by job."""
    rounds: dict[str, list[float]] = {}
    with override_settings(INTEGRATION_ENCRYPTION_KEY=["aa" * 32]):
        jobs = one_key_jobs()
    with override_settings(INTEGRATION_ENCRYPTION_KEY=["bb" * 32, "aa" * 32]):
        jobs |= second_key_job(jobs)
    for _round in range(ROUNDS):
        for name, (ring, job) in jobs.items():
            with override_settings(INTEGRATION_ENCRYPTION_KEY=ring):
                rounds.setdefault(name, []).append(timed(job))
    return {name: statistics.median(found) for name, found in rounds.items()}


Job = tuple[list[str], Callable[[], object]]


def one_key_jobs() -> dict[str, Job]:
    from core.crypto import Place, open_sealed, seal  # noqa: PLC0415  Django is set up first

    ring = ["aa" * 32]
    bare, fernet, data = AESGCM(os.urandom(32)), Fernet(Fernet.generate_key()), TEXT.encode()
    place = Place("system_settings", "01997d6a-7c11-7cc3-bd65-6a9e0e4f6a01", "setting_value")
    sealed, token, nonce = seal(TEXT, place), fernet.encrypt(data), os.urandom(12)
    box = bare.encrypt(nonce, data, None)

    def bare_seal() -> bytes:
        fresh = os.urandom(12)
        return fresh + bare.encrypt(fresh, data, None)

    return {
        "bare AESGCM, seal": (ring, bare_seal),
        "bare AESGCM, open": (ring, lambda: bare.decrypt(nonce, box, None)),
        "Fernet, seal": (ring, lambda: fernet.encrypt(data)),
        "Fernet, open": (ring, lambda: fernet.decrypt(token)),
        "seal": (ring, lambda: seal(TEXT, place)),
        "seal, place made": (ring, lambda: seal(TEXT, Place(place.table, place.row, place.field))),
        "open": (ring, lambda: open_sealed(sealed, place)),
    }


def second_key_job(jobs: dict[str, Job]) -> dict[str, Job]:
    """A value under the old key: one failed try more."""
    return {"open, second key": (["bb" * 32, "aa" * 32], jobs["open"][1])}


def timed(job: Callable[[], object]) -> float:
    started = time.process_time()
    for _call in range(CALLS):
        job()
    return (time.process_time() - started) / CALLS


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    run()
