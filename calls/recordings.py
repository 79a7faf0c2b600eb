"""Recordings: where they lie, and the links under which they can be played for a few minutes."""

from functools import lru_cache
from typing import Any, Final

import boto3
from botocore.config import Config
from django.conf import settings

from calls.models import Recording

LINK_SECONDS: Final = 15 * 60


def link(recording: Recording) -> str | None:
    """A signed link to this recording; None where there is nothing to play or no storage is configured."""
    playable = recording.state == Recording.State.AVAILABLE and recording.key and recording.deleted_at is None
    bucket = recording.bucket or settings.RECORDINGS_S3_BUCKET
    if not (playable and bucket and settings.RECORDINGS_S3_ACCESS_KEY):
        return None
    what = {"Bucket": bucket, "Key": recording.key}
    signed: str = _storage(*_configuration()).generate_presigned_url("get_object", Params=what, ExpiresIn=LINK_SECONDS)
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
    """Made once: a client of boto3 takes a second and is safe to share between threads."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint or None,
        region_name=region or None,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(signature_version="s3v4", s3={"addressing_style": "path" if endpoint else "auto"}),
    )
