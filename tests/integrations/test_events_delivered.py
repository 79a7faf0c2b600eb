"""What happens in Koppel reaches an endpoint, signed, once by its id,
whatever goes wrong on the way.
"""
# ruff: noqa: F811 - fixtures come by their names

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import svix
import time_machine
from django.db import transaction

from core.models import ApiCall, Incident
from core.redis import connection as redis
from crm import services
from integrations.events import acting, noting, owing, sending
from integrations.models import Delivery, Event, EventEndpoint
from integrations.services import activate
from tests.integrations import events_cast as cast
from tests.integrations.events_cast import boss, receiver  # noqa: F401
from tests.support import people

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_calls_stay")]
BEGIN = datetime(2026, 11, 30, 9, tzinfo=UTC)


def test_a_change_reaches_the_endpoint_signed(northwind, boss, receiver):
    _made, secret = cast.endpoint(boss, receiver.url())
    lead = cast.lead(northwind)
    services.update_lead(lead=lead, status="contacted")
    assert cast.deliver() == 3
    bodies = {
        body["type"]: body for body in (cast.verified(entry, secret) for entry in receiver.came())
    }
    assert set(bodies) == {"lead.created", "lead.updated", "lead.status_changed"}
    assert bodies["lead.created"]["data"]["id"] == str(lead.pk)
    assert bodies["lead.updated"]["data"]["changed"] == ["status"]
    assert bodies["lead.status_changed"]["data"]["previousStatus"] == "new"
    assert set(bodies["lead.created"]) == {"type", "timestamp", "data"}
    ids = {entry["headers"]["webhook-id"] for entry in receiver.came()}
    assert ids == {f"evt_{event.pk.hex}" for event in Event.objects.all()}
    assert receiver.came()[0]["headers"]["content-type"] == "application/json"
    assert cast.deliver() == 0
    assert receiver.effects()["repeated"] == 0


def test_only_what_it_subscribes_to_is_sent(northwind, boss, receiver):
    cast.endpoint(boss, receiver.url(), events=["lead.deleted"])
    lead = cast.lead(northwind)
    expected = ("lead.deleted", {"id": str(lead.pk)})
    services.delete_lead(lead=lead)
    cast.deliver()
    assert [(body["type"], body["data"]) for body in receiver.bodies()] == [expected]
    # What it does not want is kept all the same, for an endpoint that does.
    assert Event.objects.filter(name="lead.created").count() == 1


def test_a_change_that_is_taken_back_leaves_no_event(northwind, boss, receiver):
    cast.endpoint(boss, receiver.url())
    with transaction.atomic():
        cast.lead(northwind)
        assert Event.objects.count() == 1
        transaction.set_rollback(True)
    assert not Event.objects.exists()
    assert not Delivery.objects.exists()
    assert cast.deliver() == 0


def test_without_an_endpoint_nothing_is_written(northwind):
    cast.lead(northwind)
    assert not Event.objects.exists()


def test_while_the_secret_rotates_both_sign_and_after_a_day_the_new_one_alone(
    northwind, boss, receiver
):
    made, old = cast.endpoint(boss, receiver.url())
    with time_machine.travel(BEGIN, tick=True):
        new = acting.rotate_secret(made, actor="a test")
        assert new.startswith("whsec_")
        assert new != old
        cast.lead(northwind)
        cast.deliver()
        [entry] = receiver.came()
        assert len(entry["headers"]["webhook-signature"].split()) == 2
        for secret in (old, new):
            cast.verified(entry, secret)
    with time_machine.travel(BEGIN + timedelta(hours=25), tick=True):
        cast.lead(northwind, "Grace Hopper")
        cast.deliver()
        entry = receiver.came()[-1]
        cast.verified(entry, new)
        with pytest.raises(svix.WebhookVerificationError):
            svix.Webhook(old).verify(entry["body"].encode(), entry["headers"])
    listed = str(boss.get(f"{cast.API}/{made.pk}").json())
    assert new not in listed
    assert old not in listed


