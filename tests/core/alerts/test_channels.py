"""What each channel sends, and what a channel's address must look like."""

import base64
import json
from urllib.parse import parse_qs

import pytest
from django.core.exceptions import ValidationError

from core import incidents
from core.alerts import channels, sending
from core.models import AlertChannel, AlertDelivery, ApiCall
from tests.core.alerts.conftest import HOOK_SECRET

pytestmark = pytest.mark.django_db


def outage(**more):
    return incidents.observe(
        "bison_instance:maverick",
        ok=False,
        title="Maverick does not answer",
        what_to_do="Look at its status page.",
        severity="critical",
        affected=["Acme", "Globex"],
        **more,
    )


def test_an_email_says_what_happened_since_when_what_to_do_and_where(mail, mailoutbox, settings):
    incident = outage()
    assert sending.send_waiting() == 1
    (message,) = mailoutbox
    assert message.to == ["duty@example.org"]
    assert message.subject == "Critical: Maverick does not answer"
    assert "This began " in message.body
    assert "Affected: Acme, Globex" in message.body
    assert "What to do: Look at its status page." in message.body
    assert f"{settings.PUBLIC_URL}/admin/core/incident/{incident.pk}/change/" in message.body


def test_the_end_is_told_without_advice(mail, mailoutbox):
    outage()
    incidents.observe("bison_instance:maverick", ok=True, title="")
    assert sending.send_waiting() == 2
    assert mailoutbox[1].subject == "Over: Maverick does not answer"
    assert "This is over." in mailoutbox[1].body
    assert "What to do" not in mailoutbox[1].body


def test_a_slack_hook_gets_json_and_no_log_has_its_address(slack, server):
    outage()
    assert sending.send_waiting() == 1
    (taken,) = server.taken
    assert taken.path == f"/services/{HOOK_SECRET}"
    assert json.loads(taken.body)["text"].startswith("*Critical: Maverick does not answer*\n")
    call = ApiCall.objects.get()
    assert (call.vendor, call.account, call.success) == ("slack", str(slack.pk), True)
    assert "hook-secret" not in " ".join(str(value) for value in vars(call).values())


def test_an_sms_goes_to_twilio_as_a_form_with_basic_auth(twilio):
    AlertChannel.objects.create(name="Phone", kind="sms", target="+31612345678")
    incident = outage()
    assert sending.send_waiting() == 1
    (taken,) = twilio.taken
    assert taken.path == "/2010-04-01/Accounts/AC123/Messages.json"
    assert taken.headers["Content-Type"] == "application/x-www-form-urlencoded"
    scheme, _space, key = taken.headers["Authorization"].partition(" ")
    assert (scheme, base64.b64decode(key).decode()) == ("Basic", "AC123:twilio-auth-token-secret")
    form = parse_qs(taken.body)
    assert (form["From"], form["To"]) == (["+15005550006"], ["+31612345678"])
    assert form["Body"][0].startswith("Critical: Maverick does not answer http")
    assert str(incident.pk) in form["Body"][0]
    log = " ".join(str(value) for value in vars(ApiCall.objects.get()).values())
    assert "twilio-auth-token-secret" not in log
    assert "+31612345678" not in log


def test_whatsapp_addresses_are_marked_as_such(twilio):
    AlertChannel.objects.create(name="Chat", kind="whatsapp", target="+31612345678")
    outage()
    assert sending.send_waiting() == 1
    form = parse_qs(twilio.taken[0].body)
    assert (form["From"], form["To"]) == (["whatsapp:+15005550006"], ["whatsapp:+31612345678"])


def test_without_twilio_its_channels_say_what_is_missing_and_ask_nobody(server):
    channel = AlertChannel.objects.create(name="Phone", kind="sms", target="+31612345678")
    assert "TWILIO_ACCOUNT_SID" in channels.unavailable("sms")
    assert channels.unavailable("email") == ""
    outage()
    assert sending.send_waiting() == 0
    assert AlertDelivery.objects.get(channel=channel).state == "failed"
    assert "TWILIO_AUTH_TOKEN" in AlertDelivery.objects.get(channel=channel).error
    assert server.taken == []


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("email", "duty@example.org"),
        ("slack", "https://hooks.slack.com/services/T0/B0/x"),
        ("slack", "https://chat.example.org/hooks/abc?key=1"),
        ("sms", "+31612345678"),
        ("whatsapp", "+15005550006"),
    ],
)
def test_good_addresses_pass(kind, target):
    channels.validate_target(kind, target)


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("email", "nobody"),
        ("slack", "hooks"),
        ("slack", "ftp://x.org/"),
        ("sms", "0612345678"),
        ("sms", "+31 6 12"),
    ],
)
def test_other_addresses_are_refused_without_being_repeated(kind, target):
    with pytest.raises(ValidationError) as refused:
        channels.validate_target(kind, target)
    assert target not in str(refused.value)
