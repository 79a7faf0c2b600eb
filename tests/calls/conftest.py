"""What every test of calls may use."""

from typing import Any

import pytest

from sandbox.vendors import openai
from tests.calls.recorded import environment
from tests.calls.transcribed import free_the_quota
from tests.support.sandbox import Sandbox


@pytest.fixture
def vendors(sandbox: Sandbox, settings: Any) -> Sandbox:
    """Calls can be held and recorded, on stand-ins whose time passes when a test says so."""
    for name, value in environment(sandbox).items():
        setattr(settings, name, value)
    sandbox.turn("livekit", speed=0, webhook_url="")
    return sandbox


@pytest.fixture
def endpoint(vendors: Sandbox, settings: Any) -> Sandbox:
    """Calls can be recorded, and written down by the stand-in."""
    free_the_quota()
    settings.OPENAI_BASE_URL, settings.OPENAI_API_KEY = vendors.url("openai", "/v1"), openai.API_KEY
    return vendors
