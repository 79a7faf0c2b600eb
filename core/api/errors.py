"""One error body for the whole API, whoever refuses: a view, Django itself, the lock-out,
or a vendor behind us.

ApiError                 status, short stable text, sentence for a person
├── Malformed            400: the request itself cannot be read
├── Conflict             409
├── TooLarge             413
└── NotPermitted         403, only for things whose existence the person may know
"""

import math
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import defaults
from rest_framework import exceptions, status
from rest_framework.response import Response

from core import errors as vendor_errors
from core.api.paths import is_api
from core.errors import NotFound
from core.http import turns

NON_FIELD = "nonFieldErrors"
# Seconds after which what is not available now may be asked for again.
RETRY_AFTER = "5"

# status -> (short stable text, sentence), for refusals that say no more than their number.
BY_STATUS: dict[int, tuple[str, Any]] = {
    400: (
        "malformed",
        gettext_lazy("The request could not be read. Check its form and send it again."),
    ),
    401: ("not_signed_in", gettext_lazy("Sign in first: send a Bearer token or a session cookie.")),
    403: ("not_permitted", gettext_lazy("You are signed in, but you may not do this.")),
    404: ("not_found", gettext_lazy("There is nothing here, or it is not yours.")),
    405: (
        "method_not_allowed",
        gettext_lazy("This address does not answer to that method; see the Allow header."),
    ),
    408: ("too_slow", gettext_lazy("The request did not arrive in time. Send it again.")),
    409: ("conflict", gettext_lazy("This collides with what is there. Read it again and decide.")),
    413: ("too_large", gettext_lazy("The request is too large. Send less at a time.")),
    415: ("unsupported_media_type", gettext_lazy("Send the body as application/json.")),
    429: (
        "rate_limited",
        gettext_lazy("Too many requests. Wait for the time in Retry-After, then go on."),
    ),
    500: (
        "internal_error",
        gettext_lazy("Something went wrong on our side. Tell us the request id."),
    ),
    502: (
        "vendor_failed",
        gettext_lazy("The service behind this did not answer properly. Try again later."),
    ),
    503: ("unavailable", gettext_lazy("This is not available right now. Try again later.")),
    504: (
        "vendor_timeout",
        gettext_lazy("The service behind this did not answer in time. Try again later."),
    ),
}


