"""Many calls side by side, at most so many at once; each with its key's quota,
its time-outs and its row in the log.
"""

import threading
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Final
from uuid import UUID

from django.db import connection

from bison.client import QUOTAS, VENDOR, base_url, fingerprint, me_of, who_am_i
from bison.health.choosing import Question
from bison.health.noting import CHECK
from bison.models import Workspace
from bison.session import KeyOfAnother
from core.errors import LOST_KEY, BadCredentials, VendorError
from core.http import Answer, BearerKey, CallContext, Client, Costs, Limits, quota
from core.http.client import SUCCESS
from core.masking import Secret
from core.secrets.crypto import CannotOpen

# One attempt: what fails now is asked again in the next round, and each attempt would
# count as a failure.
GRANTED_AT_ONCE: Final = 100
GRANTED_FOR: Final = 5.0
FREE: Final = {known.name: 0 for known in QUOTAS}
LIMITS: Final = Limits(connect=5, read=10, total=15, attempts=1, quota_wait=5)


@dataclass(frozen=True, slots=True)
class Look:
    """What one call found; without a failure all is well."""

    question: Question
    failure: VendorError | None


def look_at_all(
    questions: Sequence[Question], *, at_once: int, run_id: UUID | None, triggered_by: str
) -> Generator[Look]:
    """Give what each call found, as they come in. What is not asked for any more is not asked."""
    calls = _Calls(questions, run_id, triggered_by)
    with closing(calls):
        yield from calls.run(min(at_once, len(questions)))


class _Calls:
    """The questions that are left, and the threads that ask them."""

    def __init__(
        self, questions: Sequence[Question], run_id: UUID | None, triggered_by: str
    ) -> None:
        self._left = _made_ready(questions, run_id, triggered_by)
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._found: SimpleQueue[Look | BaseException | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def run(self, at_once: int) -> Generator[Look]:
        self._threads = [
            threading.Thread(target=self._work, name=f"health {n}", daemon=True)
            for n in range(at_once)
        ]
        for thread in self._threads:
            thread.start()
        working = at_once
        while working:
            found = self._found.get()
            if isinstance(found, BaseException):
                raise found
            if found is None:
                working -= 1
            else:
                yield found

    def close(self) -> None:
        """Let the calls that are under way end, and begin no others."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        try:
            while not self._over.is_set():
                with self._lock:
                    ready = next(self._left, None)
                if ready is None:
                    break
                self._found.put(self._look(ready))
        except Exception as error:  # noqa: BLE001 - whoever waits for the answers raises it
            self._found.put(error)
        finally:
            connection.close()
            self._found.put(None)

    def _look(self, ready: "_Ready") -> Look:
        if ready.client is None:
            return Look(ready.question, BadCredentials(VENDOR, LOST_KEY))
        # What was granted a while ago is asked for again.
        is_granted = ready.is_granted and time.monotonic() < ready.granted_until
        try:
            who_am_i(ready.client, quota_cost=FREE if is_granted else None)
        except VendorError as error:
            return Look(ready.question, error)
        return Look(ready.question, None)


@dataclass(slots=True)
class _Ready:
    """A question with its client; None where its key cannot be opened."""

    question: Question
    client: Client | None
    account: quota.Account | None
    is_granted: bool = False
    granted_until: float = 0.0


def _made_ready(
    questions: Sequence[Question], run_id: UUID | None, triggered_by: str
) -> Generator[_Ready]:
    """Give each question with its client, and some at a time the grants of their keys' quotas.

    Asking Redis for each call by itself was nearly half of what a call cost.
    """
    for begin in range(0, len(questions), GRANTED_AT_ONCE):
        some = [
            _ready(question, run_id, triggered_by)
            for question in questions[begin : begin + GRANTED_AT_ONCE]
        ]
        with_key = [ready for ready in some if ready.account is not None]
        granted = quota.take_at_once(
            [ready.account for ready in with_key if ready.account is not None]
        )
        until = time.monotonic() + GRANTED_FOR
        for ready, is_granted in zip(with_key, granted, strict=True):
            ready.is_granted, ready.granted_until = is_granted, until
        yield from some


def _ready(question: Question, run_id: UUID | None, triggered_by: str) -> _Ready:
    try:
        # Opened once for all that the call needs of it.
        key = Secret(question.key.reveal())
    except CannotOpen:
        return _Ready(question, None, None)
    workspace = question.workspace
    context = CallContext(
        organization_id=workspace.organization_id if workspace else None,
        run_id=run_id,
        workspace_name=workspace.workspace_name if workspace else "",
        instance=question.instance.slug,
        api_key_type=question.key_type,
        function_name=CHECK,
        triggered_by=triggered_by,
    )
    account = fingerprint(key.reveal())[:24]
    address = base_url(question.address)
    judge = partial(_judged, workspace=workspace)
    client = Client(
        VENDOR, account, address, BearerKey(key), QUOTAS, context, limits=LIMITS, on_answer=judge
    )
    return _Ready(question, client, quota.Account(VENDOR, account, QUOTAS))


def _judged(answer: Answer, _costs: Costs, *, workspace: Workspace | None) -> Costs:
    """Let a 429 speak for the key's whole quota, though this call's grant was taken before.

    KeyOfAnother for an answer from another workspace: the log has it as the failure that it is,
    and so has the workspace's health.
    """
    if workspace is None or answer.status not in SUCCESS:
        return {}
    if me_of(answer).workspace_id != workspace.bison_workspace_id:
        raise KeyOfAnother(VENDOR, status=answer.status)
    return {}
