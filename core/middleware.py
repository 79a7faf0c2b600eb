"""What every request passes: an id and a log line, strict addresses, language, headers,
one error shape.
"""

import re
import time
import uuid
from collections.abc import Callable
from io import BytesIO
from urllib.parse import unquote_to_bytes
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control, patch_vary_headers

from core.api.errors import body_for, json_error
from core.api.paths import is_api
from core.api.renderers import dumps
from core.errors import NotFound
from core.health import metrics
from core.health.logs import path_for_logs
from core.http import turns
from core.signin import second_factor

Next = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger("koppel.request")

PERMISSIONS_POLICY = (
    "camera=(self), microphone=(self), display-capture=(self), fullscreen=(self), geolocation=(), "
    "payment=(), usb=(), midi=(), gyroscope=(), accelerometer=(), magnetometer=(), "
    "browsing-topics=()"
)
# What Django's WSGI handler leaves of a path's bytes that are no UTF-8:
# it percent-encodes them again.
NOT_UTF8 = re.compile("%[89A-F][0-9A-F]")
# These must answer while the database is down, whatever cookie a browser sends along.
NEVER_ASKS_WHO = ("/healthz", "/readyz", "/metrics")
# Unfold's admin runs on Alpine, which evaluates expressions and sets styles:
# nothing else is let in, and only there.
ADMIN_POLICY = {
    "script-src": ["'self'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:"],
}


class RequestLog:
    """Gives each request an id (in every log line, error body, Celery task and X-Request-ID)
    and logs its end once.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        request_id = uuid.uuid4().hex
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            seconds = time.perf_counter() - started
            route = ""
            if request.resolver_match:
                route = request.resolver_match.route
            metrics.count_request(request.method or "", route, response.status_code, seconds)
            log.info(
                "request",
                method=request.method,
                path=path_for_logs(request.path),
                route=route,
                status=response.status_code,
                ms=round(seconds * 1000, 1),
            )
        response["X-Request-ID"] = request_id
        return response


class VendorTurns:
    """A request that calls vendors takes a turn: the other threads go on serving pages."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with turns.of_one_request():
            return self.get_response(request)


class ApiErrors:
    """Whatever refuses under an API address, and however, the answer has the one error body."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code < 400 or not is_api(request):
            return response
        if not response.get("Content-Type", "").startswith("application/json"):
            response.content = dumps(body_for(response.status_code))
            response["Content-Type"] = "application/json"
            response["Content-Length"] = str(len(response.content))
        return response


class NotFoundPages:
    """What a service does not find is a page that is not there: the page of Django's Http404,
    raised at one place.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        if isinstance(exception, NotFound):
            raise Http404 from exception


class StrictAddress:
    """400 for a path or query that is not UTF-8 or holds a NUL;
    the same page with and without the trailing slash.

    No redirect: it would lose a POST's body. The address that exists is used,
    whichever of the two was asked for.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        is_readable = _is_text(request.META.get("QUERY_STRING", "")) and _is_path(request.path_info)
        is_number = length.isascii() and length.isdecimal()
        if not is_readable or not is_number:
            if is_api(request):
                return json_error(400)
            return HttpResponse(status=400)
        if not _resolves(request.path_info):
            other = request.path_info + "/"
            if request.path_info.endswith("/"):
                other = request.path_info[:-1]
            if other and _resolves(other):
                request.path_info = other
        return self.get_response(request)


class WholeBody:
    """A body sent in chunks is read here, up to the limit:
    without a length Django would take it for none.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
            limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
            body = request.META["wsgi.input"].read(limit + 1)
            if len(body) > limit:
                if is_api(request):
                    return json_error(413)
                return HttpResponse(status=413)
            request.META["CONTENT_LENGTH"] = str(len(body))
            # The request read its length when it was made: it is given the whole body
            # to read instead.
            request.META["wsgi.input"] = request._stream = BytesIO(body)
        return self.get_response(request)


def _is_text(query: str) -> bool:
    try:
        return b"\x00" not in unquote_to_bytes(query).decode().encode()
    except UnicodeDecodeError:
        return False


def _is_path(path: str) -> bool:
    return "\x00" not in path and not NOT_UTF8.search(path)


def _resolves(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


class Language(LocaleMiddleware):
    """The person's own choice wins; before sign-in the cookie, then what the browser asks for."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if request.path_info.startswith(NEVER_ASKS_WHO):
            return
        if request.user.is_authenticated and request.user.language in dict(settings.LANGUAGES):
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE


class TimeZone:
    """Pages show times in the person's own zone; the API always answers in UTC."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(NEVER_ASKS_WHO) or is_api(request):
            return self.get_response(request)
        if not request.user.is_authenticated:
            return self.get_response(request)
        with timezone.override(_zone(request.user.time_zone)):
            return self.get_response(request)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):  # a name that the zone database no longer has
        return ZoneInfo("UTC")


class SecondFactorFirst:
    """Staff who must have a second factor set it up before they see anything else."""

    # The way to set it up, and out; the API says 403 by itself.
    OPEN = (
        "mfa_",
        "account_logout",
        "account_reauthenticate",
        "set_language",
        "set_theme",
        "healthz",
        "readyz",
        "metrics",
    )

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse | None:
        if is_api(request) or not settings.REQUIRE_2FA:
            return None
        name = ""
        if request.resolver_match:
            name = request.resolver_match.url_name or ""
        if name.startswith(self.OPEN):
            return None
        if second_factor.is_missing(request.user):
            return redirect(reverse("mfa_activate_totp"))
        return None


class PrivatePages:
    """Nothing that depends on who asks is kept by a cache;
    and headers that Django has no setting for.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            patch_cache_control(response, private=True, no_store=True)
        patch_vary_headers(response, ["Cookie"])
        response.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if request.path_info.startswith("/admin/"):
            response._csp_update = ADMIN_POLICY  # type: ignore[attr-defined]  # django-csp's own decorator sets it so
        return response
