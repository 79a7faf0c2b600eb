"""Many calls side by side, at most so many at once; each with its key's quota, its time-outs and its row in the log."""

import threading
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Final
from uuid import UUID

from django.db import connection

from bison.client import QUOTAS, VENDOR, base_url, fingerprint, who_am_i
from bison.health.choosing import Question
from bison.health.noting import CHECK
from bison.session import KeyOfAnother
from core.errors import LOST_KEY, BadCredentials, VendorError
from core.http import BearerKey, CallContext, Client, Limits
from core.masking import Secret
from core.secrets.crypto import CannotOpen

# One attempt: what fails now is asked again in the next round, and each attempt would count as a failure.
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

    def __init__(self, questions: Sequence[Question], run_id: UUID | None, triggered_by: str) -> None:
        self._left = iter(questions)
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._found: SimpleQueue[Look | BaseException | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._run_id = run_id
        self._triggered_by = triggered_by

    def run(self, at_once: int) -> Generator[Look]:
        self._threads = [threading.Thread(target=self._work, name=f"health {n}", daemon=True) for n in range(at_once)]
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
                    question = next(self._left, None)
                if question is None:
                    break
                self._found.put(self._look(question))
        except Exception as error:  # whoever waits for the answers raises it
            self._found.put(error)
        finally:
            connection.close()
            self._found.put(None)

    def _look(self, question: Question) -> Look:
        try:
            self._ask(question)
        except VendorError as error:
            return Look(question, error)
        return Look(question, None)

    def _ask(self, question: Question) -> None:
        try:
            # Opened once for all that the call needs of it.
            key = Secret(question.key.reveal())
        except CannotOpen as error:
            raise BadCredentials(VENDOR, LOST_KEY) from error
        workspace = question.workspace
        context = CallContext(
            organization_id=workspace.organization_id if workspace else None,
            run_id=self._run_id,
            workspace_name=workspace.workspace_name if workspace else "",
            instance=question.instance.slug,
            api_key_type=question.key_type,
            function_name=CHECK,
            triggered_by=self._triggered_by,
        )
        account = fingerprint(key.reveal())[:24]
        client = Client(VENDOR, account, base_url(question.address), BearerKey(key), QUOTAS, context, limits=LIMITS)
        me = who_am_i(client)
        if workspace and me.workspace_id != workspace.bison_workspace_id:
            raise KeyOfAnother(VENDOR)
