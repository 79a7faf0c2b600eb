"""Which settings come from the environment, as config/settings.py itself says."""

import re
from pathlib import Path

SETTINGS = Path(__file__).resolve().parents[2] / "config" / "settings.py"


def names() -> set[str]:
    """Return every variable that the settings read."""
    return set(re.findall(r'\benv(?:\.\w+)?\(\s*"([A-Z][A-Z0-9_]*)"', SETTINGS.read_text()))
