"""Whoever has a Fathom account says what is sent to it. It reaches nobody else's meetings, whatever it says."""

import json
import time
import uuid

import pytest
from django.test import Client

from calls.models import Call, Transcript
from core.inbox import working
from core.models import InboundEvent, Run
from fathom_sync import accounts
from fathom_sync.models import FathomMeeting
from tests.fathom_sync.cast import installation
from tests.support.deliveries import standard_signature
from tests.support.people import client_of
from tests.support.world import World

pytestmark = pytest.mark.django_db
AGENCYS = "whsec_bWFkZS11cC1zZWNyZXQtbm90LXJlYWwh"
THEIR_OWN = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldY"
WORDS = {
    "default_summary": {"markdown_formatted": "The real summary"},
    "transcript": [{"speaker": {"display_name": "Ada"}, "text": "confidential words", "timestamp": "00:00:01"}],
}
FORGED = {
    "title": "Forged",
    "url": "https://elsewhere.example/",
    "default_summary": {"markdown_formatted": "Forged"},
    "transcript": [{"speaker": {"display_name": "X"}, "text": "forged words", "timestamp": "00:00:01"}],
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
    assert Client().post(path, body, content_type="application/json", headers=headers).status_code == 202
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
        "texts": "".join(client.get(f"/api/calls/{call['id']}/transcript").json()["text"] for call in calls),
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
def test_an_id_that_was_taken_beforehand_catches_nothing_of_another_organization(owner, north, contoso):
    deliver(meeting(contoso.rep.email, title="Placeholder"), account_of(getattr(contoso, owner)), THEIR_OWN)
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
    deliver(meeting("nobody@north.example", title="Waits, and more is known", **WORDS), own, THEIR_OWN)
    assert seen_by(contoso.users["CEO"])["hits"] == 0
    queue = client_of(north.users["CEO"]).get("/api/fathom/unmatched").json()["results"]
    assert [one["title"] for one in queue] == ["Waits, and more is known"]


def test_what_waits_for_nobody_stays_with_the_agency(north, contoso):
    tell(meeting("nobody@example.com", title="Nobody's", **WORDS))
    deliver(meeting(contoso.rep.email, title="Placeholder"), account_of(contoso.organization), THEIR_OWN)
    tell(meeting("nobody@example.com", title="Nobody's still", **WORDS))
    assert seen_by(contoso.users["CEO"]) == {"titles": ["Placeholder"], "texts": "", "hits": 0}
    assert FathomMeeting.objects.get(organization=None).title == "Nobody's still"


def test_a_reps_webhook_speaks_of_the_reps_own_meetings_alone(north):
    tell(meeting("ada@north.example", number=78, title="Waits for Ada", **WORDS))
    own = account_of(north.organization)
    deliver(meeting("ada@north.example", number=79, title="Waits here", **WORDS), own, THEIR_OWN)
    mine = account_of(north.rep)
    before = FathomMeeting.objects.values().get(recording_id="79")
    deliver(meeting(north.rep.email, number=79, **FORGED), mine, THEIR_OWN)
    deliver(meeting("ada@north.example", number=80, **FORGED), mine, THEIR_OWN)
    assert FathomMeeting.objects.values().get(recording_id="79") == before
    assert not FathomMeeting.objects.filter(recording_id="80").exists()
    deliver(meeting(north.rep.email, number=81, title="My own", **WORDS), mine, THEIR_OWN)
    assert Call.objects.get(rep=north.rep).title == "My own"


def test_a_call_that_a_rep_claimed_goes_to_whoever_recorded_it(north):
    mine, own = account_of(north.rep), account_of(north.organization)
    deliver(meeting(north.rep.email, title="Placeholder"), mine, THEIR_OWN)
    deliver(meeting("ada@north.example", title="Of a colleague", **WORDS), own, THEIR_OWN)
    call = Call.objects.get()
    assert (call.title, call.rep_id) == ("Of a colleague", None)
    assert FathomMeeting.objects.get().rep_id is None


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
