"""The storage's stand-in, used as our side uses it: by boto3, and by plain links."""

import time
from html import escape
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from playwright.sync_api import Page

from sandbox.vendors import s3
from tests.support import web
from tests.support.sandbox import Sandbox

KEY = "rec/één gesprek+1.mp4"


def storage(sandbox: Sandbox, secret: str = s3.SECRET_KEY, key: str = s3.ACCESS_KEY) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=sandbox.url("s3"),
        region_name=s3.REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 1},
        ),
    )


def code(raised: Any) -> tuple[str, int]:
    response = raised.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def link(sandbox: Sandbox, key: str = KEY, seconds: int = 900) -> str:
    what = {"Bucket": s3.BUCKET, "Key": key}
    signed: str = storage(sandbox).generate_presigned_url(
        "get_object", Params=what, ExpiresIn=seconds
    )
    return signed


def test_what_is_put_is_listed_read_and_after_its_deletion_gone(sandbox: Sandbox) -> None:
    box = storage(sandbox)
    box.put_object(Bucket=s3.BUCKET, Key=KEY, Body=b"abc", ContentType="video/mp4")

    assert box.get_object(Bucket=s3.BUCKET, Key=KEY)["Body"].read() == b"abc"
    assert box.head_object(Bucket=s3.BUCKET, Key=KEY)["ContentLength"] == 3
    assert [
        entry["Key"] for entry in box.list_objects_v2(Bucket=s3.BUCKET, Prefix="rec/")["Contents"]
    ] == [KEY]
    assert box.delete_object(Bucket=s3.BUCKET, Key=KEY)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert "Contents" not in box.list_objects_v2(Bucket=s3.BUCKET)
    with pytest.raises(ClientError) as raised:
        box.get_object(Bucket=s3.BUCKET, Key=KEY)
    assert code(raised) == ("NoSuchKey", 404)
    with pytest.raises(ClientError) as raised:
        box.head_object(Bucket=s3.BUCKET, Key=KEY)
    assert code(raised) == ("404", 404)


def test_a_signed_link_plays_whole_and_in_parts(sandbox: Sandbox) -> None:
    address = link(sandbox, f"{s3.DEMO_PREFIX}1.mp4")

    whole = web.ask("GET", address)
    part = web.ask("GET", address, headers={"Range": "bytes=4-7"})
    rest = web.ask("GET", address, headers={"Range": f"bytes={len(whole.content) - 5}-"})

    assert (whole.status, whole.headers["Content-Type"]) == (200, "video/mp4")
    assert (part.status, part.content) == (206, b"ftyp")
    assert part.headers["Content-Range"] == f"bytes 4-7/{len(whole.content)}"
    assert rest.content == whole.content[-5:]
    assert web.ask("GET", address, headers={"Range": "bytes=9999999-"}).status == 416
    assert len(whole.content) < 50_000


def test_a_link_is_good_for_its_time_its_key_and_its_method_alone(sandbox: Sandbox) -> None:
    storage(sandbox).put_object(Bucket=s3.BUCKET, Key=KEY, Body=b"abc")
    storage(sandbox).put_object(Bucket=s3.BUCKET, Key="other", Body=b"other")
    address = link(sandbox)
    short = link(sandbox, seconds=1)
    bare = address.partition("?")[0]
    assert web.ask("GET", address).content == b"abc"
    time.sleep(2.1)

    assert web.ask("GET", short).status == 403
    assert "Request has expired" in web.ask("GET", short).text
    for wrong in (
        bare,
        address.replace("X-Amz-Expires=900", "X-Amz-Expires=901"),
        address.replace(bare, sandbox.url("s3", f"/{s3.BUCKET}/other")),
        address + "0",
        address + "&response-content-type=text/html",
    ):
        assert web.ask("GET", wrong).status == 403
    assert web.ask("DELETE", address).status == 403
    assert sandbox.act("s3", "objects")[s3.BUCKET] == {KEY: 3, "other": 5}


