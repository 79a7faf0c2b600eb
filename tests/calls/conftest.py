"""What every test of calls may use."""

from typing import Any

import pytest

from tests.calls.recorded import environment
from tests.support.sandbox import Sandbox


@pytest.fixture
def vendors(sandbox: Sandbox, settings: Any) -> Sandbox:
    """Calls can be held and recorded, on stand-ins whose time passes when a test says so."""
    for name, value in environment(sandbox).items():
        setattr(settings, name, value)
    sandbox.turn("livekit", speed=0, webhook_url="")
    return sandbox
