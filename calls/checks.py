"""What must be right before calls are held.

koppel.E040  LIVEKIT_TOKEN_SECONDS is out of its bounds
koppel.E041  OPENAI_UPLOAD_MB is out of its bounds
koppel.E042  OPENAI_BASE_URL cannot be called
"""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from calls.livekit import tokens
from calls.transcripts import service


@register(Tags.security)
def token_life(app_configs: Any = None, **_kwargs: Any) -> list[CheckMessage]:
    """Check that a person's token lives as long as the setting says: what is out of its bounds is
    cut to them.
    """
    if tokens.SHORTEST_JOIN <= settings.LIVEKIT_TOKEN_SECONDS <= tokens.LONGEST_JOIN:
        return []
    text = f"LIVEKIT_TOKEN_SECONDS is not between {tokens.SHORTEST_JOIN} and {tokens.LONGEST_JOIN}."
    hint = (
        f"A person's token lives for {tokens.join_seconds()} seconds as it is; 300 are enough "
        "to enter a room."
    )
    return [Error(text, hint=hint, id="koppel.E040")]


@register(Tags.security)
def transcripts(app_configs: Any = None, **_kwargs: Any) -> list[CheckMessage]:
    """Check that what was said can be written down, where a key says that it should be."""
    if not settings.OPENAI_API_KEY:
        return []
    found: list[CheckMessage] = []
    if not 1 <= settings.OPENAI_UPLOAD_MB <= service.LARGEST_MB:
        text = f"OPENAI_UPLOAD_MB is not between 1 and {service.LARGEST_MB}."
        found.append(
            Error(text, hint="A worker holds a recording of that size in memory.", id="koppel.E041")
        )
    if not service.configured():
        hint = "It must begin with https://, or be named in KOPPEL_ALLOW_PRIVATE_HOSTS."
        found.append(
            Error("OPENAI_BASE_URL is no address that may be called.", hint=hint, id="koppel.E042")
        )
    return found