def test_nothing_is_lost_in_an_outage_of_26_hours(northwind, boss, receiver):
    _made, secret = cast.endpoint(boss, receiver.url())
    for number in range(5):
        with time_machine.travel(BEGIN, tick=True):
            receiver.turn(down_until=(BEGIN + timedelta(hours=26)).timestamp())
            cast.lead(northwind, f"Lead {number}")
            cast.deliver()
    for hour in range(1, 31):
        with time_machine.travel(BEGIN + timedelta(hours=hour), tick=True):
            cast.deliver()
            if hour == 2:
                [incident] = Incident.objects.filter(closed_at=None)
                assert "do not reach" in incident.title
                assert "no answer in time" in incident.what_to_do
            if hour == 28:
                cast.lead(northwind, "The first after it")
                cast.deliver()
                # One that is taken makes the others due.
                cast.deliver()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert (receiver.effects()["effects"], receiver.effects()["repeated"]) == (6, 0)
    assert len([cast.verified(entry, secret) for entry in receiver.came()]) > 6
    assert not Incident.objects.filter(closed_at=None).exists()
    assert EventEndpoint.objects.get().failing_since is None


def test_ten_attempts_within_75_hours_and_then_it_is_given_up(northwind, boss, receiver):
    cast.endpoint(boss, receiver.url())
    receiver.turn(status=500)
    last = owing.PAUSES.table
    assert len(last) + 1 == 10
    assert timedelta(hours=70) < sum(last, timedelta()) < timedelta(hours=80)
    with time_machine.travel(BEGIN, tick=True):
        cast.lead(northwind)
    moment = BEGIN
    for _attempt in range(12):
        with time_machine.travel(moment, tick=True):
            cast.deliver()
        delivery = Delivery.objects.get()
        if delivery.state == "failed":
            break
        moment = delivery.next_attempt_at + timedelta(seconds=1)
    assert (delivery.state, delivery.attempts, len(delivery.tries)) == ("failed", 10, 10)
    assert timedelta(hours=65) < moment - BEGIN < timedelta(hours=85)
    assert {
        (attempt["status"], attempt["error"]["facts"]["status"]) for attempt in delivery.tries
    } == {(500, 500)}


@pytest.mark.parametrize("header", ["7200", "Mon, 30 Nov 2026 11:00:00 GMT"])
def test_retry_after_is_respected_for_all_of_the_endpoint(northwind, boss, receiver, header):
    cast.endpoint(boss, receiver.url())
    with time_machine.travel(BEGIN, tick=True):
        receiver.turn(status=429, headers={"Retry-After": header})
        for number in range(3):
            cast.lead(northwind, f"Lead {number}")
        cast.deliver()
        asked = len(receiver.came())
        assert asked <= 8
        receiver.turn(status=200, headers={})
        cast.lead(northwind, "Another")
        assert cast.deliver() == 0
        assert len(receiver.came()) == asked
    with time_machine.travel(BEGIN + timedelta(minutes=119), tick=True):
        assert cast.deliver() == 0
    with time_machine.travel(BEGIN + timedelta(minutes=121), tick=True):
        cast.deliver()
        cast.deliver()
    assert receiver.effects()["effects"] == 4


def test_410_ends_the_endpoint(northwind, boss, receiver):
    made, _secret = cast.endpoint(boss, receiver.url())
    receiver.turn(status=410)
    for number in range(20):
        cast.lead(northwind, f"Lead {number}")
    cast.deliver()
    made.refresh_from_db()
    assert made.is_active is False
    assert set(Delivery.objects.values_list("state", flat=True)) == {"failed"}
    [incident] = Incident.objects.filter(closed_at=None)
    assert (incident.severity, "wants no more" in incident.title) == ("critical", True)
    asked = len(receiver.came())
    assert asked <= 8
    cast.lead(northwind, "Nobody hears of it")
    assert cast.deliver() == 0
    assert len(receiver.came()) == asked


