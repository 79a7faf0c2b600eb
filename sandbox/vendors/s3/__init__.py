"""S3-compatible storage, path-style: `/s3/<bucket>/<key>`. Objects live in memory;
every request must be signed.

`recording.mp4` beside this file was drawn for it: 24 seconds of H.264 (640x360, no sound, 27 KB),
which browsers play and seek in. It is what recorders upload, and what the recordings of a trial's
past calls are.

Switches: `fails` {"DELETE": "ServiceUnavailable", …} refuses a method with that code;
`lies` answers a deletion with 204 and keeps the object.
"""

from sandbox.vendors.demo_keys import S3_ACCESS_KEY as ACCESS_KEY
from sandbox.vendors.demo_keys import S3_BUCKET as BUCKET
from sandbox.vendors.demo_keys import S3_DEMO_PREFIX as DEMO_PREFIX
from sandbox.vendors.demo_keys import S3_REGION as REGION
from sandbox.vendors.demo_keys import S3_SECRET_KEY as SECRET_KEY
from sandbox.vendors.s3.vendor import RECORDING, S3

__all__ = ["ACCESS_KEY", "BUCKET", "DEMO_PREFIX", "RECORDING", "REGION", "S3", "SECRET_KEY"]
