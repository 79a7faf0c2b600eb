"""`Idempotency-Key`: a write that is sent twice has one effect, and its second answer
is the first one again.

The key is claimed by an insert before the view acts, so that of many at once exactly one acts. The
answer is kept sealed for a day. An answer of 5xx or 429 releases the key: nothing was promised, so
the same key may try again. A claim whose process died is free again after five minutes, longer than
any request may take.
"""

from datetime import datetime, timedelta
from typing import Any

import orjson
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.errors import ApiError, Conflict
from core.api.renderers import dumps
from core.models import IdempotencyKey, User
from core.secrets import crypto

HEADER = "Idempotency-Key"
KEPT = timedelta(hours=24)
ABANDONED = timedelta(minutes=5)
MAX_LENGTH = 200
WRITES = ("POST", "PUT", "PATCH", "DELETE")
# The state of the request, not of a decision: the same call may end otherwise in a moment.
NOT_KEPT = (401, 429)


class Replay(Exception):
    """The first answer, to be given again."""

    def __init__(self, row: IdempotencyKey) -> None:
        self.row = row


class Repeatable:
    """For API views: honours the header on every write. Not for the sign-in endpoints,
    whose answers are tokens.
    """

    claim: IdempotencyKey | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        key = request.META.get("HTTP_IDEMPOTENCY_KEY")
        if key is None or not request.user.is_authenticated:
            return
        if request.method in WRITES and hasattr(self, str(request.method).lower()):
            self.claim = begin(request, request.user, key)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Replay):
            body = exc.row.body.reveal()
            answer = Response(orjson.loads(body) if body else None, status=exc.row.status_code)
            answer["Idempotency-Replayed"] = "true"
            return answer
        try:
            response: Response = super().handle_exception(exc)  # type: ignore[misc]
        except Exception:  # whatever it is, it is raised on; the key must not stay claimed for it
            if self.claim is not None:
                release(self.claim)
            raise
        return response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if self.claim is not None:
            finish(self.claim, response)
            self.claim = None
        return super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]


def begin(request: Request, user: User, key: str) -> IdempotencyKey:
    """Claim the key for this request; Replay when it has been answered,
    ApiError when it may not be used.
    """
    is_plain = key.isascii() and key.isprintable()
    if not is_plain or not 1 <= len(key) <= MAX_LENGTH:
        raise ApiError("invalid", fields={HEADER: [_("1 to 200 printable ASCII characters.")]})
    fingerprint = _fingerprint(request)
    claimed = IdempotencyKey(user=user, key=key, fingerprint=fingerprint)
    while True:
        try:
            with transaction.atomic():
                claimed.save(force_insert=True)
            return claimed
        except IntegrityError:
            _judge(IdempotencyKey.objects.filter(user=user, key=key).first(), fingerprint)


def _judge(row: IdempotencyKey | None, fingerprint: str) -> None:
    """Raise what the existing row means; return when it is gone or too old,
    so that the claim is tried again.
    """
    if row is None:
        return
    kept = KEPT
    if row.status_code is None:
        kept = min(KEPT, ABANDONED)
    if row.created_at < timezone.now() - kept:
        IdempotencyKey.objects.filter(pk=row.pk).delete()
        return
    if row.fingerprint != fingerprint:
        raise Conflict(
            "idempotency_key_reused",
            _("This Idempotency-Key was used for another request. Take a new one."),
        )
    if row.status_code is None:
        message = _(
            "The first request with this Idempotency-Key is still being worked on. Ask "
            "again in a moment."
        )
        raise Conflict("idempotency_in_progress", message, headers={"Retry-After": "1"})
    raise Replay(row)


def finish(claim: IdempotencyKey, response: Any) -> None:
    """Keep the answer, or release the key when it was no decision."""
    if response.status_code >= 500 or response.status_code in NOT_KEPT:
        release(claim)
        return
    data = getattr(response, "data", None)
    claim.status_code = response.status_code
    claim.body = ""
    if data is not None:
        claim.body = dumps(data).decode()
    claim.save(update_fields=["status_code", "body"])


def release(claim: IdempotencyKey) -> None:
    IdempotencyKey.objects.filter(pk=claim.pk, status_code=None).delete()


def forget(now: datetime) -> int:
    """Drop what is older than a day; how many there were."""
    return IdempotencyKey.objects.filter(created_at__lt=now - KEPT).delete()[0]


def _address(request: Request) -> str:
    """Return path and query; a trailing slash makes no difference."""
    path, mark, query = request.get_full_path().partition("?")
    return path.rstrip("/") + mark + query


def _fingerprint(request: Request) -> str:
    """Return what makes two requests the same: address and content.
    Keyed, for the content may hold a secret.
    """
    content = request.data
    files = {}
    if request.FILES:
        files = {name: file.read() for name, file in request.FILES.items()}
        for file in request.FILES.values():
            file.seek(0)
    plain = content
    if hasattr(content, "dict"):
        plain = content.dict()
    fields = plain
    if isinstance(plain, dict):
        fields = {key: value for key, value in plain.items() if key not in files}
    sorted_body = orjson.dumps(
        fields, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    )
    parts = [str(request.method).encode(), _address(request).encode(), sorted_body, *files.values()]
    return crypto.mac(
        "idempotency", b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    )
