"""The API of events out: an endpoint from its creation to its end, and who may do what with it."""
# ruff: noqa: F811 - fixtures come by their names

from datetime import timedelta
from typing import Any

import pytest
import standardwebhooks
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.models import AuditEvent, VendorSecret
from crm import services
from integrations.events import forgetting
from integrations.events.catalogue import NAMES_OF_EVENTS
from integrations.models import Delivery, Event, Integration
from tests.integrations import events_cast as cast
from tests.integrations.conftest import connected
from tests.integrations.events_cast import API, boss, receiver  # noqa: F401
from tests.support import people
from tests.support.people import assert_error

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_calls_stay")]
URL = "https://hooks.example.com/koppel"


def given(**configuration: Any) -> dict[str, Any]:
    return {
        "name": "Our orders",
        "type": "WEBHOOK",
        "configuration": {"provider": "WEBHOOK", **configuration},
    }


def test_the_catalogue_has_a_schema_and_an_example_of_each(boss):
    found = boss.get(f"{API}/webhook-events").json()
    assert [each["name"] for each in found] == list(NAMES_OF_EVENTS)
    for each in found:
        assert set(each) == {"name", "description", "schema", "example"}
        assert each["example"]["type"] == each["name"]
        assert set(each["schema"]["required"]) == {"type", "timestamp", "data"}


def test_the_secret_is_shown_once(boss):
    made, secret = cast.endpoint(
        boss, URL, events=["lead.created", "lead.created", "call.completed"]
    )
    assert secret.startswith("whsec_")
    for answer in (
        boss.get(f"{API}/{made.pk}"),
        boss.patch(f"{API}/{made.pk}", {"name": "Orders"}),
        boss.get(API),
    ):
        assert answer.status_code == 200
        assert secret not in answer.content.decode()
    shown = boss.get(f"{API}/{made.pk}").json()["configuration"]
    assert (shown["url"], shown["events"]) == (URL, ["lead.created", "call.completed"])
    # As it came, it goes back, and changes nothing.
    assert (
        boss.put(f"{API}/{made.pk}", {"name": "Orders", "configuration": shown}).status_code == 200
    )
    kept = VendorSecret.objects.get(account=made.account, field="secret")
    assert kept.value.reveal() == secret
    assert secret not in str(list(AuditEvent.objects.values()))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({}, "configuration.url"),
        ({"url": "http://hooks.example.com"}, "configuration.url"),
        ({"url": "https://user:pass@hooks.example.com"}, "configuration.url"),
        ({"url": "https://127.0.0.1/"}, "configuration.url"),
        ({"url": "https://[::1]/"}, "configuration.url"),
        ({"url": "https://169.254.169.254/latest/meta-data/"}, "configuration.url"),
        ({"url": "https://0x7f000001/"}, "configuration.url"),
        ({"url": "https://localhost/"}, "configuration.url"),
        ({"url": "https://hooks.internal:8443/"}, "configuration.url"),
        ({"url": "file:///etc/passwd"}, "configuration.url"),
        ({"url": "https://hooks.example.com/" + "a" * 2000}, "configuration.url"),
        ({"url": URL, "events": ["lead.exploded"]}, "configuration.events"),
        ({"url": URL, "events": [1]}, "configuration.events"),
        ({"url": URL, "events": {"a": 1}}, "configuration.events"),
        ({"url": URL, "secret": "whsec_of-my-own-of-no-value"}, "configuration.secret"),
    ],
)
def test_what_cannot_be_called_or_chosen_is_refused_at_once(boss, values, field):
    for address in (API, f"{API}/test"):
        body = assert_error(boss.post(address, given(**values)), 400)
        assert field in body["fields"], body
    assert not Integration.objects.exists()


def test_who_does_not_see_the_whole_organization_makes_none(northwind, closer):
    manager = people.client_of(people.member("MANAGER", northwind, "manager"))
    for client in (closer, manager):
        assert_error(client.post(API, given(url=URL)), 403)
    free = people.client_of(
        people.member("CEO", people.organization("Contoso", tier="FREE"), "outsider")
    )
    assert (
        assert_error(free.post(API, given(url=URL)), 403, "TIER_LIMIT")["requiredTier"]
        == "PRO_PLUS"
    )


