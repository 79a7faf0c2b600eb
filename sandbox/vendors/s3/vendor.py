"""The storage itself: put, get (ranges too), head, delete and list, with S3's answers in XML."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, ClassVar
from xml.sax.saxutils import escape

from sandbox.vendors.demo_keys import S3_ACCESS_KEY, S3_BUCKET, S3_DEMO_PREFIX, S3_SECRET_KEY
from sandbox.vendors.frame import Reply, Request, Stop, Vendor
from sandbox.vendors.s3 import signing

RECORDING = Path(__file__).parent / "recording.mp4"
STATUS = {
    "NoSuchKey": 404, "NoSuchBucket": 404, "MethodNotAllowed": 405, "InvalidRange": 416,
    "InternalError": 500, "ServiceUnavailable": 503, "SlowDown": 503,
    "AuthorizationHeaderMalformed": 400, "AuthorizationQueryParametersError": 400,
    "XAmzContentSHA256Mismatch": 400,
}  # fmt: skip


@dataclass
class Thing:
    """One object."""

    content: bytes
    kind: str = "binary/octet-stream"
    changed: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.content, usedforsecurity=False).hexdigest()}"'

    def headers(self) -> dict[str, str]:
        return {
            "Content-Type": self.kind, "ETag": self.etag, "Accept-Ranges": "bytes",
            "Last-Modified": format_datetime(self.changed, usegmt=True),
        }  # fmt: skip


class S3(Vendor):
    name = "s3"
    keys: ClassVar = {"Bucket": S3_BUCKET, "Access key": S3_ACCESS_KEY, "Secret key": S3_SECRET_KEY}
    switches: ClassVar = {"rate_limits": False, "fails": {}, "lies": False}

    def reset(self) -> None:
        super().reset()
        self.deleted: set[str] = set()
        self.buckets: dict[str, dict[str, Thing]] = {S3_BUCKET: {}}

    def answer(self, request: Request) -> Reply:
        try:
            signing.check(request, {S3_ACCESS_KEY: S3_SECRET_KEY})
            if code := self.switched["fails"].get(request.method):
                raise _refusal(code, "Please reduce your request rate.")
            with self.lock:
                return self._answer(request)
        except signing.Wrong as wrong:
            return _refusal(wrong.code, wrong.message).reply
        except Stop as stop:
            return stop.reply

    def _answer(self, request: Request) -> Reply:
        bucket, _, key = request.path.lstrip("/").partition("/")
        if request.method == "PUT" and not key:
            self.buckets.setdefault(bucket, {})
            return Reply(200)
        if bucket not in self.buckets:
            raise _refusal("NoSuchBucket", "The specified bucket does not exist")
        things = self.buckets[bucket]
        if not key:
            return self._list(bucket, things, request) if request.method == "GET" else Reply(200)
        if request.method == "PUT":
            kind = request.headers.get("content-type", "binary/octet-stream")
            things[key] = Thing(_unchunked(request), kind)
            return Reply(200, headers={"ETag": things[key].etag})
        if request.method == "DELETE":
            if not self.switched["lies"]:
                things.pop(key, None)
                self.deleted.add(key)
            return Reply(204)
        if request.method in {"GET", "HEAD"}:
            return self._get(things, key, request)
        raise _refusal(
            "MethodNotAllowed", "The specified method is not allowed against this resource."
        )

    def _get(self, things: dict[str, Thing], key: str, request: Request) -> Reply:
        if key not in things and key.startswith(S3_DEMO_PREFIX) and key not in self.deleted:
            things[key] = Thing(RECORDING.read_bytes(), "video/mp4")
        if key not in things:
            raise _refusal("NoSuchKey", "The specified key does not exist.")
        thing = things[key]
        headers = thing.headers()
        for name in ("content-type", "content-disposition", "cache-control"):
            if wish := request.argument(f"response-{name}"):
                headers[name.title()] = wish
        wanted = request.headers.get("range", "")
        if not wanted:
            return Reply(200, thing.content, headers)
        start, end = _range(wanted, len(thing.content))
        headers["Content-Range"] = f"bytes {start}-{end}/{len(thing.content)}"
        return Reply(206, thing.content[start : end + 1], headers)

    def _list(self, bucket: str, things: dict[str, Thing], request: Request) -> Reply:
        prefix = request.argument("prefix")
        found = [(key, thing) for key, thing in sorted(things.items()) if key.startswith(prefix)]
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(thing.content)}</Size><ETag>{escape(thing.etag)}</ETag>"
            f"<LastModified>{thing.changed:%Y-%m-%dT%H:%M:%S.000Z}</LastModified></Contents>"
            for key, thing in found
        )
        return _xml(
            200,
            "ListBucketResult",
            f"<Name>{escape(bucket)}</Name><Prefix>{escape(prefix)}</Prefix><KeyCount>{len(found)}</KeyCount>"
            f"<MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>{rows}",
        )

    def act(self, name: str, wishes: dict[str, Any]) -> Any:
        """Do `objects`: what the storage has, by bucket; or `forget` {"bucket", "key"}: delete it
        without a word.
        """
        with self.lock:
            if name == "objects":
                return {
                    bucket: {key: len(thing.content) for key, thing in things.items()}
                    for bucket, things in self.buckets.items()
                }
            if name == "forget":
                return {
                    "forgotten": self.buckets[wishes["bucket"]].pop(wishes["key"], None) is not None
                }
        return super().act(name, wishes)


def _unchunked(request: Request) -> bytes:
    """Return the body; of a body that was sent in signed pieces, what is in them."""
    if "aws-chunked" not in request.headers.get("content-encoding", ""):
        return request.body
    content, rest = b"", request.body
    while rest:
        head, _, rest = rest.partition(b"\r\n")
        size = int(head.partition(b";")[0], 16)
        if not size:
            break
        content, rest = content + rest[:size], rest[size + 2 :]
    return content


def _range(wanted: str, size: int) -> tuple[int, int]:
    """Return the first and last byte of what is asked for."""
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted)
    if not found or not any(found.groups()):
        return 0, size - 1
    if not found[1]:
        return max(0, size - int(found[2])), size - 1
    start, end = int(found[1]), min(int(found[2] or size), size - 1)
    if start > end:
        raise _refusal("InvalidRange", "The requested range is not satisfiable")
    return start, end


def _refusal(code: str, message: str) -> Stop:
    inside = (
        f"<Code>{code}</Code><Message>{escape(message)}</Message><RequestId>KOPPELDEMO</RequestId>"
    )
    return Stop(_xml(STATUS.get(code, 403), "Error", inside))


def _xml(status: int, name: str, inside: str) -> Reply:
    page = f'<?xml version="1.0" encoding="UTF-8"?>\n<{name}>{inside}</{name}>'
    return Reply(status, page.encode(), {"Content-Type": "application/xml"})
