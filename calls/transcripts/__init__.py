"""What was said in a call that was held here: written down from its recording, and summed up.

service  the OpenAI-compatible endpoint
reading  its answers, made fit to keep
due      which recordings, and when
writing  one recording, from the storage to the library
hearing  what of it is sent
sound    its sound alone, of one that is too large
reasons  why not, in words
trouble  what failed for good, as an incident

Off without OPENAI_API_KEY, and off for each organization that did not choose it. Nothing is paid
for twice: a recording has one `Transcription`, which whoever works on it holds by one conditional
UPDATE, and what was heard is kept before it is summed up.
"""

from calls.transcripts.due import (
    KIND,
    begin,
    may_try_again,
    state_of,
    sweep,
    try_again,
    with_states,
)
from calls.transcripts.reasons import reason_of
from calls.transcripts.service import configured, sent_to

__all__ = [
    "KIND",
    "begin",
    "configured",
    "may_try_again",
    "reason_of",
    "sent_to",
    "state_of",
    "sweep",
    "try_again",
    "with_states",
]
