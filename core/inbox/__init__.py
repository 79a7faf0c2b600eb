"""The one door in: verify over the raw bytes, store once, answer, work later.

    url -> Source (declared by an app) -> verifier -> one row -> answer
    row -> worker -> handler

The first line is `sources`, `verifiers`, `arrivals` and `receiving`,
the second `working` and `replaying`.

`payloads` reads the bodies; `storing` writes the rows, many in one commit (`group_commit`);
`hints` wakes the workers.

A vendor's webhook is a `Source` that its app registers when Django starts (`apps.py`).
`config.asgi` serves the sources past Django's middleware (`door`); everywhere else `views` does the
same through an ordinary Django view.
"""

from core.inbox.arrivals import Refused, Sender
from core.inbox.replaying import replay
from core.inbox.sources import Source, register, source_named
from core.inbox.storing import arrived
from core.inbox.verifiers import (
    ChatwootHmac,
    LiveKitToken,
    StandardWebhooks,
    UrlToken,
    token_fingerprint,
)
from core.inbox.views import urlpatterns
from core.inbox.working import GiveUp, sweep, work

__all__ = [
    "ChatwootHmac",
    "GiveUp",
    "LiveKitToken",
    "Refused",
    "Sender",
    "Source",
    "StandardWebhooks",
    "UrlToken",
    "arrived",
    "register",
    "replay",
    "source_named",
    "sweep",
    "token_fingerprint",
    "urlpatterns",
    "work",
]
