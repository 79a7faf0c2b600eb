"""Where recordings lie: S3, or what speaks like it.

boto3 only signs addresses, which asks nobody. What Koppel itself asks of the storage goes to such
an address through the one door out, so that the guard, the time limits and the log of calls hold
here as for every vendor. LiveKit gets the key to put a recording there; people get links under
which one can be played for a few minutes.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from calls import livekit
from calls.models import Recording
from core.errors import Rejected
from core.http import Answer, CallContext, Client, Limits, addresses
from core.http.auth import Outgoing
from core.masking import Secret

VENDOR: Final = "recordings"
LINK_SECONDS: Final = 15 * 60
# So long an address that we sign for ourselves can be used.
_CALL_SECONDS: Final = 120
# A HEAD names the length of a file that does not come with it, so the length has no limit.
_LIMITS: Final = Limits(connect=5, read=15, total=40, attempts=3, body=2**62)
# Amazon takes this region when none is named.
_REGION: Final = "us-east-1"
_AMAZON: Final = "https://s3.amazonaws.com"
THERE, PART, GONE = 200, 206, 404
NO_BUCKET: Final = _(
    "%(vendor)s does not know the bucket that recordings were put into (404). "
    "Check the storage's address and its bucket in the settings."
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the storage said of one object. A 404 with a version is a mark of deletion that lies
    above older ones.
    """

    status: int
    size: int = 0
    version: str = ""

    @property
    def is_gone(self) -> bool:
        return self.status == GONE and not self.version


def configured() -> bool:
    """Tell whether there is a storage, at an address that may be called: LiveKit too is sent to no
    other.
    """
    needed = [
        settings.RECORDINGS_S3_BUCKET,
        settings.RECORDINGS_S3_ACCESS_KEY,
        settings.RECORDINGS_S3_SECRET_KEY,
    ]
    if not all(needed):
        return False
    try:
        addresses.parse(_address_that_is_set())
    except addresses.Refused:
        return False
    return True


def endpoint() -> str:
    """Return the address of the storage that is set, as it is kept with what is put into it."""
    return _address_that_is_set().rstrip("/").lower()[:300]


def _address_that_is_set() -> str:
    return settings.RECORDINGS_S3_ENDPOINT or _AMAZON


def for_livekit() -> livekit.Storage:
    """Return the key that goes with the order to record, and nowhere else."""
    return livekit.Storage(
        bucket=settings.RECORDINGS_S3_BUCKET,
        access_key=settings.RECORDINGS_S3_ACCESS_KEY,
        secret=Secret(settings.RECORDINGS_S3_SECRET_KEY),
        region=settings.RECORDINGS_S3_REGION,
        endpoint=settings.RECORDINGS_S3_ENDPOINT,
    )


def link(recording: Recording) -> str | None:
    """Sign a link to this recording; None where there is nothing to play or no storage is
    configured.
    """
    if recording.state != Recording.State.AVAILABLE or recording.deleted_at is not None:
        return None
    bucket = recording.bucket or settings.RECORDINGS_S3_BUCKET
    if not all([recording.key, bucket, settings.RECORDINGS_S3_ACCESS_KEY]):
        return None
    began = recording.started_at or recording.created_at
    disposition = "inline"
    if began:
        disposition = f'inline; filename="recording-{began:%Y-%m-%d}.mp4"'
    shown = {"ResponseContentType": "video/mp4", "ResponseContentDisposition": disposition}
    return _address("get_object", {"Bucket": bucket, "Key": recording.key, **shown}, LINK_SECONDS)


def look(bucket: str, key: str) -> Seen:
    """See whether the object is stored, and how large it is. VendorError when the storage does not
    say.
    """
    answer = _ask("HEAD", "head_object", {"Bucket": bucket, "Key": key}, (THERE, GONE))
    version = answer.headers.get("x-amz-version-id", "")
    if answer.status == THERE:
        # An object that was put into a bucket without versions.
        if version == "null":
            version = ""
        return Seen(THERE, _length(answer), version)
    if answer.headers.get("x-amz-delete-marker") != "true":
        version = ""
    return Seen(answer.status, 0, version)


def _length(answer: Answer) -> int:
    length = answer.headers.get("content-length", "")
    if length.isdecimal() and len(length) < 19:
        return int(length)
    return 0


def fetch(bucket: str, key: str, start: int, end: int) -> bytes | None:
    """Fetch the object's bytes from `start` to before `end`; None where it is gone.

    VendorError where the storage does not give them.
    """
    limits = Limits(connect=5, read=60, total=300, attempts=3, body=end - start)
    wanted = {"Range": f"bytes={start}-{end - 1}"}
    answer = _ask(
        "GET",
        "get_object",
        {"Bucket": bucket, "Key": key},
        (PART, GONE),
        limits=limits,
        headers=wanted,
    )
    if answer.status != PART:
        return None
    return answer.body


def delete(bucket: str, key: str, version: str = "") -> int:
    """Delete the object, or one version of it; return the status.

    What is not stored is deleted (204 or 404).
    """
    what = {"Bucket": bucket, "Key": key}
    if version:
        what["VersionId"] = version
    return _ask("DELETE", "delete_object", what, (200, 204, 404)).status


def look_at_bucket(bucket: str) -> int:
    """See that the bucket exists, which is 200.

    VendorError where it does not, or the storage does not say.
    """
    status = _ask("HEAD", "head_bucket", {"Bucket": bucket}, (THERE, GONE)).status
    if status == GONE:
        raise Rejected(VENDOR, NO_BUCKET, status=status)
    return status


@dataclass(frozen=True)
class _Signed:
    """A signature that is the query itself. The access key goes with it,
    so the log is told to cut that out.
    """

    secret: Secret
    query: tuple[tuple[str, str], ...]

    def apply(self, request: Outgoing) -> None:
        request.params = list(self.query)


def _ask(
    method: str,
    operation: str,
    what: dict[str, str],
    ok: Collection[int],
    *,
    limits: Limits = _LIMITS,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    signed = urlsplit(_address(operation, what, _CALL_SECONDS))
    auth = _Signed(
        Secret(settings.RECORDINGS_S3_ACCESS_KEY),
        tuple(parse_qsl(signed.query, keep_blank_values=True)),
    )
    client = Client(
        VENDOR,
        what["Bucket"],
        f"{signed.scheme}://{signed.netloc}",
        auth,
        context=CallContext(function_name=operation),
        limits=limits,
        reads="bytes",
    )
    return client.request(method, signed.path, ok=ok, headers=headers)


def _address(operation: str, what: dict[str, str], seconds: int) -> str:
    signed: str = _storage(*_configuration()).generate_presigned_url(
        operation, Params=what, ExpiresIn=seconds
    )
    return signed


def _configuration() -> tuple[str, str, str, str]:
    return (
        settings.RECORDINGS_S3_ENDPOINT,
        settings.RECORDINGS_S3_REGION,
        settings.RECORDINGS_S3_ACCESS_KEY,
        settings.RECORDINGS_S3_SECRET_KEY,
    )


@lru_cache(maxsize=2)
def _storage(endpoint: str, region: str, access_key: str, secret_key: str) -> Any:
    """Return the client that signs: made once, as it takes a second and is safe
    to share between threads.

    boto3 is loaded here and not at the top: it is a fifth of the start of every process,
    and most never sign anything.
    """
    config = import_module("botocore.config").Config(
        signature_version="s3v4", s3={"addressing_style": "path" if endpoint else "virtual"}
    )
    return import_module("boto3").client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region or _REGION,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=config,
    )
