"""AWS Signature Version 4 as S3 checks it: in the Authorization header,
or in the query of a presigned link.

Written from the public description, not with the library that our side signs with:
the two must agree.
"""

import hashlib
import hmac
import time
from datetime import UTC, datetime
from urllib.parse import quote, unquote_plus, urlsplit

from sandbox.vendors.frame import Request

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
# How far the clocks may be apart.
SKEW = 15 * 60
LONGEST_LINK = 7 * 24 * 3600


class Wrong(Exception):
    """Not let in: S3's code and its words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


def check(request: Request, keys: dict[str, str]) -> None:
    """Raise Wrong unless the request is signed with one of these keys, still good and for this very
    body.
    """
    parts = urlsplit(request.target)
    query = [_pair(part) for part in parts.query.split("&") if part]
    presigned = dict(query)
    if "X-Amz-Signature" in presigned:
        _check_link(request, parts.path, query, presigned, keys)
    else:
        _check_header(request, parts.path, query, keys)


def _check_link(
    request: Request,
    path: str,
    query: list[tuple[str, str]],
    fields: dict[str, str],
    keys: dict[str, str],
) -> None:
    try:
        given, seconds = fields["X-Amz-Signature"], int(fields["X-Amz-Expires"])
        scope, stamp = fields["X-Amz-Credential"], fields["X-Amz-Date"]
        names = fields["X-Amz-SignedHeaders"]
        signed_at = _moment(stamp)
    except (KeyError, ValueError) as error:
        raise Wrong(
            "AuthorizationQueryParametersError", "Query-string authentication is not complete"
        ) from error
    if not 0 < seconds <= LONGEST_LINK or fields.get("X-Amz-Algorithm") != ALGORITHM:
        raise Wrong(
            "AuthorizationQueryParametersError",
            "X-Amz-Expires must be less than a week (in seconds)",
        )
    signed = [pair for pair in query if pair[0] != "X-Amz-Signature"]
    _compare(request, path, signed, names, UNSIGNED, scope, stamp, given, keys)
    if time.time() > signed_at + seconds:
        raise Wrong("AccessDenied", "Request has expired")


def _check_header(
    request: Request, path: str, query: list[tuple[str, str]], keys: dict[str, str]
) -> None:
    kind, _, rest = request.headers.get("authorization", "").partition(" ")
    if kind != ALGORITHM:
        raise Wrong("AccessDenied", "Access Denied")
    fields = dict(_pair(part.strip()) for part in rest.split(","))
    stamp = request.headers.get("x-amz-date", "")
    payload = request.headers.get("x-amz-content-sha256", "")
    try:
        late = abs(time.time() - _moment(stamp))
        scope, names, given = fields["Credential"], fields["SignedHeaders"], fields["Signature"]
    except (KeyError, ValueError) as error:
        raise Wrong(
            "AuthorizationHeaderMalformed", "The authorization header is malformed"
        ) from error
    if late > SKEW:
        raise Wrong(
            "RequestTimeTooSkewed",
            "The difference between the request time and the server's is too large",
        )
    _compare(request, path, query, names, payload, scope, stamp, given, keys)
    if len(payload) == 64 and hashlib.sha256(request.body).hexdigest() != payload:
        raise Wrong("XAmzContentSHA256Mismatch", "The body is not the one that was signed")


def _compare(
    request: Request,
    path: str,
    query: list[tuple[str, str]],
    names: str,
    payload: str,
    scope: str,
    stamp: str,
    given: str,
    keys: dict[str, str],
) -> None:
    access_key, _, rest = scope.partition("/")
    if access_key not in keys:
        raise Wrong(
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
        )
    canonical_query = "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in sorted(query)
    )
    headers = "".join(
        f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names.split(";")
    )
    canonical = "\n".join([request.method, path, canonical_query, headers, names, payload])
    to_sign = "\n".join([ALGORITHM, stamp, rest, hashlib.sha256(canonical.encode()).hexdigest()])
    if not hmac.compare_digest(_signature(keys[access_key], rest, to_sign), given):
        raise Wrong(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the one you provided.",
        )


def _signature(secret: str, scope: str, to_sign: str) -> str:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return unquote_plus(name), unquote_plus(value)


def _moment(stamp: str) -> float:
    return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
