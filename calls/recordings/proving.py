"""The proof that an object is gone: deleted by us, and looked for where it was put.

A 404 alone proves little: a storage says the same of a bucket that it does not know, and another
storage says it of every object. So the bucket must answer for itself, the object is deleted whether
it shows or not, and a storage at another address than the one where the recording was put is
believed only about what it has shown first.
"""

from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from calls.models import Recording, RemovedRecording
from calls.recordings import storage
from core.errors import Misconfigured, Rejected, VendorError

# So many versions has one object at most; a storage that shows more does not delete.
MOST_VERSIONS: Final = 50
ELSEWHERE: Final = _(
    "%(vendor)s has no such recording at the address that is set, and it was put at another one. "
    "Set that address again until the recording is deleted."
)
# The storage had this of the object before we deleted it.
THERE, ABSENT = "there", "absent"


class Proofs:
    """The proofs of one sweep, which asks for each bucket itself once."""

    def __init__(self) -> None:
        self._buckets: dict[str, dict[str, Any] | VendorError] = {}

    def of(self, row: Recording | RemovedRecording) -> dict[str, Any]:
        """Delete the object of this row; return what was asked and answered.

        VendorError while it is not proved to be gone.
        """
        if not storage.configured():
            raise Misconfigured(storage.VENDOR)
        bucket, endpoint = row.bucket or settings.RECORDINGS_S3_BUCKET, storage.endpoint()
        shown = self._shown(bucket)
        moved = row.endpoint not in ("", endpoint)
        answers = _deleted(bucket, row.key, only_if_there=moved)
        what = {"endpoint": endpoint, "bucket": bucket, "key": row.key}
        if moved:
            what["put_at"] = row.endpoint
        return {
            "what": what,
            "found": _found(answers[0]),
            "when": answers[-1]["at"],
            "bucket": shown,
            "answers": answers,
        }

    def _shown(self, bucket: str) -> dict[str, Any]:
        """Return the bucket's own answer."""
        if bucket not in self._buckets:
            try:
                self._buckets[bucket] = _answer("HEAD", storage.look_at_bucket(bucket))
            except VendorError as error:
                self._buckets[bucket] = error
        known = self._buckets[bucket]
        if isinstance(known, VendorError):
            raise known
        return known


def _found(answer: dict[str, Any]) -> str:
    if answer["status"] == storage.THERE or "version" in answer:
        return THERE
    return ABSENT


def _deleted(bucket: str, key: str, *, only_if_there: bool) -> list[dict[str, Any]]:
    """Delete and look, until what was deleted is not seen any more.

    In a bucket that keeps versions a deletion only hides; so each version that shows is deleted by
    its name.
    """
    answers: list[dict[str, Any]] = []
    for _turn in range(MOST_VERSIONS):
        seen = storage.look(bucket, key)
        answers.append(_answer("HEAD", seen.status, seen.version, size=seen.size))
        if len(answers) > 1:
            if seen.is_gone:
                return answers
            if not seen.version:
                break  # it took the deletion, and has it still
        elif seen.is_gone and only_if_there:
            raise Rejected(storage.VENDOR, ELSEWHERE, status=seen.status)
        answers.append(_answer("DELETE", storage.delete(bucket, key, seen.version), seen.version))
    raise Rejected(storage.VENDOR, status=answers[-1]["status"])


def _answer(request: str, status: int, version: str = "", **more: Any) -> dict[str, Any]:
    answer = {"request": request, "status": status, "at": timezone.now().isoformat()}
    if version:
        answer["version"] = version
    return answer | more
