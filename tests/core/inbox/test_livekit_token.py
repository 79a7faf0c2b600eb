"""The LiveKit verifier against the worked vectors, and every alteration of them."""

import base64
import hashlib
import time

import jwt
import pytest
from livekit.api import TokenVerifier, WebhookReceiver

from core.inbox import LiveKitToken, Refused
from core.inbox.arrivals import Arrival
from tests.probe.webhooks import LIVEKIT_KEY, LIVEKIT_SECRET, livekit

BODY_A = (
    b'{"event":"room_finished","room":{"sid":"RM_testvector01","name":"meeting-42","emptyTimeout":300,'
    b'"departureTimeout":20,"creationTime":"1767225600","creationTimeMs":"1767225600123",'
    b'"metadata":"{\\"ref\\":\\"A-17\\"}"},"id":"EV_testvector01","createdAt":"1767229200"}'
)
TOKEN_A = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJBUElkZXZUZXN0S2V5MDEiLCJleHAiOjQxMDI0NDQ4MDAsIm5iZiI6MTc2NzIyNTYwM"
    "CwiaWF0IjoxNzY3MjI1NjAwLCJzaGEyNTYiOiJHdUN0Qk0zTTVNSC8zc3VRVFVzOWwzSTljaUNkOE9PQlcwdnZTN0luTlpzPSJ9.oLTHIFKhHd1b2A"
    "4CNq7CqrjH4MOOoiiS3hrMgHtxgMs"
)
VERIFIER = LiveKitToken(livekit)
DIGEST = base64.b64encode(hashlib.sha256(BODY_A).digest()).decode()


def claims(**changes):
    now = int(time.time())
    made = {
        "iss": LIVEKIT_KEY,
        "nbf": now,
        "iat": now,
        "exp": now + 300,
        "sha256": DIGEST,
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def token(secret=LIVEKIT_SECRET, algorithm="HS256", **changes):
    return jwt.encode(claims(**changes), secret, algorithm=algorithm)


def verify(authorization, body=BODY_A):
    return VERIFIER.verify(
        Arrival({}, {"authorization": authorization}, body), VERIFIER.senders({})
    )


def test_takes_the_worked_vector_and_keeps_only_its_signature():
    assert verify(TOKEN_A).signature == "oLTHIFKhHd1b2A4CNq7CqrjH4MOOoiiS3hrMgHtxgMs"


def test_agrees_with_livekits_own_receiver():
    made = token()

    WebhookReceiver(TokenVerifier(LIVEKIT_KEY, LIVEKIT_SECRET)).receive(BODY_A.decode(), made)

    assert verify(made)


@pytest.mark.parametrize(
    ("authorization", "body"),
    [
        (TOKEN_A, BODY_A + b" "),
        (TOKEN_A, BODY_A.replace(b'":"', b'": "')),
        (TOKEN_A, b""),
        ("Bearer " + TOKEN_A, BODY_A),
        ("", BODY_A),
        (TOKEN_A[:-3], BODY_A),
        (TOKEN_A.replace(".", ""), BODY_A),
        ("é" * 50, BODY_A),
        ("\x00.\x00.\x00", BODY_A),
        (base64.urlsafe_b64encode(b"[" * 40_000).decode() + ".e30.e30", BODY_A),
    ],
    ids=[
        "longer",
        "re-serialised",
        "empty body",
        "bearer",
        "empty",
        "cut",
        "no dots",
        "letters",
        "nul",
        "deep header",
    ],
)
def test_every_alteration_of_the_vector_is_refused(authorization, body):
    with pytest.raises(Refused) as caught:
        verify(authorization, body)

    assert caught.value.status == 401


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize(
    "changes",
    [
        {"secret": "another-secret-of-the-same-length-0123456"},
        {"iss": "APIsomebodyElse"},
        {"iss": None},
        {"exp": int(time.time()) - 3600},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": int(time.time()) + 3600},
        {"sha256": None},
        {"sha256": ""},
        {"sha256": 7},
        {"sha256": ["x"]},
        {"sha256": DIGEST.replace("+", "-").replace("/", "_")},
        {"sha256": hashlib.sha256(BODY_A).hexdigest()},
        {"sha256": "é"},
        {"algorithm": "HS512"},
    ],
    # Both of pytest-xdist's workers must find the same names: no clock in them.
    ids=lambda wrong: "-".join(map(str, wrong)),
)
def test_every_wrong_token_is_refused(changes):
    with pytest.raises(Refused) as caught:
        verify(token(**changes))

    assert caught.value.status == 401


def test_an_unsigned_token_is_refused():
    with pytest.raises(Refused):
        verify(jwt.encode(claims(), None, algorithm="none"))


def test_a_clock_a_little_behind_is_forgiven():
    now = int(time.time())

    assert verify(token(nbf=now + 50, iat=now, exp=now + 300))
    assert verify(token(exp=now - 50))
