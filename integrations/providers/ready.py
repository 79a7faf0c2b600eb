"""What a provider has of ready-made configurations: a form that is filled but
for what is one's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.words.sayings import Text


@dataclass(frozen=True, slots=True)
class Template:
    """A configuration to begin with. What is left out of it a person enters, secrets above all."""

    key: str
    name: str
    provider: str
    description: Text
    configuration: Mapping[str, Any]