def test_an_endpoint_that_fails_for_days_is_paused_with_one_incident_and_catches_up(
    northwind, boss, receiver
):
    made, _secret = cast.endpoint(boss, receiver.url())
    receiver.turn(status=500)
    for hours in range(0, 130, 6):
        with time_machine.travel(BEGIN + timedelta(hours=hours), tick=True):
            cast.lead(northwind, f"After {hours} hours")
            cast.deliver()
    made.refresh_from_db()
    assert made.is_active is False
    assert Incident.objects.count() == 1
    assert "took no event for five days" in Incident.objects.get().title
    assert "answered 500" in Incident.objects.get().what_to_do
    paused = EventEndpoint.objects.get().paused_at
    with time_machine.travel(paused + timedelta(hours=5), tick=True):
        cast.lead(northwind, "While it is paused")
        assert cast.deliver() == 0
        receiver.turn(status=200)
        activate(made, actor="a test")
        cast.lead(northwind, "Afterwards")
        cast.deliver()
        cast.deliver()
    names = {body["data"]["name"] for entry, body in zip(receiver.came(), receiver.bodies(),
        strict=True)
             if entry["status"] == 200}  # fmt: skip
    assert {"While it is paused", "Afterwards"} <= names
    assert Incident.objects.get().closed_at is not None