class ApiError(exceptions.APIException):
    """A refusal that a view raises: it becomes exactly this answer."""

    status_code: int = status.HTTP_400_BAD_REQUEST

    def __init__(
        self,
        error: str = "",
        message: str = "",
        *,
        status_code: int | None = None,
        fields: Mapping[str, list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        self.status_code = status_code or self.status_code
        text, sentence = BY_STATUS.get(self.status_code, BY_STATUS[400])
        self.error, self.message = error or text, message or str(sentence)
        self.fields, self.headers, self.extra = fields, dict(headers or {}), extra
        super().__init__(self.message, self.error)


class Malformed(ApiError):
    status_code = status.HTTP_400_BAD_REQUEST


class NotPermitted(ApiError):
    status_code = status.HTTP_403_FORBIDDEN


class Conflict(ApiError):
    status_code = status.HTTP_409_CONFLICT


class TooLarge(ApiError):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE


def request_id() -> str:
    """Return the id that the log lines of this request carry; '' outside a request."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def body(
    error: str, message: str, fields: Mapping[str, list[str]] | None = None, **extra: Any
) -> dict[str, Any]:
    """Return the error body of the contract."""
    answer: dict[str, Any] = {"success": False, "error": error, "message": message}
    if fields:
        answer["fields"] = dict(fields)
    return {**answer, **extra, "requestId": request_id()}


def body_for(status_code: int) -> dict[str, Any]:
    """Return the body of a refusal that says no more than its status."""
    usual = 400
    if status_code >= 500:
        usual = 500
    error, message = BY_STATUS.get(status_code, BY_STATUS[usual])
    return body(error, str(message))


def json_error(status_code: int, error: str = "", message: str = "", **extra: Any) -> JsonResponse:
    """Return the same, for code that stands outside Django REST framework."""
    answer = body_for(status_code)
    answer.update(
        {key: value for key, value in (("error", error), ("message", message)) if value}, **extra
    )
    return JsonResponse(answer, status=status_code)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer with Django's own refusal of a request (handler400): too large is said as such."""
    status_code = 400
    if isinstance(exception, RequestDataTooBig):
        status_code = 413
    if is_api(request):
        return json_error(status_code)
    page = defaults.bad_request(request, exception)
    page.status_code = status_code
    return page


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer what no view caught (handler500): 503 where database or turn is not to be had,
    else a fault of ours.
    """
    error = sys.exc_info()[1]
    if not isinstance(error, OperationalError | InterfaceError | turns.Busy):
        if is_api(request):
            return json_error(500)
        return defaults.server_error(request)
    busy = ""
    if isinstance(error, turns.Busy):
        busy = str(error)
    answer = _unavailable(request, busy)
    answer["Retry-After"] = RETRY_AFTER
    if busy:
        answer["Retry-After"] = str(turns.RETRY_AFTER)
    return answer


def _unavailable(request: HttpRequest, busy: str) -> HttpResponse:
    """Return a 503 as the API's error or as a page; `busy` says why,
    where it is a turn that is not to be had.
    """
    if is_api(request):
        if busy:
            return json_error(503, "busy", busy)
        return json_error(503)
    return HttpResponse(render_to_string("503.html", {"busy": busy}), status=503)


def handle(exception: Exception, context: dict[str, Any]) -> Response | None:
    """Answer as DRF's exception handler.

    None = no refusal but a fault of ours: Django logs it and answers 500.
    """
    refusal = _as_api_error(exception)
    if refusal is None:
        return None
    answer = Response(
        body(refusal.error, refusal.message, refusal.fields, **refusal.extra),
        status=refusal.status_code,
        headers=refusal.headers,
    )
    answer.exception = True
    return answer


def _as_api_error(exception: Exception) -> ApiError | None:
    if isinstance(exception, ApiError):
        return exception
    if isinstance(exception, turns.Busy):
        headers = {"Retry-After": str(turns.RETRY_AFTER)}
        return ApiError("busy", str(exception), status_code=503, headers=headers)
    if isinstance(exception, vendor_errors.VendorError):
        return _of_vendor(exception)
    if isinstance(exception, exceptions.ValidationError):
        return _of_validation(exception)
    if isinstance(exception, exceptions.APIException):
        return _of_framework(exception)
    if isinstance(exception, RequestDataTooBig):
        return TooLarge()
    for known, status_code in (
        (Http404, 404),
        (NotFound, 404),
        (PermissionDenied, 403),
        (SuspiciousOperation, 400),
    ):
        if isinstance(exception, known):
            return ApiError(status_code=status_code)
    return None


def _of_framework(exception: exceptions.APIException) -> ApiError:
    """Return what DRF itself raised: its status and headers, our texts (its own would differ
    between its versions).
    """
    headers = {}
    if auth := getattr(exception, "auth_header", None):
        headers["WWW-Authenticate"] = auth
    if isinstance(exception, exceptions.Throttled):
        headers["Retry-After"] = str(max(1, math.ceil(getattr(exception, "wait", None) or 1)))
    error, message = "", ""
    if str(exception.detail).startswith("CSRF Failed"):
        error = "csrf_failed"
        message = _("The page is too old. Load it again, then repeat this.")
    return ApiError(error, message, status_code=exception.status_code, headers=headers)


def _of_validation(exception: exceptions.ValidationError) -> ApiError:
    fields = _flat(exception.detail)
    general = fields.pop(NON_FIELD, fields.pop("non_field_errors", []))
    message = " ".join(general) or _("Some values are not right: see fields.")
    return ApiError("invalid", message, status_code=400, fields=fields)


def _inner_path(path: str, key: str) -> str:
    """Return the path of a part; what is wrong with the whole is said of the whole."""
    if not path:
        return key
    if key == "non_field_errors":
        return path
    return f"{path}.{key}"


def _flat(detail: Any, path: str = "") -> dict[str, list[str]]:
    """Return DRF's nested errors as one level: `configuration.apiKey: […]`."""
    if isinstance(detail, Mapping):
        flat: dict[str, list[str]] = {}
        for key, value in detail.items():
            for name, texts in _flat(value, _inner_path(path, str(key))).items():
                flat.setdefault(name, []).extend(texts)
        return flat
    if isinstance(detail, list) and any(isinstance(item, Mapping) for item in detail):
        return _flat({str(index): item for index, item in enumerate(detail) if item}, path)
    if isinstance(detail, list):
        return {path or NON_FIELD: [str(item) for item in detail]}
    return {path or NON_FIELD: [str(detail)]}


def _of_vendor(exception: vendor_errors.VendorError) -> ApiError:
    """Return the vendor's failure, never the caller's: 504 when it was silent, else 502,
    with the wait it asked for.
    """
    headers = {}
    wait = getattr(exception, "retry_after", None)
    if wait:
        headers["Retry-After"] = str(max(1, math.ceil(float(wait))))
    status_code = 502
    if isinstance(exception, vendor_errors.Temporary) and not exception.status:
        status_code = 504
    return ApiError(
        message=str(exception.message),
        status_code=status_code,
        headers=headers,
        vendor=exception.vendor,
    )