def test_a_sample_is_sent_now_and_signed(boss, receiver):
    made, secret = cast.endpoint(boss, receiver.url(), events=["lead.created"])
    answer = boss.post(f"{API}/{made.pk}/sample", {"event": "call.completed"}).json()
    assert (answer["success"], answer["delivery"]["state"], answer["delivery"]["isSample"]) == (
        True,
        "sent",
        True,
    )
    [entry] = receiver.came()
    body = standardwebhooks.Webhook(secret).verify(entry["body"].encode(), entry["headers"])
    assert body["type"] == "call.completed"
    assert answer["delivery"]["webhookId"] == entry["headers"]["webhook-id"]
    receiver.turn(status=503, html=True)
    answer = boss.post(f"{API}/{made.pk}/sample", {"event": "lead.created"}).json()
    assert (answer["success"], answer["delivery"]["state"]) == (False, "failed")
    assert answer["message"] == "The endpoint answered 503."
    assert "It works!" not in str(answer)
    assert cast.deliver() == 0
    assert_error(boss.post(f"{API}/{made.pk}/sample", {"event": "lead.exploded"}), 400)
    assert_error(boss.post(f"{API}/{made.pk}/sample", {}), 400)


def test_samples_are_ten_a_minute(boss, receiver):
    cache.clear()
    made, _secret = cast.endpoint(boss, receiver.url())
    answers = [
        boss.post(f"{API}/{made.pk}/sample", {"event": "lead.created"}) for _number in range(11)
    ]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_deliveries_are_listed_and_sent_again_under_the_same_name(northwind, boss, receiver):
    made, _secret = cast.endpoint(boss, receiver.url())
    receiver.turn(status=500)
    cast.lead(northwind)
    cast.deliver()
    [row] = boss.get(f"{API}/{made.pk}/deliveries?state=waiting").json()["results"]
    assert (row["event"], row["attempts"], row["error"]) == (
        "lead.created",
        1,
        "The endpoint answered 500.",
    )
    assert [(each["status"], each["error"]) for each in row["tries"]] == [
        (500, "The endpoint answered 500.")
    ]
    assert row["nextAttemptAt"] is not None
    receiver.turn(status=200)
    path = f"{API}/{made.pk}/deliveries/{row['id']}/replay"
    Delivery.objects.update(next_attempt_at=timezone.now() + timedelta(hours=5))
    assert boss.post(path).json()["delivery"]["state"] == "waiting"
    cast.deliver()
    assert boss.post(path).status_code == 200
    cast.deliver()
    [row] = boss.get(f"{API}/{made.pk}/deliveries?event=lead.created").json()["results"]
    assert (row["state"], row["error"], [each["status"] for each in row["tries"]]) == (
        "sent",
        "",
        [500, 200, 200],
    )
    assert (receiver.effects()["effects"], receiver.effects()["repeated"]) == (1, 1)
    assert boss.get(f"{API}/{made.pk}/deliveries?state=failed").json()["results"] == []
    assert_error(boss.get(f"{API}/{made.pk}/deliveries?state=nonsense"), 400)
    actions = AuditEvent.objects.filter(action="integration.replayed")
    assert actions.count() == 2


def test_a_list_of_deliveries_costs_the_same_however_long_it_is(northwind, boss):
    made, _secret = cast.endpoint(boss, URL)
    cast.lead(northwind)
    with CaptureQueriesContext(connection) as few:
        boss.get(f"{API}/{made.pk}/deliveries")
    for number in range(20):
        cast.lead(northwind, f"Lead {number}")
    with CaptureQueriesContext(connection) as many:
        assert len(boss.get(f"{API}/{made.pk}/deliveries").json()["results"]) == 21
    assert len(few) == len(many) <= 9


