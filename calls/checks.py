"""What must be right before calls are held.

    koppel.E040  LIVEKIT_TOKEN_SECONDS is out of its bounds
"""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from calls.livekit import tokens


@register(Tags.security)
def token_life(app_configs: Any = None, **_kwargs: Any) -> list[CheckMessage]:
    """Whether a person's token lives as long as the setting says: what is out of its bounds is cut to them."""
    if tokens.SHORTEST_JOIN <= settings.LIVEKIT_TOKEN_SECONDS <= tokens.LONGEST_JOIN:
        return []
    text = f"LIVEKIT_TOKEN_SECONDS is not between {tokens.SHORTEST_JOIN} and {tokens.LONGEST_JOIN}."
    hint = f"A person's token lives for {tokens.join_seconds()} seconds as it is; 300 are enough to enter a room."
    return [Error(text, hint=hint, id="koppel.E040")]
