"""The tab of an endpoint's deliveries: sampled, sent again, recovered,
with a secret that is shown once.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from core import vendors
from crm.models import Organization
from integrations.events import rounds
from integrations.models import Delivery, Integration
from tests.dashboard.conftest import signed_in
from tests.integrations.events_cast import lead
from tests.support import people

pytestmark = pytest.mark.django_db
LIST = "/dashboard/integrations"


@pytest.fixture
def hers(northwind) -> Any:
    Organization.objects.update(tier="PRO_PLUS")
    return signed_in(people.member("CEO", northwind, "boss"))


def made_of(client, receiver) -> tuple[Integration, str]:
    entered = {
        "provider": "WEBHOOK",
        "type": "WEBHOOK",
        "integration_name": "Orders",
        "url": receiver.url(),
        "events": "lead.created",
    }
    page = client.post(f"{LIST}/new", entered).content.decode()
    made = Integration.objects.get()
    secret = vendors.current(made.account).secret("secret").reveal()
    assert secret in page
    return made, secret


def test_the_secret_is_shown_once_and_the_chosen_events_are_kept(hers, receiver):
    made, secret = made_of(hers, receiver)
    page = hers.get(f"{LIST}/{made.pk}").content.decode()
    assert secret not in page
    assert 'value="lead.created" id="id_events_0" checked' in page or "checked" in page
    assert vendors.plain(made.account, "events") == "lead.created"
    page = hers.post(f"{LIST}/{made.pk}/secret").content.decode()
    second = vendors.current(made.account).secret("secret").reveal()
    assert second != secret
    assert second in page


def test_a_sample_is_sent_and_what_came_of_it_is_there(hers, receiver):
    made, _secret = made_of(hers, receiver)
    answer = hers.post(
        f"{LIST}/{made.pk}/deliveries/sample", {"event": "lead.created"}, follow=True
    )
    assert "The endpoint took it." in answer.content.decode()
    assert [body["type"] for body in receiver.bodies()] == ["lead.created"]
    page = hers.get(f"{LIST}/{made.pk}/deliveries").content.decode()
    assert "lead.created (sample)" in page
    assert hers.post(f"{LIST}/{made.pk}/deliveries/sample", {"event": "nothing"}).status_code == 200


def test_what_failed_is_sent_again_and_everything_since_a_moment(hers, receiver, northwind):
    made, _secret = made_of(hers, receiver)
    lead(northwind)
    rounds.deliver()
    row = Delivery.objects.get()
    assert row.state == "sent"
    Delivery.objects.update(state="failed", error="as the test wants it")
    assert "Send all failed again" in hers.get(f"{LIST}/{made.pk}/deliveries").content.decode()
    hers.post(f"{LIST}/{made.pk}/deliveries/replay")
    row.refresh_from_db()
    assert row.state == "waiting"
    rounds.deliver()
    since = timezone.localtime(timezone.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    assert hers.post(f"{LIST}/{made.pk}/deliveries/recover", {"since": since}).status_code == 302
    row.refresh_from_db()
    assert row.state == "waiting"
    later = (timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    answer = hers.post(f"{LIST}/{made.pk}/deliveries/recover", {"since": later})
    assert "Choose a moment that has passed." in answer.content.decode()
    page = hers.get(f"{LIST}/{made.pk}/deliveries/{row.pk}").content.decode()
    assert "webhook-id" in page
    assert "Ada Lovelace" in page


def test_deliveries_are_of_endpoints_alone(hers, toybox, northwind):
    from tests.integrations.toys import integration_of

    made = integration_of(people.member("CEO", northwind, "other"), northwind)
    Integration.objects.update(is_shared=True)
    assert hers.get(f"{LIST}/{made.pk}/deliveries").status_code == 404


def test_samples_are_described_in_the_readers_language(hers, receiver):
    made, _secret = made_of(hers, receiver)
    page = hers.get(
        f"{LIST}/{made.pk}/deliveries", headers={"Accept-Language": "fr"}
    ).content.decode()
    assert "contact.created: A contact was added." not in page
    assert "contact.created: " in page
