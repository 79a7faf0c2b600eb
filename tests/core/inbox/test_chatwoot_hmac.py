"""The Chatwoot verifier against the worked vector and its alterations."""

import pytest
import time_machine

from core.inbox import ChatwootHmac, Refused
from core.inbox.arrivals import Arrival
from tests.probe.webhooks import chatwoot

BODY = b'{"event":"message_created","id":101,"content":"hi"}'
STAMP = "1767225600"
SIGNATURE = "sha256=8260052488a5d712127f30d822b1720a19308f6b5c21a13d49b45697ae68a9a6"
VERIFIER = ChatwootHmac(chatwoot)


def verify(body=BODY, stamp=STAMP, signature=SIGNATURE, at=1767225600):
    headers = {
        "x-chatwoot-delivery": "b7c1",
        "x-chatwoot-timestamp": stamp,
        "x-chatwoot-signature": signature,
    }
    with time_machine.travel(at, tick=False):
        return VERIFIER.verify(Arrival({}, headers, body), VERIFIER.senders({"account": "acme"}))


def test_takes_the_worked_vector():
    verified = verify()

    assert verified.delivery_id == "b7c1"
    assert verified.sender.account == "acme"


@pytest.mark.parametrize(
    "change",
    [
        {"body": BODY + b"\n"},
        {"stamp": "1767225601"},
        {"stamp": ""},
        {"stamp": "now"},
        {"signature": ""},
        {"signature": SIGNATURE.removeprefix("sha256=")},
        {"signature": SIGNATURE.upper()},
        {"signature": "sha256=é"},
        {"signature": "sha1=8260"},
        {"at": 1767225600 + 301},
        {"at": 1767225600 - 301},
    ],
    ids=str,
)
def test_refuses_every_alteration(change):
    with pytest.raises(Refused) as caught:
        verify(**change)

    assert caught.value.status == 401


def test_an_address_of_nobody_is_not_there():
    with pytest.raises(Refused) as caught:
        VERIFIER.senders({"account": "other"})

    assert caught.value.status == 404
