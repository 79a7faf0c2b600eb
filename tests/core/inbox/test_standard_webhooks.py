"""The Standard Webhooks verifier against the published vectors,
the vendors' libraries, and forgers.
"""

import time
from datetime import UTC, datetime

import pytest
import svix.webhooks
import time_machine
from standardwebhooks import Webhook

from core.inbox import Refused, Sender, StandardWebhooks
from core.inbox.arrivals import Arrival
from core.masking import Secret
from tests.support.deliveries import standard_headers

SECRET = "whsec_bWFkZS11cC1zZWNyZXQtbm90LXJlYWwh"
BODY = '{"title":"Réunion – QBR","recording_id":123456789,"calendar_invitees":[]}'.encode()
ID = "msg_madeup_0001"
STAMP = 1767225600
SIGNATURE = "UKOZCUvTwtE80iaJ6D6qlXxnRyKyxNJw2d50oglol1k="
VERIFIER = StandardWebhooks(lambda: SECRET)


def verify(
    signature,
    body=BODY,
    delivery=ID,
    stamp=str(STAMP),
    at=STAMP,
    prefix="webhook",
    verifier=VERIFIER,
):
    headers = {
        f"{prefix}-id": delivery,
        f"{prefix}-timestamp": stamp,
        f"{prefix}-signature": signature,
    }
    with time_machine.travel(at, tick=False):
        return verifier.verify(Arrival({}, headers, body), verifier.senders({}))


def refused(*args, **kwargs):
    with pytest.raises(Refused) as caught:
        verify(*args, **kwargs)
    return caught.value.status


def test_takes_the_published_vector():
    verified = verify(f"v1,{SIGNATURE}")

    assert verified.delivery_id == ID
    assert verified.signature == f"v1,{SIGNATURE}"


@pytest.mark.parametrize(
    "wrong",
    [
        "blC8y3tde1UiwWnbkK0rrFaQL4dx5WwnrgAigrVSKI0=",
        "ERtm2BaW7YTdbBVpkGxyqP6wd82fEiCIzLwB2hF5zyU=",
        "m6U3u+zXgIwLuu+gY+Dc8wV/Cy5INdsWSYHDblyYgIQ=",
        "LV008EGF7tvVunDm653rYL/xwUrR80izl6B0tpw6XDQ=",
        "RW1BXq4YR9gy+sJUStl2h6L1HR69Pdgz+mErYU9+kQY=",
        "50a399094bd3c2d13cd22689e83eaa957c674722b2c4d270d9de74a209689759",
    ],
    ids=[
        "body only",
        "key not decoded",
        "whole secret as key",
        "re-serialised",
        "bytes in an f-string",
        "hex",
    ],
)
def test_refuses_the_six_ways_to_sign_it_wrong(wrong):
    assert refused(f"v1,{wrong}") == 401


@pytest.mark.parametrize(
    "several",
    [
        f"v1,iYGSfNh4pmyPJmF3g5UFT29idiG2Pr4DRKv16yRhALY= v1,{SIGNATURE}",
        f"v2,AAAA v1,{SIGNATURE}",
        f"v1a,AAAA v1,{SIGNATURE} v1,nonsense",
    ],
)
def test_takes_any_good_signature_of_several(several):
    assert verify(several).delivery_id == ID


def test_takes_the_svix_names():
    assert verify(f"v1,{SIGNATURE}", prefix="svix").delivery_id == ID


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_takes_it_within_five_minutes_either_way(seconds):
    assert verify(f"v1,{SIGNATURE}", at=STAMP + seconds).delivery_id == ID


@pytest.mark.parametrize("seconds", [-3600, -301, 301, 86400])
def test_refuses_it_outside_five_minutes(seconds):
    assert refused(f"v1,{SIGNATURE}", at=STAMP + seconds) == 401


@pytest.mark.parametrize(
    "header",
    [
        "",
        "v1",
        "v1,",
        ",",
        " ",
        "v1,é",
        SIGNATURE,
        f"v2,{SIGNATURE}",
        f"v1{SIGNATURE}",
        "v1,%%%",
        "v1,\x00",
        "x" * 60_000,
    ],
)
def test_a_malformed_signature_header_is_a_refusal(header):
    assert refused(header) == 401


@pytest.mark.parametrize(
    "stamp", ["", "abc", "1e9", "-1", "١٢٣", "NaN", "9" * 400, "1767225600.5", " 1767225600", "²"]
)
def test_a_malformed_time_is_a_refusal(stamp):
    assert refused(f"v1,{SIGNATURE}", stamp=stamp) == 401


def test_refuses_another_body_another_id_and_another_time():
    assert refused(f"v1,{SIGNATURE}", body=BODY + b" ") == 401
    assert refused(f"v1,{SIGNATURE}", delivery="msg_madeup_0002") == 401
    assert refused(f"v1,{SIGNATURE}", delivery="") == 401
    assert refused(f"v1,{SIGNATURE}", stamp=str(STAMP + 1)) == 401


def test_no_secret_is_not_configured_and_never_an_open_door():
    for nothing in (None, "", Secret(""), Sender(), Sender(secrets=(Secret(""),)), ()):
        with pytest.raises(Refused) as caught:
            StandardWebhooks(lambda nothing=nothing: nothing).senders({})
        assert caught.value.status == 503


@pytest.mark.parametrize("unusable", ["whsec_", "whsec_%%%", "whsec_é", "not base64 at all!"])
def test_a_secret_that_cannot_be_decoded_is_not_configured(unusable):
    with pytest.raises(Refused) as caught:
        verify(f"v1,{SIGNATURE}", verifier=StandardWebhooks(lambda: unusable))

    assert caught.value.status == 503


def test_the_signature_tells_which_of_several_accounts_sent_it():
    others = Sender(account="other", secrets=(Secret("whsec_b3RoZXI="),))
    ours = Sender(account="ours", secrets=(Secret("whsec_bmV3ZXI="), Secret(SECRET)))

    verified = verify(f"v1,{SIGNATURE}", verifier=StandardWebhooks(lambda: (others, ours)))

    assert verified.sender.account == "ours"


def test_what_the_vendors_libraries_sign_is_taken():
    now = time.time()
    for library in (Webhook(SECRET), svix.webhooks.Webhook(SECRET)):
        signature = library.sign(
            msg_id=ID, timestamp=datetime.fromtimestamp(int(now), UTC), data=BODY.decode()
        )
        assert verify(signature, stamp=str(int(now)), at=now).delivery_id == ID


def test_what_the_tests_sign_the_vendors_library_takes():
    Webhook(SECRET).verify(BODY, standard_headers(BODY))
