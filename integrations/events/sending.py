"""One message, sent once: signed at the moment of sending, through the house's door,
answered or not.
"""

import time
from dataclasses import dataclass
from typing import Any, Final

import orjson
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import RateLimited, Temporary, VendorError
from core.http import CallContext, Client, Limits, addresses
from core.words.sayings import Saying
from integrations.events import endpoints, signing
from integrations.events.endpoints import Target
from integrations.events.shapes import moment
from integrations.models import Event, Integration

VENDOR: Final = "webhook"
# Nobody who takes an event needs longer; whoever works on it for long does
# so after having answered.
LIMITS: Final = Limits(connect=5, read=15, total=20, attempts=1, body=1024 * 1024, quota_wait=0)
SUCCESS: Final = range(200, 300)
GONE: Final = 410
NO_ANSWER: Final = _("The endpoint gave no answer in time, or the connection broke off.")
ANSWERED: Final = _("The endpoint answered %(status)s.")
MOVED: Final = _(
    "The endpoint answered %(status)s: it is somewhere else. Koppel follows no redirects; "
    "enter the address."
)
NO_MORE: Final = _("The endpoint answered 410: it wants no more events.")
REST: Final = _("The endpoint asked for a rest.")


@dataclass(frozen=True)
class Result:
    """What came of one attempt. `error` is empty where the endpoint took it."""

    at: str
    ms: int
    status: int | None = None
    error: Saying | None = None
    retry_after: float | None = None

    @property
    def is_gone(self) -> bool:
        return self.status == GONE

    def noted(self) -> dict[str, Any]:
        """Return it as the delivery keeps it."""
        kept = self.error.kept() if self.error else {}
        return {"at": self.at, "status": self.status, "ms": self.ms, "error": kept}


def body_of(event: Event) -> bytes:
    """Return what goes out: the same bytes for every endpoint and every attempt."""
    body = {"type": event.name, "timestamp": moment(event.created_at), "data": event.data}
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


def message_id(event: Event) -> str:
    """Return the name by which the receiver knows an event that comes twice."""
    return f"evt_{event.pk.hex}"


def send(target: Target, event: Event, by: str = "") -> Result:
    """Send an event to an endpoint, once."""
    now = timezone.now()
    body = body_of(event)
    started = time.monotonic()
    headers = {"Content-Type": "application/json"}
    headers |= signing.headers(message_id(event), int(now.timestamp()), body, target.keys)
    context = CallContext(
        organization_id=target.organization_id,
        integration_id=target.integration_id,
        function_name=event.name,
        triggered_by=by,
    )
    client = Client(
        VENDOR,
        str(target.integration_id),
        target.origin,
        None,
        (),
        context,
        limits=LIMITS,
        reads="bytes",
    )
    try:
        answer = client.post(f"{target.origin}{target.path}", data=body, headers=headers)
        status: int | None = answer.status
        failure = None
    except VendorError as error:
        status, failure = error.status, error
    return _result(now.isoformat(), _since(started), status, failure)


def cannot(error: addresses.Refused) -> Result:
    """Return what comes of an address that may not be called any more."""
    return Result(timezone.now().isoformat(), 0, error=Saying(error.text, {"vendor": "Webhook"}))


def target_of(integration: Integration) -> "Target | Result":
    """Return where to send to, or why nothing can be sent there."""
    try:
        return endpoints.target(integration)
    except addresses.Refused as error:
        return cannot(error)


def _result(at: str, ms: int, status: int | None, failure: VendorError | None) -> Result:
    # The status alone says whether it was taken: what else it answers is its own affair.
    if failure is None or status in SUCCESS:
        return Result(at, ms, status)
    retry_after = failure.retry_after
    if isinstance(failure, RateLimited) and status is None:
        return Result(at, ms, None, Saying(REST), retry_after)
    return Result(at, ms, status, _why(status, failure), retry_after)


def _why(status: int | None, failure: VendorError) -> Saying:
    if status == GONE:
        return Saying(NO_MORE)
    if status is not None and 300 <= status < 400:
        return Saying(MOVED, {"status": status})
    if status is not None:
        return Saying(ANSWERED, {"status": status})
    if isinstance(failure, Temporary):
        return Saying(NO_ANSWER)
    return failure.saying


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
