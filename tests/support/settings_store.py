"""Settings in tests: nothing is remembered from the test before, whose rows are gone."""

import pytest

from core import settings_store


@pytest.fixture(autouse=True)
def fresh_settings() -> None:
    settings_store.forget()
