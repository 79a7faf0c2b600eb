"""The same door as an ordinary Django view: for the test client and for servers
other than config.asgi.
"""

from typing import Any

import structlog
from django.conf import settings
from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, re_path
from django.views.decorators.csrf import csrf_exempt

from core.health import counters
from core.ids import uuid7
from core.inbox.arrivals import Arrival, Refused, not_available, too_large, wrong_method
from core.inbox.receiving import error_body, receive
from core.inbox.sources import Source, all_sources, expression
from core.inbox.storing import refuse_unstorable, store_one
from core.models import InboundEvent
from core.queue import jobs
from core.serving.client_ip import client_ip


def urlpatterns() -> list[URLPattern]:
    """Return the registered sources as addresses."""
    return [
        re_path("^" + expression(pattern.lstrip("/")) + r"\Z", take, {"source": source})
        for source in all_sources()
        for pattern in source.patterns
    ]


@csrf_exempt
def take(request: HttpRequest, source: Source, **path: str) -> HttpResponse:
    """Take one delivery: refuse it with a reason, or store and answer it."""
    request_id = structlog.contextvars.get_contextvars().get("request_id") or uuid7().hex
    try:
        _store(source, _arrival(request, path, request_id))
    except Refused as refused:
        counters.add("webhooks", source.name, refused.reason)
        body, status = error_body(refused, request_id), refused.status
    else:
        body, status = source.answer_body, source.answer[0]
    return HttpResponse(
        body, status=status, content_type="application/json", headers={"X-Request-ID": request_id}
    )


def _store(source: Source, arrival: Arrival) -> None:
    try:
        delivery = receive(source, arrival, source.verifier.senders(arrival.path))
        with transaction.atomic(), refuse_unstorable():
            fresh = store_one(delivery)
            if fresh and delivery.processing_status == InboundEvent.Status.PENDING:
                jobs.after_commit("core.work_inbox", [str(delivery.id)])
    except OperationalError as error:
        raise not_available() from error
    outcome = "repeated"
    if fresh:
        outcome = "stored"
    counters.add("webhooks", source.name, outcome)


def _arrival(request: HttpRequest, path: dict[str, str], request_id: str) -> Arrival:
    if request.method != "POST":
        raise wrong_method()
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Arrival(path, headers, _body(request), client_ip(request), request_id)


def _body(request: HttpRequest) -> bytes:
    limit: int = settings.WEBHOOK_MAX_BODY
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        raise too_large(limit)
    # A chunked body has no length: Django would read nothing of it,
    # the server's own stream knows its end.
    stream: Any = request
    if request.META.get("wsgi.input_terminated"):
        stream = request.META["wsgi.input"]
    body: bytes = stream.read(limit + 1)
    if len(body) > limit:
        raise too_large(limit)
    return body
