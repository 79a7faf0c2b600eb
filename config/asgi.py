"""The web process: `uvicorn config.asgi:application`.

Webhook deliveries are taken by core.inbox's door. Everything else is Django as WSGI, in a few
threads: its pages, its middleware and its database pool are made for threads and behave here as
under any WSGI server. None of the threads waits for a sender: core.serving reads bodies before
one is taken.
"""

import multiprocessing
import os
import signal
import threading
from typing import Any
from urllib.parse import quote

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django = get_wsgi_application()

from core.checks import refuse_to_start  # noqa: E402 - its imports need Django to be set up
from core.inbox.door import Door  # noqa: E402 - likewise
from core.postgres import patience  # noqa: E402 - likewise
from core.serving.bodies import App, Receive, Scope, Send, WholeBodies  # noqa: E402 - likewise

patience.limit()
refuse_to_start()
wsgi: Any = WSGIMiddleware
pages: App = wsgi(django, workers=settings.WEB_THREADS)
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))


def end_with_the_master() -> None:
    """End with the master.

    A worker whose master was killed would keep the port and nobody could start again.
    """
    if master := multiprocessing.parent_process():
        master.join()
        os.kill(os.getpid(), signal.SIGTERM)


async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
    """Hand on to Django what WSGI can carry.

    A header whose name has an underscore would pass for its twin with a dash (`X_Forwarded_For`),
    so it is dropped, as gunicorn and nginx do; and a query string with raw bytes is
    percent-encoded, as WSGI wants it.
    """
    if scope["type"] == "http":
        headers = [header for header in scope["headers"] if b"_" not in header[0]]
        query = quote(scope["query_string"], safe=PRINTABLE).encode()
        scope = {**scope, "headers": headers, "query_string": query}
    await pages(scope, receive, send)


application = Door(WholeBodies(guarded))
threading.Thread(target=end_with_the_master, name="master-watch", daemon=True).start()
