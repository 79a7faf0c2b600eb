"""What tests of the stand-ins share."""

from collections.abc import Iterator

import pytest

from sandbox.vendors.server import Server
from tests.bison.stand_in import BisonVendor
from tests.support.sandbox import Sandbox

TODAY = "2026-11-30T12:00:00Z"


@pytest.fixture
def bison(sandbox_server: Server, sandbox: Sandbox) -> Iterator[BisonVendor]:
    """Start Email Bison's stand-in on a day that does not pass: what there is comes of the date."""
    vendor = BisonVendor(sandbox_server, sandbox)
    vendor.turn(now=TODAY)
    yield vendor
    vendor.vendor.stop_deliveries()
