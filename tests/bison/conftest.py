"""What every test of Email Bison may use."""

import pytest

from sandbox.vendors.server import Server
from tests.bison.stand_in import BisonVendor
from tests.support.sandbox import Sandbox


@pytest.fixture
def bison_vendor(sandbox_server: Server, sandbox: Sandbox) -> BisonVendor:
    """Start the stand-in as after its start; the guard lets its address through."""
    return BisonVendor(sandbox_server, sandbox)
