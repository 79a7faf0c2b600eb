"""Sealing and opening 100 bytes, beside bare AES-256-GCM and Fernet in the same run.

Nine rounds of 10,000 each, the peers in turn; the figure is the median round,
the ratio is against the named reference.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable

import django
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.test import override_settings

from benchmarks.report import Line, show

ROUNDS = 9
CALLS = 10_000
TEXT = "x" * 100


def run() -> bool:
    """Print one line per job; return whether every floor is met."""
    times = measure()
    bare, bare_open = "bare AESGCM, seal", "bare AESGCM, open"
    lines = [
        line(times, "seal", bare, floor=0.25, goal=0.5),
        line(times, "seal, place made", bare),
        line(times, "seal", "Fernet, seal", goal=3.5),
        line(times, "open", bare_open),
        line(times, "open", "Fernet, open"),
        line(times, "open, second key", "open"),
    ]
    return show("Sealing 100 bytes (CPU time of a call)", lines)


def line(
    times: dict[str, float],
    ours: str,
    reference: str,
    floor: float | None = None,
    goal: float | None = None,
) -> Line:
    """Say how many times faster ours is: 0.5x is twice the reference's time."""
    our_time, their_time = times[ours], times[reference]
    what = f"{ours} : {reference}"
    return Line(
        what,
        f"{our_time * 1e6:.2f} us",
        f"{their_time * 1e6:.2f} us",
        their_time / our_time,
        floor,
        goal,
    )


def measure() -> dict[str, float]:
    """Return the median time of one call, by job."""
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
    from core.secrets.crypto import Place, open_sealed, seal  # noqa: PLC0415  Django is set up first

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
    """Return the job that opens a value under the old key: one failed try more."""
    return {"open, second key": (["bb" * 32, "aa" * 32], jobs["open"][1])}


def timed(job: Callable[[], object]) -> float:
    started = time.process_time()
    for _call in range(CALLS):
        job()
    return (time.process_time() - started) / CALLS


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    sys.exit(not run())
