"""OpenAI's API as far as calls need it:
`/openai/v1/audio/transcriptions` and `/openai/v1/chat/completions`.

It hears in every recording the same short talk, made up here, and sums it up from what it was sent.
Like OpenAI it takes files of 25 MB at most, wants a file and a model, and refuses with
`{"error": {"message", "type", …}}`.

Switches: `speech` off, nothing is heard; `hears` is what a transcription answers in place
of the talk (any JSON), `says` what a completion answers.
"""

from sandbox.vendors.demo_keys import OPENAI_API_KEY as API_KEY
from sandbox.vendors.openai.vendor import TALK, OpenAI

__all__ = ["API_KEY", "TALK", "OpenAI"]
