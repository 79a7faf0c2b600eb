"""S3-compatible storage, path-style: `/s3/<bucket>/<key>`. Objects live in memory; every request must be signed.

`recording.mp4` beside this file is a day's work of nobody: 24 seconds of H.264 (640x360, no sound) that were drawn for
it, of which every browser plays and seeks. It is what recorders upload and what the trial's old recordings are.

Switches: `fails` {"DELETE": "ServiceUnavailable", …} refuses a method with that code; `lies` answers a deletion with
204 and keeps the object.
"""

from sandbox.vendors.s3.vendor import ACCESS_KEY, BUCKET, DEMO_PREFIX, REGION, S3, SECRET_KEY

__all__ = ["ACCESS_KEY", "BUCKET", "DEMO_PREFIX", "REGION", "S3", "SECRET_KEY"]
