"""Fathom's deliveries through the real door: the published vectors, each wrong one, repeats,
and what is stored.
"""

import json
import time
import uuid

import pytest
import time_machine
from django.test import Client

from calls.models import Call
from core.inbox import working
from core.models import InboundEvent
from fathom_sync import accounts
from fathom_sync.models import FathomAccount, FathomMeeting
from tests.support.deliveries import standard_signature
from tests.support.people import client_of, organization, staff
from tests.support.world import World

pytestmark = pytest.mark.django_db

PLAIN = "/api/webhooks/fathom"
SECRET = "whsec_bWFkZS11cC1zZWNyZXQtbm90LXJlYWwh"
OTHER = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldY"
BODY = '{"title":"Réunion – QBR","recording_id":123456789,"calendar_invitees":[]}'.encode()
ID, STAMP = "msg_madeup_0001", 1767225600
GOOD = "UKOZCUvTwtE80iaJ6D6qlXxnRyKyxNJw2d50oglol1k="
FROM_ANOTHER_KEY = "v1,iYGSfNh4pmyPJmF3g5UFT29idiG2Pr4DRKv16yRhALY="


@pytest.fixture(autouse=True)
def installation(monkeypatch):
    monkeypatch.delenv("FATHOM_WEBHOOK_SECRET", raising=False)
    account = accounts.installation()
    accounts.save(account, webhook_secret=SECRET, actor="a test")
    return account


def post(
    body=BODY,
    path=PLAIN,
    *,
    signature=f"v1,{GOOD}",
    delivery=ID,
    stamp=str(STAMP),
    at=STAMP,
    **headers,
):
    given = {
        "webhook-id": delivery,
        "webhook-timestamp": stamp,
        "webhook-signature": signature,
        **headers,
    }
    sent = {name: value for name, value in given.items() if value is not None}
    with time_machine.travel(at, tick=False):
        return Client(raise_request_exception=False).post(
            path, data=body, content_type="application/json", headers=sent
        )


def signed(payload, path=PLAIN, secret=SECRET, delivery=""):
    """A delivery of now, as Fathom makes them."""
    body, delivery, stamp = (
        json.dumps(payload).encode(),
        delivery or f"msg_{uuid.uuid4().hex}",
        str(int(time.time())),
    )
    signature = standard_signature(body, delivery, stamp, secret)
    return post(body, path, signature=signature, delivery=delivery, stamp=stamp, at=time.time())


def assert_refused(answer, status, error):
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.content
    assert answer.json()["success"] is False
    assert not InboundEvent.objects.exists()


def meeting(rep, number=77, **more):
    return {
        "title": "Intake",
        "recording_id": number,
        "created_at": "2026-11-20T10:31:00Z",
        "recording_start_time": "2026-11-20T10:00:00Z",
        "recording_end_time": "2026-11-20T10:30:00Z",
        "calendar_invitees": [],
        "recorded_by": {
            "name": "Rep",
            "email": rep.email,
            "email_domain": "example.com",
            "team": None,
        },
        **more,
    }


def work():
    for event in InboundEvent.objects.filter(processing_status="pending"):
        working.work(event.pk)


def test_the_published_vector_is_202_and_stored(installation):
    answer = post()
    assert (answer.status_code, answer.json()) == (202, {"success": True})
    event = InboundEvent.objects.get()
    assert (event.source, event.account, event.delivery_id) == ("fathom", str(installation.pk), ID)
    assert event.event_data["title"] == "Réunion – QBR"


@pytest.mark.parametrize(
    "several",
    [f"{FROM_ANOTHER_KEY} v1,{GOOD}", f"v2,AAAA v1,{GOOD}", f"nonsense v1,{GOOD}", f"  v1,{GOOD} "],
)
def test_one_good_signature_of_several_is_enough(several):
    assert post(signature=several).status_code == 202


@pytest.mark.parametrize(
    "wrong",
    [
        "v1,blC8y3tde1UiwWnbkK0rrFaQL4dx5WwnrgAigrVSKI0=",
        "v1,ERtm2BaW7YTdbBVpkGxyqP6wd82fEiCIzLwB2hF5zyU=",
        "v1,m6U3u+zXgIwLuu+gY+Dc8wV/Cy5INdsWSYHDblyYgIQ=",
        "v1,LV008EGF7tvVunDm653rYL/xwUrR80izl6B0tpw6XDQ=",
        "v1,RW1BXq4YR9gy+sJUStl2h6L1HR69Pdgz+mErYU9+kQY=",
        "v1,50a399094bd3c2d13cd22689e83eaa957c674722b2c4d270d9de74a209689759",
        FROM_ANOTHER_KEY,
        GOOD,
        f"v2,{GOOD}",
        f"v1{GOOD}",
        f"V1,{GOOD}",
        "v1,",
        "v1",
        ",",
        "",
        " ",
        "v1,not base64 at all",
        "v1," + "A" * 60_000,
        "v1,\u00e9\u00e9",
        None,
    ],
)
def test_every_wrong_or_malformed_signature_is_401_and_nothing_is_stored(wrong):
    assert_refused(post(signature=wrong), 401, "Bad signature")


@pytest.mark.parametrize(
    "change",
    [
        {"delivery": None},
        {"delivery": ""},
        {"delivery": "msg_madeup_0002"},
        {"stamp": None},
        {"stamp": ""},
        {"stamp": "now"},
        {"stamp": "1767225600.0"},
        {"stamp": "-1767225600"},
        {"stamp": "9" * 400},
        {"stamp": str(STAMP + 1)},
        {"at": STAMP + 301},
        {"at": STAMP - 301},
        {"body": BODY + b"\n"},
        {"body": BODY.replace(b"123456789", b"123456780")},
    ],
)
def test_an_id_a_time_or_a_body_that_was_not_signed_is_401(change):
    assert_refused(post(**change), 401, "Bad signature")


