"""Channels over real local servers."""

import pytest

from core.models import AlertChannel
from tests.support.hooks import hook_server

HOOK_SECRET = "T0KEN/B0T/hook-secret-tail"


@pytest.fixture
def server(settings):
    with hook_server() as script:
        settings.ALLOW_PRIVATE_HOSTS = [script.host]
        yield script


@pytest.fixture
def slack(server):
    return AlertChannel.objects.create(
        name="Team chat", kind="slack", target=f"{server.url}/services/{HOOK_SECRET}"
    )


@pytest.fixture
def mail():
    return AlertChannel.objects.create(name="Duty mail", kind="email", target="duty@example.org")


@pytest.fixture
def twilio(settings, server):
    settings.TWILIO_ACCOUNT_SID = "AC123"
    settings.TWILIO_AUTH_TOKEN = "twilio-auth-token-secret"
    settings.TWILIO_PHONE_NUMBER = "+15005550006"
    settings.TWILIO_BASE_URL = server.url
    return server
