"""Whoever has a Fathom account says what is sent to it. It reaches nobody else's meetings,
whatever it says.
"""

import json
import time
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from calls.models import Call, Transcript
from core.inbox import working
from core.models import InboundEvent, Run
from fathom_sync import accounts
from fathom_sync.models import FathomMeeting
from sandbox.vendors.fathom import DEMO_KEYS
from tests.fathom_sync.cast import installation
from tests.support.deliveries import standard_signature
from tests.support.people import client_of
from tests.support.world import World

pytestmark = pytest.mark.django_db
AGENCYS = "whsec_bWFkZS11cC1zZWNyZXQtbm90LXJlYWwh"
THEIR_OWN = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldY"
WORDS = {
    "default_summary": {"markdown_formatted": "The real summary"},
    "transcript": [
        {"speaker": {"display_name": "Ada"}, "text": "confidential words", "timestamp": "00:00:01"}
    ],
}
FORGED = {
    "title": "Forged",
    "url": "https://elsewhere.example/",
    "default_summary": {"markdown_formatted": "Forged"},
    "transcript": [
        {"speaker": {"display_name": "X"}, "text": "forged words", "timestamp": "00:00:01"}
    ],
}


def meeting(email, number=77, **more):
    return {
        "title": "Intake",
        "recording_id": number,
        "created_at": "2026-11-20T10:31:00Z",
        "recording_start_time": "2026-11-20T10:00:00Z",
        "recording_end_time": "2026-11-20T10:30:00Z",
        "calendar_invitees": [],
        "recorded_by": {"name": "Rep", "email": email, "team": None},
        **more,
    }


def deliver(payload, account, secret):
    """Signed, taken, and worked."""
    body, delivery, now = json.dumps(payload).encode(), uuid.uuid4().hex, str(int(time.time()))
    headers = {
        "webhook-id": delivery,
        "webhook-timestamp": now,
        "webhook-signature": standard_signature(body, delivery, now, secret),
    }
    path = f"/api/webhooks/fathom/{account.webhook_token}"
    assert (
        Client().post(path, body, content_type="application/json", headers=headers).status_code
        == 202
    )
    for event in InboundEvent.objects.filter(processing_status="pending"):
        working.work(event.pk)
        event.refresh_from_db()
        assert event.processing_status == "processed"


def tell(payload):
    deliver(payload, accounts.installation(), AGENCYS)


def account_of(owner):
    account = accounts.account_for(owner)
    accounts.save(account, webhook_secret=THEIR_OWN, actor="test")
    return account


@pytest.fixture
def north(db):
    accounts.save(accounts.installation(), webhook_secret=AGENCYS, actor="test")
    return World("North", prefix="n")


@pytest.fixture
def contoso(north):
    return World("Contoso", prefix="c")


def seen_by(user):
    client = client_of(user)
    calls = client.get("/api/calls").json()["results"]
    return {
        "titles": sorted(call["title"] for call in calls),
        "texts": "".join(
            client.get(f"/api/calls/{call['id']}/transcript").json()["text"] for call in calls
        ),
        "hits": len(client.get("/api/calls?search=confidential").json()["results"]),
    }


@pytest.mark.parametrize("owner", ["organization", "rep"])
def test_a_call_of_another_organization_is_not_changed(owner, north, contoso):
    tell(meeting(north.rep.email, url="https://fathom.video/calls/77", **WORDS))
    before = Call.objects.values().get(), Transcript.objects.values().get()
    deliver(meeting(contoso.rep.email, **FORGED), account_of(getattr(contoso, owner)), THEIR_OWN)
    deliver(meeting(north.rep.email, **FORGED), account_of(getattr(contoso, owner)), THEIR_OWN)
    ours = Call.objects.filter(organization=north.organization)
    assert (ours.values().get(), Transcript.objects.values().get(call=ours.get())) == before
    assert seen_by(north.users["CEO"])["titles"] == ["Intake"]


@pytest.mark.parametrize("owner", ["organization", "rep"])
def test_an_id_that_was_taken_beforehand_catches_nothing_of_another_organization(
    owner, north, contoso
):
    deliver(
        meeting(contoso.rep.email, title="Placeholder"),
        account_of(getattr(contoso, owner)),
        THEIR_OWN,
    )
    tell(meeting(north.rep.email, title="A deal", **WORDS))
    for role in ("CEO", "CLOSER"):
        seen = seen_by(contoso.users[role])
        assert set(seen["titles"]) <= {"Placeholder"}
        assert (seen["texts"], seen["hits"]) == ("", 0)
    seen = seen_by(north.users["CEO"])
    assert (seen["titles"], seen["hits"]) == (["A deal"], 1)
    assert "confidential" in seen["texts"]