@pytest.mark.parametrize("seconds", [-299, 299])
def test_it_may_be_five_minutes_old_or_early(seconds):
    assert post(at=STAMP + seconds).status_code == 202


def test_without_a_secret_it_is_503_and_says_so(installation):
    accounts.save(installation, webhook_secret="", actor="a test")
    assert_refused(post(), 503, "Not configured")


def test_the_environments_secret_serves_the_installation_alone(installation, monkeypatch):
    monkeypatch.setenv("FATHOM_WEBHOOK_SECRET", SECRET)
    accounts.save(installation, webhook_secret="", actor="a test")
    theirs = accounts.account_for(organization())
    assert post(path=f"{PLAIN}/{theirs.webhook_token}").status_code == 503
    assert post().status_code == 202


def test_each_account_has_an_address_and_a_secret_of_its_own():
    world = World()
    theirs = accounts.account_for(world.organization)
    accounts.save(theirs, webhook_secret=OTHER, actor="a test")
    where = f"{PLAIN}/{theirs.webhook_token}"
    assert signed(meeting(world.rep), where, SECRET).status_code == 401
    assert signed(meeting(world.rep), PLAIN, OTHER).status_code == 401
    assert signed(meeting(world.rep), where, OTHER).status_code == 202
    event = InboundEvent.objects.get()
    assert (event.account, event.organization_id) == (str(theirs.pk), world.organization.pk)


@pytest.mark.parametrize("token", ["unknown", "x" * 32, "%F0%9F%98%80" * 8, "a" * 300, "..%2f"])
def test_an_address_that_nobody_has_is_404(token):
    answer = post(path=f"{PLAIN}/{token}")
    assert answer.status_code == 404
    assert not InboundEvent.objects.exists()


def test_a_nul_in_the_address_is_refused_before_it_is_looked_for():
    assert post(path=f"{PLAIN}/{'x' * 30}%00").status_code in (400, 404)


def test_the_secret_of_koppels_own_webhook_counts_beside_the_one_that_was_entered(installation):
    installation.registered_secret = OTHER
    installation.save()
    assert signed({"recording_id": 1}, PLAIN, OTHER).status_code == 202
    assert signed({"recording_id": 2}, PLAIN, SECRET).status_code == 202
    assert InboundEvent.objects.count() == 2


def test_a_repeated_delivery_is_202_and_has_no_second_effect():
    world = World()
    for _ in range(3):
        assert signed(meeting(world.rep), delivery="msg_again").status_code == 202
        work()
    assert InboundEvent.objects.count() == 1
    assert Call.objects.filter(source="fathom").count() == 1


def test_a_delivered_meeting_is_in_the_library_of_its_rep():
    world = World()
    assert signed(meeting(world.rep)).status_code == 202
    work()
    assert InboundEvent.objects.get().processing_status == "processed"
    call = Call.objects.get(source="fathom")
    assert (call.external_id, call.rep, call.organization) == ("77", world.rep, world.organization)


def test_the_same_recording_from_two_accounts_is_one_call():
    world = World()
    theirs = accounts.account_for(world.organization)
    accounts.save(theirs, webhook_secret=OTHER, actor="a test")
    assert signed(meeting(world.rep)).status_code == 202
    assert signed(meeting(world.rep), f"{PLAIN}/{theirs.webhook_token}", OTHER).status_code == 202
    work()
    assert InboundEvent.objects.filter(processing_status="processed").count() == 2
    assert Call.objects.filter(source="fathom").count() == 1
    assert len(FathomMeeting.objects.get().accounts) == 2


def test_a_meeting_of_nobodys_waits_with_its_reason():
    world = World()
    world.rep.email = "somebody@elsewhere.example"
    assert signed(meeting(world.rep)).status_code == 202
    work()
    assert not Call.objects.exists()
    assert FathomMeeting.objects.get().reason == "no_rep"


def test_a_delivery_to_an_account_that_is_gone_fails_in_words_and_not_for_ever(installation):
    world = World()
    theirs = accounts.account_for(world.rep)
    accounts.save(theirs, webhook_secret=OTHER, actor="a test")
    signed(meeting(world.rep), f"{PLAIN}/{theirs.webhook_token}", OTHER)
    FathomAccount.objects.filter(pk=theirs.pk).delete()
    work()
    event = InboundEvent.objects.get()
    assert (event.processing_status, event.retry_count) == ("failed", 0)
    assert "not there any more" in event.processing_error


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b'"text"', b"{", b"\xff\xfe", b"{" + b'"a":{' * 400]
)
def test_what_is_no_meeting_is_400_even_when_it_is_signed(body):
    stamp = str(int(time.time()))
    answer = post(
        body, signature=standard_signature(body, ID, stamp, SECRET), stamp=stamp, at=time.time()
    )
    assert answer.status_code == 400
    assert not InboundEvent.objects.exists()


def test_a_body_beyond_the_limit_is_413(settings):
    settings.WEBHOOK_MAX_BODY = 1000
    assert post(b"x" * 1001).status_code == 413


def test_the_door_shows_no_secret(installation):
    ops = client_of(staff())
    assert SECRET not in ops.get("/api/settings/fathom").content.decode()
