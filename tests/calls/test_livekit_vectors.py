"""LiveKit's worked deliveries at our addresses: taken as they are, refused for every change,
and never a 500.
"""

import base64
import hashlib
import json
import time
from typing import Any

import jwt
import pytest

from core.models import InboundEvent
from tests.calls.rooms import ADDRESSES, KEY, SECRET, authorization, livekit, post  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("livekit")]

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
BODY_B = (
    b'{"event":"egress_ended","room":{"sid":"RM_testvector01","name":"meeting-42"},"egressInfo":{"egressId":'
    b'"EG_testvector01","roomId":"RM_testvector01","roomName":"meeting-42","status":"EGRESS_COMPLETE","startedAt":'
    b'"1767225600000000000","endedAt":"1767225660000000000","updatedAt":"1767225661000000000","fileResults":[{"filename":'
    b'"rec/meeting-42.mp4","startedAt":"1767225600000000000","endedAt":"1767225660000000000","duration":"60000000000",'
    b'"size":"123456","location":"https://bucket.s3.amazonaws.com/rec/meeting-42.mp4"}]},"id":"EV_testvector02",'
    b'"createdAt":"1767225662"}'
)
TOKEN_B = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJBUElkZXZUZXN0S2V5MDEiLCJleHAiOjQxMDI0NDQ4MDAsIm5iZiI6MTc2NzIyNTYwM"
    "CwiaWF0IjoxNzY3MjI1NjAwLCJzaGEyNTYiOiJtcXhoSEF6TmtjSmFwU2h1VmFTdVlJYm41MkhmdmtweTJFL2Y4eGltTjk4PSJ9.q2wTaXwsWer1Ba"
    "W9GMkPq3H9vA8oo8nmiq5v5W68npk"
)
VECTORS = pytest.mark.parametrize(
    ("body", "token"), [(BODY_A, TOKEN_A), (BODY_B, TOKEN_B)], ids=["A", "B"]
)


@pytest.mark.parametrize("path", [*ADDRESSES, ADDRESSES[0] + "/"])
@VECTORS
def test_a_worked_delivery_is_taken(body: bytes, token: str, path: str) -> None:
    response = post(body, token, path)

    assert (response.status_code, response.json()) == (200, {"success": True})
    stored = InboundEvent.objects.get()
    assert (stored.event_type, stored.delivery_id) == (
        json.loads(body)["event"],
        json.loads(body)["id"],
    )


@VECTORS
def test_sent_again_it_is_kept_once(body: bytes, token: str) -> None:
    for _ in range(3):
        assert post(body, token).status_code == 200

    assert InboundEvent.objects.count() == 1


def refused(body: bytes, token: str) -> None:
    for path in ADDRESSES:
        response = post(body, token, path)
        assert response.status_code == 401, response.content
        assert response.json()["success"] is False
    assert not InboundEvent.objects.exists()


@VECTORS
def test_another_body_is_refused(body: bytes, token: str) -> None:
    refused(body + b" ", token)
    refused(body[:-1], token)
    refused(body.replace(b"meeting-42", b"meeting-43"), token)
    refused(json.dumps(json.loads(body), separators=(", ", ": ")).encode(), token)
    refused(b"", token)
    refused(b"\xff\xfe" + body, token)


@VECTORS
def test_a_token_that_is_not_bare_whole_and_signed_is_refused(body: bytes, token: str) -> None:
    head, claims, signature = token.split(".")
    refused(body, "Bearer " + token)
    refused(body, "")
    refused(body, token[:-3])
    refused(body, f"{head}.{claims}.")
    refused(body, f"{head}.{claims}.{signature[::-1]}")
    refused(body, TOKEN_A if token == TOKEN_B else TOKEN_B)


@pytest.mark.parametrize(
    "changes",
    [
        {"sha256": None},
        {"iss": "APIsomebodyElse"},
        {"iss": None},
        {"exp": 1767225600},
        {"exp": None},
        {"secret": "another-made-up-secret-0123456789abcdef"},
    ],
    ids=str,
)
@VECTORS
def test_other_claims_are_refused(body: bytes, token: str, changes: dict[str, Any]) -> None:
    assert post(body, authorization(body)).status_code == 200
    InboundEvent.objects.all().delete()

    refused(body, authorization(body, **changes))


@VECTORS
def test_an_unsigned_token_is_refused(body: bytes, token: str) -> None:
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], issuer=KEY)

    refused(body, jwt.encode(claims, None, algorithm="none"))


@VECTORS
def test_a_hash_in_the_alphabet_of_addresses_is_refused(body: bytes, token: str) -> None:
    # Spaces are no part of its meaning, so the body is given one whose digest has what the two
    # alphabets differ in.
    for spaces in range(50):
        padded = body + b" " * spaces
        digest = hashlib.sha256(padded).digest()
        if base64.b64encode(digest) != base64.urlsafe_b64encode(digest):
            break
    assert post(padded, authorization(padded)).status_code == 200
    InboundEvent.objects.all().delete()

    refused(padded, authorization(padded, sha256=base64.urlsafe_b64encode(digest).decode()))
    refused(padded, authorization(padded, sha256=hashlib.sha256(padded).hexdigest()))


@pytest.mark.parametrize("body", [b"\xff\xfe", b"[]", b"7", b'"x"', b"{", b"[" * 100_000])
def test_what_is_signed_and_no_event_is_malformed(body: bytes) -> None:
    assert post(body).status_code == 400
    assert not InboundEvent.objects.exists()


def test_an_event_that_nobody_knows_is_kept_and_ignored() -> None:
    body = (
        b'{"event":"room_sang","room":{"name":"meeting-42"},"id":"EV_new","createdAt":"1767229200"}'
    )

    assert post(body).status_code == 200
    assert InboundEvent.objects.get().processing_status == "ignored"


def test_without_livekit_nothing_is_taken(settings: Any) -> None:
    settings.LIVEKIT_API_SECRET = ""

    assert post(BODY_A, TOKEN_A).status_code == 503
    assert not InboundEvent.objects.exists()


def test_a_delivery_within_the_minute_of_leeway_is_taken() -> None:
    assert post(BODY_A, authorization(BODY_A, exp=int(time.time()) - 50)).status_code == 200