def test_everything_since_a_moment_is_sent_again(northwind, boss, receiver):
    made, _secret = cast.endpoint(boss, receiver.url(), events=["lead.created"])
    for number in range(3):
        cast.lead(northwind, f"Lead {number}")
    cast.deliver()
    middle = Event.objects.order_by("created_at")[1].created_at
    # What came before an endpoint was there is kept too, where somebody else was told of it.
    late, _secret = cast.endpoint(boss, receiver.url("late"))
    answer = boss.post(f"{API}/{made.pk}/recover", {"since": middle.isoformat()}).json()
    assert (answer["success"], answer["deliveries"]) == (True, 2)
    assert (
        boss.post(f"{API}/{late.pk}/recover", {"since": "2020-01-01T00:00:00Z"}).json()[
            "deliveries"
        ]
        == 3
    )
    assert cast.deliver() == 5
    assert (receiver.effects()["effects"], receiver.effects()["repeated"]) == (3, 2)
    assert receiver.effects("late")["effects"] == 3
    for since in ("soon", None, 7, (timezone.now() + timedelta(hours=1)).isoformat()):
        assert_error(boss.post(f"{API}/{made.pk}/recover", {"since": since}), 400)
    boss.post(f"{API}/{made.pk}/deactivate")
    assert_error(
        boss.post(f"{API}/{made.pk}/recover", {"since": middle.isoformat()}), 409, "endpoint_off"
    )


def test_a_new_secret_is_shown_once(northwind, boss, receiver):
    made, old = cast.endpoint(boss, receiver.url())
    answer = boss.post(f"{API}/{made.pk}/rotate-secret").json()
    new = answer["secret"]
    assert new.startswith("whsec_")
    cast.lead(northwind)
    cast.deliver()
    [entry] = receiver.came()
    for secret in (old, new):
        standardwebhooks.Webhook(secret).verify(entry["body"].encode(), entry["headers"])
    shown = boss.get(f"{API}/{made.pk}").content.decode()
    assert old not in shown
    assert new not in shown
    # Twice: the one before the last signs no more.
    newest = boss.post(f"{API}/{made.pk}/rotate-secret").json()["secret"]
    cast.lead(northwind)
    cast.deliver()
    entry = receiver.came()[-1]
    for secret in (new, newest):
        standardwebhooks.Webhook(secret).verify(entry["body"].encode(), entry["headers"])
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(old).verify(entry["body"].encode(), entry["headers"])


def test_colleagues_look_where_it_is_shared_and_change_nothing(northwind, boss, closer):
    made, _secret = cast.endpoint(boss, URL)
    cast.lead(northwind)
    delivery = Delivery.objects.get()
    acts = {
        "sample": {"event": "lead.created"},
        "recover": {"since": "2026-01-01T00:00:00Z"},
        "rotate-secret": {},
        f"deliveries/{delivery.pk}/replay": {},
    }
    outsider = people.client_of(people.member("CEO", people.organization("Contoso"), "outsider"))
    for client in (closer, outsider):
        assert_error(client.get(f"{API}/{made.pk}/deliveries"), 404)
        for act, body in acts.items():
            assert_error(client.post(f"{API}/{made.pk}/{act}", body), 404)
    boss.patch(f"{API}/{made.pk}", {"isShared": True})
    assert closer.get(f"{API}/{made.pk}/deliveries").status_code == 200
    for act, body in acts.items():
        assert_error(closer.post(f"{API}/{made.pk}/{act}", body), 403)


def test_what_is_no_endpoint_has_no_deliveries(boss, toybox):
    made = connected(boss, toybox)
    for act in ("sample", "recover", "rotate-secret"):
        assert_error(boss.post(f"{API}/{made['id']}/{act}", {}), 404)
    assert_error(boss.get(f"{API}/{made['id']}/deliveries"), 404)


def test_what_is_30_days_old_goes(northwind, boss):
    cast.endpoint(boss, URL)
    for number in range(3):
        cast.lead(northwind, f"Lead {number}")
    oldest = Event.objects.order_by("created_at").first()
    Event.objects.filter(pk=oldest.pk).update(created_at=timezone.now() - timedelta(days=31))
    assert forgetting.forget(timezone.now()) == 1
    assert (Event.objects.count(), Delivery.objects.count()) == (2, 2)


def test_with_the_endpoint_go_its_deliveries_and_with_the_organization_its_events(northwind, boss):
    made, secret = cast.endpoint(boss, URL)
    lead = cast.lead(northwind)
    assert boss.delete(f"{API}/{made.pk}").status_code == 204
    assert (Event.objects.count(), Delivery.objects.count()) == (1, 0)
    assert secret not in str(list(VendorSecret.objects.values()))
    services.delete_lead(lead=lead)
    northwind.delete()
    assert not Event.objects.exists()