@pytest.mark.parametrize(
    ("key", "secret", "expected"),
    [
        (s3.ACCESS_KEY, "wrong", "SignatureDoesNotMatch"),
        ("NOBODY", s3.SECRET_KEY, "InvalidAccessKeyId"),
    ],
)
def test_only_the_right_keys_are_let_in(
    key: str, secret: str, expected: str, sandbox: Sandbox
) -> None:
    with pytest.raises(ClientError) as raised:
        storage(sandbox, secret, key).put_object(Bucket=s3.BUCKET, Key=KEY, Body=b"abc")

    assert code(raised) == (expected, 403)
    assert sandbox.act("s3", "objects")[s3.BUCKET] == {}


def test_an_unsigned_request_is_refused(sandbox: Sandbox) -> None:
    assert web.ask("PUT", sandbox.url("s3", f"/{s3.BUCKET}/x"), b"abc").status == 403
    assert sandbox.act("s3", "objects")[s3.BUCKET] == {}


def test_a_bucket_that_is_not_there(sandbox: Sandbox) -> None:
    with pytest.raises(ClientError) as raised:
        storage(sandbox).get_object(Bucket="none", Key=KEY)
    assert code(raised) == ("NoSuchBucket", 404)


def test_a_method_can_be_made_to_fail(sandbox: Sandbox) -> None:
    box = storage(sandbox)
    box.put_object(Bucket=s3.BUCKET, Key=KEY, Body=b"abc")
    sandbox.turn("s3", fails={"DELETE": "ServiceUnavailable", "GET": "AccessDenied"})

    with pytest.raises(ClientError) as raised:
        box.delete_object(Bucket=s3.BUCKET, Key=KEY)
    assert code(raised) == ("ServiceUnavailable", 503)
    with pytest.raises(ClientError) as raised:
        box.get_object(Bucket=s3.BUCKET, Key=KEY)
    assert code(raised) == ("AccessDenied", 403)
    assert box.head_object(Bucket=s3.BUCKET, Key=KEY)["ContentLength"] == 3


def test_a_storage_that_lies_says_that_it_deleted_and_keeps(sandbox: Sandbox) -> None:
    box = storage(sandbox)
    box.put_object(Bucket=s3.BUCKET, Key=KEY, Body=b"abc")
    sandbox.turn("s3", lies=True)

    assert box.delete_object(Bucket=s3.BUCKET, Key=KEY)["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert box.head_object(Bucket=s3.BUCKET, Key=KEY)["ContentLength"] == 3


def test_an_object_can_vanish(sandbox: Sandbox) -> None:
    storage(sandbox).put_object(Bucket=s3.BUCKET, Key=KEY, Body=b"abc")

    assert sandbox.act("s3", "forget", bucket=s3.BUCKET, key=KEY) == {"forgotten": True}
    assert sandbox.act("s3", "objects")[s3.BUCKET] == {}


def test_the_trials_recordings_are_there_until_they_are_deleted(sandbox: Sandbox) -> None:
    box = storage(sandbox)
    key = f"{s3.DEMO_PREFIX}1.mp4"
    assert (
        box.head_object(Bucket=s3.BUCKET, Key=key)["ContentLength"] == s3.RECORDING.stat().st_size
    )

    box.delete_object(Bucket=s3.BUCKET, Key=key)

    with pytest.raises(ClientError) as raised:
        box.head_object(Bucket=s3.BUCKET, Key=key)
    assert code(raised) == ("404", 404)


def test_a_browser_plays_the_recording_and_seeks_in_it(sandbox: Sandbox, page: Page) -> None:
    page.set_content(
        f'<video muted src="{escape(link(sandbox, s3.DEMO_PREFIX + "1.mp4"))}"></video>'
    )
    page.wait_for_function("document.querySelector('video').readyState >= 2")

    played = page.evaluate(
        """async () => {
            const video = document.querySelector('video');
            video.currentTime = 20;
            await new Promise((resolve) => { video.onseeked = resolve; });
            await video.play();
            await new Promise((resolve) => {
                video.ontimeupdate = () => video.currentTime > 20.1 && resolve();
            });
            return [video.duration, video.videoWidth, video.videoHeight];
        }"""
    )

    assert played == [24, 640, 360]