def test_what_waits_elsewhere_keeps_what_was_said_of_it(north, contoso):
    own = account_of(north.organization)
    deliver(meeting("nobody@north.example", title="Waits", **WORDS), own, THEIR_OWN)
    before = FathomMeeting.objects.values().get()
    deliver(meeting(contoso.rep.email, **FORGED), account_of(contoso.organization), THEIR_OWN)
    assert FathomMeeting.objects.values().get(organization=north.organization) == before
    deliver(
        meeting("nobody@north.example", title="Waits, and more is known", **WORDS), own, THEIR_OWN
    )
    assert seen_by(contoso.users["CEO"])["hits"] == 0
    queue = client_of(north.users["CEO"]).get("/api/fathom/unmatched").json()["results"]
    assert [row["title"] for row in queue] == ["Waits, and more is known"]


def test_what_waits_for_nobody_stays_with_the_agency(north, contoso):
    tell(meeting("nobody@example.com", title="Nobody's", **WORDS))
    deliver(
        meeting(contoso.rep.email, title="Placeholder"), account_of(contoso.organization), THEIR_OWN
    )
    tell(meeting("nobody@example.com", title="Nobody's still", **WORDS))
    assert seen_by(contoso.users["CEO"]) == {"titles": ["Placeholder"], "texts": "", "hits": 0}
    assert FathomMeeting.objects.get(organization=None).title == "Nobody's still"


def everything():
    return [
        list(model.objects.order_by("pk").values()) for model in (Call, Transcript, FathomMeeting)
    ]


def test_what_a_rep_sends_to_their_own_webhook_is_never_stored(north):
    """Whoever has an account signs what they like: a call that was imported stays as it was,
    and none is invented.
    """
    tell(meeting(north.rep.email, url="https://fathom.video/calls/77", **WORDS))
    tell(meeting("ada@north.example", number=78, title="Waits for Ada", **WORDS))
    before = everything()
    own = account_of(north.rep)
    invented = meeting(
        north.rep.email, number=81, recording_end_time="2026-11-20T12:00:00Z", **FORGED
    )
    for forged in (
        meeting(north.rep.email, **FORGED),
        meeting("ada@north.example", number=78, **FORGED),
        meeting(north.rep.email, number=78, **FORGED),
        invented,
    ):
        deliver(forged, own, THEIR_OWN)
    assert everything() == before
    assert not Run.objects.exists()


def hinted(account):
    deliver(meeting("rep@example.com", created_at="2020-01-01T10:00:00Z"), account, THEIR_OWN)
    return [
        (str(run.subject_id), run.parameters["hours"]) for run in Run.objects.order_by("created_at")
    ]


def test_a_delivery_to_a_reps_own_webhook_is_a_hint_to_fetch_with_a_key_that_works(north):
    shared, own = installation(), account_of(north.rep)
    [(account, hours)] = hinted(own)
    assert account == str(shared.pk)
    assert hours == 168
    accounts.save(own, api_key=DEMO_KEYS[1], actor="test")
    accounts.say_status(own, "error")
    hinted(own)
    assert Run.objects.count() == 1
    Run.objects.all().delete()
    accounts.say_status(own, "connected")
    [(account, _hours)] = hinted(own)
    assert account == str(own.pk)


def test_hints_beyond_a_few_a_minute_ask_for_nothing(north):
    installation()
    own = account_of(north.rep)
    for number in range(8):
        deliver(meeting(north.rep.email, number=number), own, THEIR_OWN)
        Run.objects.update(state="succeeded", finished_at=timezone.now())
    assert Run.objects.count() == 6


def test_the_same_meeting_from_two_keys_of_an_organization_is_one_call(north):
    tell(meeting(north.rep.email, **WORDS))
    deliver(meeting(north.rep.email, **WORDS), account_of(north.organization), THEIR_OWN)
    deliver(meeting(north.rep.email, **WORDS), account_of(north.rep), THEIR_OWN)
    assert Call.objects.count() == FathomMeeting.objects.count() == 1
    assert len(FathomMeeting.objects.get().accounts) >= 2


def test_what_a_webhook_put_in_the_place_of_something_is_looked_up_in_the_list(north):
    installation()
    tell(meeting(north.rep.email, title="As it is", **WORDS))
    assert not Run.objects.exists()
    tell(meeting(north.rep.email, title="As it was at first", **WORDS))
    run = Run.objects.get()
    assert (run.trigger, run.parameters["rep"]) == ("webhook", str(north.rep.pk))
    assert run.parameters["hours"] >= 24
