"""What looks at each answer of a vendor before its status is judged,
and what such an answer holds.
"""

from collections.abc import Callable
from typing import Any, Final

from core.errors import RateLimited, VendorError
from core.http import Answer, Costs, Quota
from core.http.client import OnAnswer
from core.http.lenient import loads
from core.vendors import Values
from core.words.sayings import Text

UNAUTHORIZED: Final = 401
A_QUARTER: Final = 900.0
# Raises what a refusal means.
Judge = Callable[[Answer], None]


def judging(judge: Judge, values: Values) -> OnAnswer:
    """Return what judges each answer, and notes that the vendor took these values."""

    def look(answer: Answer, costs: Costs) -> Costs:
        judge(answer)
        values.note_answer(answer, costs)
        return None

    return look


def judging_a_stranger(judge: Judge) -> OnAnswer:
    """Return what judges each answer, but for the refusal that a client gets which does
    not say who it is.
    """

    def look(answer: Answer, _costs: Costs) -> Costs:
        if answer.status != UNAUTHORIZED:
            judge(answer)
        return None

    return look


class Sparing:
    """Looks at each answer, and stops a client before the last calls
    of its account's day are spent.

    `is_spent` reads of an answer whether those that are left are others', None where it does not
    say; `refusal` is what an answer means that is one; `words` say why nothing goes out.
    """

    def __init__(
        self,
        vendor: str,
        values: Values,
        quotas: tuple[Quota, ...],
        *,
        is_spent: Callable[[Answer], bool | None],
        refusal: Callable[[Answer], VendorError | None],
        words: Text,
    ) -> None:
        self._vendor = vendor
        self._values = values
        self._quotas = quotas
        self._read = is_spent
        self._refusal = refusal
        self._words = words
        self._is_spent = False

    def quotas(self) -> tuple[Quota, ...]:
        """Return the client's pace; RateLimited where the calls that are left are not for us."""
        if self._is_spent:
            raise RateLimited(self._vendor, self._words, retry_after=A_QUARTER)
        return self._quotas

    def __call__(self, answer: Answer, costs: Costs) -> Costs:
        is_spent = self._read(answer)
        if is_spent is not None:
            self._is_spent = is_spent
        failure = self._refusal(answer)
        if failure is not None:
            raise failure
        self._values.note_answer(answer, costs)
        return None


def object_in(answer: Answer) -> dict[str, Any]:
    """Return the object that an answer holds, of a refusal above all;
    an empty one where it holds none.
    """
    try:
        found = loads(answer.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
