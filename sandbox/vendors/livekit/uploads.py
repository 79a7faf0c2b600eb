"""How a recorder puts its file into S3-compatible storage, with the keys
that came in the request.
"""

import http.client
from typing import Any
from urllib.parse import quote, urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.vendors.livekit.messages import Message

TIMEOUT = 20
_KEYS = ("access_key", "secret", "session_token")


def placeholders(request: Message) -> Message:
    """Return the request as it is shown: without the storage's keys."""
    return {
        **request,
        "file_outputs": [_shown(output) for output in request.get("file_outputs", [])],
    }


def _shown(output: Message) -> Message:
    if not output.get("s3"):
        return output
    return {
        **output,
        "s3": {
            name: f"{{{name}}}" if name in _KEYS else value for name, value in output["s3"].items()
        },
    }


def upload(s3: Message | None, key: str, content: bytes) -> str:
    """Put it into the storage; return '' or what went wrong in the recorder's words.

    Without storage it stays on the recorder's disk.
    """
    if not s3:
        return ""
    endpoint = s3.get("endpoint") or f"https://s3.{s3.get('region') or 'us-east-1'}.amazonaws.com"
    url = f"{endpoint}/{s3.get('bucket', '')}/{quote(key)}"
    request: Any = AWSRequest("PUT", url, data=content, headers={"Content-Type": "video/mp4"})
    keys = Credentials(
        s3.get("access_key", ""), s3.get("secret", ""), s3.get("session_token") or None
    )
    S3SigV4Auth(keys, "s3", s3.get("region") or "us-east-1").add_auth(request)
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=TIMEOUT)
    try:
        connection.request("PUT", parts.path, content, dict(request.headers.items()))
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as fault:
        return f"upload failed: {type(fault).__name__}"
    finally:
        connection.close()
    return "" if status == 200 else f"upload failed: S3 answered {status}"