def test_redirects_pages_and_cut_lines_are_failures_or_not_by_their_status(
    northwind, boss, receiver
):
    cast.endpoint(boss, receiver.url())
    answers = {
        "moved": (
            {"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}},
            "somewhere else",
        ),
        "broken": ({"status": 500, "html": True}, "answered 500"),
        "cut": ({"cut": True}, "no answer in time"),
    }
    for name, (switches, words) in answers.items():
        receiver.turn(**{"status": 200, "headers": {}, "html": False, "cut": False, **switches})
        cast.lead(northwind, name)
        cast.deliver()
        delivery = Delivery.objects.get(event__data__name=name)
        assert delivery.state == "waiting"
        assert words in delivery.error
    receiver.turn(status=200, headers={}, html=True, cut=False)
    cast.lead(northwind, "a page")
    assert cast.deliver() == 1


def test_a_body_of_any_size_says_nothing_and_a_drip_ends_at_its_time(
    northwind, boss, receiver, monkeypatch
):
    cast.endpoint(boss, receiver.url())
    receiver.turn(size=3 * 1024 * 1024)
    cast.lead(northwind, "A huge answer")
    assert cast.deliver() == 1
    receiver.turn(status=500)
    cast.lead(northwind, "A huge failure")
    assert cast.deliver() == 0
    assert "answered 500" in Delivery.objects.get(event__data__name="A huge failure").error
    monkeypatch.setattr(sending, "LIMITS", replace(sending.LIMITS, read=1, total=1.5))
    receiver.turn(status=200, size=1000)
    receiver.sandbox.fault("receiver", "drip", seconds=0.1)
    cast.lead(northwind, "Drop by drop")
    began = time.monotonic()
    assert cast.deliver() == 0
    assert time.monotonic() - began < 6
    assert "no answer in time" in Delivery.objects.get(event__data__name="Drop by drop").error


def test_a_redirect_is_not_followed(northwind, boss, receiver):
    cast.endpoint(boss, receiver.url())
    for status in (301, 302, 307, 308):
        receiver.turn(status=status, headers={"Location": receiver.url("elsewhere")})
        cast.lead(northwind, f"Moved by {status}")
        assert cast.deliver() == 0
    assert receiver.came("elsewhere") == []
    assert len(receiver.came()) >= 4


def test_switched_on_again_it_gets_what_it_missed_at_once(northwind, boss, receiver):
    made, _secret = cast.endpoint(boss, receiver.url())
    receiver.turn(status=410)
    cast.lead(northwind, "Before it was gone")
    cast.deliver()
    cast.lead(northwind, "While it was gone")
    receiver.turn(status=200)
    made.refresh_from_db()
    activate(made, actor="a test")
    # Nothing is due: whoever looks finds that it was paused.
    assert cast.deliver() == 2
    assert {body["data"]["name"] for body in receiver.bodies()} == {
        "Before it was gone",
        "While it was gone",
    }
    assert not Incident.objects.filter(closed_at=None).exists()
    # Switched off by a person, it is owed nothing of that time but what they ask for.
    boss.post(f"{cast.API}/{made.pk}/deactivate")
    cast.lead(northwind, "While a person wanted none")
    boss.post(f"{cast.API}/{made.pk}/activate")
    assert cast.deliver() == 0


def test_a_sample_that_is_taken_ends_the_pause(northwind, boss, receiver):
    made, _secret = cast.endpoint(boss, receiver.url())
    receiver.turn(status=410)
    cast.lead(northwind, "Before it was gone")
    cast.deliver()
    receiver.turn(status=200)
    assert (
        boss.post(f"{cast.API}/{made.pk}/sample", {"event": "lead.created"}).json()["success"]
        is True
    )
    made.refresh_from_db()
    assert made.is_active
    assert cast.deliver() == 1
    assert not Incident.objects.filter(closed_at=None).exists()


def test_a_lost_redis_loses_nothing(northwind, boss, receiver):
    cast.endpoint(boss, receiver.url())
    cast.lead(northwind)
    redis().flushdb()
    assert cast.deliver() == 1
    assert receiver.effects() == {"effects": 1, "repeated": 0, "times": receiver.effects()["times"]}


def test_the_log_of_calls_has_the_attempts_and_no_secret(northwind, boss, receiver):
    made, secret = cast.endpoint(boss, receiver.url())
    cast.lead(northwind)
    cast.deliver()
    call = ApiCall.objects.get(integration_id=made.pk, method="POST")
    assert (call.organization_id, call.function_name, call.status_code) == (
        northwind.pk,
        "lead.created",
        200,
    )
    kept = (
        str(list(ApiCall.objects.values()))
        + str(list(Delivery.objects.values()))
        + str(list(Event.objects.values()))
    )
    assert secret not in kept
    assert secret.removeprefix("whsec_") not in kept


def test_an_address_that_became_private_is_not_called(northwind, boss, receiver, settings):
    cast.endpoint(boss, receiver.url())
    cast.lead(northwind)
    settings.ALLOW_PRIVATE_HOSTS = []
    assert cast.deliver() == 0
    assert receiver.came() == []
    assert "must begin with https" in Delivery.objects.get().error


def test_whoever_lost_sight_of_the_organization_gets_nothing_more(northwind, boss, receiver):
    made, _secret = cast.endpoint(boss, receiver.url())
    cast.lead(northwind)
    people.member("CEO", northwind, "another boss")
    member = northwind.members.get(user__username="boss")
    services.change_role(member=member, role="CLOSER", actor="a test")
    assert cast.deliver() == 0
    assert receiver.came() == []
    made.refresh_from_db()
    assert made.is_active is False
    assert "no longer sees" in Incident.objects.get().title
    with pytest.raises(acting.NotNow):
        acting.recover(made, BEGIN, actor="a test")


def test_the_other_organization_hears_nothing(northwind, boss, receiver):
    contoso = people.organization("Contoso", tier="PRO_PLUS")
    outsider = people.client_of(people.member("CEO", contoso, "outsider"))
    cast.endpoint(outsider, receiver.url("contoso"))
    cast.endpoint(boss, receiver.url("northwind"))
    cast.lead(northwind)
    cast.deliver()
    assert len(receiver.came("northwind")) == 1
    assert receiver.came("contoso") == []
    assert noting.cause(northwind.pk).startswith("events_out:")
