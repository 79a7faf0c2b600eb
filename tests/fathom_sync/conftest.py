"""What every test of Fathom leaves behind: nothing."""

import pytest


@pytest.fixture(autouse=True)
def nothing_stays(no_calls_stay: None) -> None:
    """Each of them may have synced."""
